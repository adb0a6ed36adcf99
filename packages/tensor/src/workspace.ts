// What the library makes on its way to a result, and user code never sees: it is freed at once.
import { runtime, type ScopeTracker } from "./context.ts";
import type { Storage } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

/** Stands in a scope's place while a decomposition or a gradient runs. @internal */
export class Workspace implements ScopeTracker {
  /** The scope that what is left belongs to. */
  readonly outer: ScopeTracker | undefined;
  #made: Storage[] = [];

  constructor(outer: ScopeTracker | undefined = runtime.context.scope) {
    this.outer = outer;
  }
  track(storage: Storage): void {
    this.#made.push(storage);
  }
  wrote(tensor: Tensor): void {
    this.outer?.wrote(tensor);
  }

  /** Frees what was made since the last call, but for the results' storages, which it gives, and what backward holds. */
  settle(results: readonly unknown[]): readonly Storage[] {
    const made = this.#made;
    if (made.length === 0) return made;
    this.#made = [];
    const left: Storage[] = [];
    for (const storage of made)
      if (isAmong(results, storage)) left.push(storage);
      else if (!storage.kept && storage.passes === 0) storage.free();
    return left;
  }
}

function isAmong(results: readonly unknown[], storage: Storage): boolean {
  for (let i = 0; i < results.length; i++)
    if ((results[i] as Tensor | undefined)?.storage === storage) return true;
  return false;
}
