// Python's containers while a pickle is read, before it is known what becomes of them.
import type { DictKind } from "./values.ts";

/** A dict under construction: it becomes a record where all keys are strings, else a Map. */
export class PythonDict extends Map<unknown, unknown> {
  readonly kind: DictKind;
  attributes: PythonDict | undefined = undefined;
  constructor(kind: DictKind) {
    super();
    this.kind = kind;
  }
}
