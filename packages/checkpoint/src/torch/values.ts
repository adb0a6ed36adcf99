// The Python values that JavaScript has no like of, so that a file keeps what it is.
import type { DType } from "@tead/tensor";

/**
 * A Python tuple: an array that is saved as a tuple. Arrays that are not are saved as lists.
 *
 * @example
 * import assert from "node:assert/strict";
 * import { load, save, Tuple } from "@tead/checkpoint";
 * const bytes = await save({ betas: new Tuple([0.9, 0.999]), lengths: [1, 2] });
 * const { betas, lengths } = await load<{ betas: number[]; lengths: number[] }>(bytes);
 * assert.ok(betas instanceof Tuple && !(lengths instanceof Tuple));
 * assert.deepEqual([...betas], [0.9, 0.999]);
 */
export class Tuple<T = unknown> extends Array<T> {
  /** What `map()` and `slice()` make: plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
  constructor(items: Iterable<T> = []) {
    super();
    // Not push(...items): a long list would overflow the stack.
    for (const item of items) this.push(item);
  }
}

/** A `torch.Size`: a tuple of sizes. */
export class Size extends Tuple<number> {}

/** A `torch.dtype` that stands in a file as a value. */
export class TorchDType {
  /** PyTorch's name of it, without `torch.`: also one for which Tead has no dtype. */
  readonly name: string;
  constructor(name: DType | (string & {})) {
    this.name = name;
  }
  /** PyTorch's spelling. */
  toString(): string {
    return `torch.${this.name}`;
  }
}

/** A `torch.device` that stands in a file as a value. */
export class TorchDevice {
  /** `"cpu"`, `"cuda"`, ... */
  readonly type: string;
  readonly index: number | undefined;
  constructor(type: string, index?: number) {
    this.type = type;
    this.index = index;
  }
  /** PyTorch's spelling. */
  toString(): string {
    return this.index === undefined ? this.type : `${this.type}:${this.index}`;
  }
}

/**
 * A number that is to be saved as a Python float although it is an integer. `save` writes `1` as an
 * int and `1.5` as a float; `new Float(1)` is saved as 1.0. `load` gives plain numbers for both.
 */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  /** The number itself, for arithmetic. */
  valueOf(): number {
    return this.value;
  }
}

/** The kinds of Python dict that are told apart. */
export type DictKind = "dict" | "OrderedDict" | "Counter";

interface DictInfo {
  readonly kind: DictKind;
  /** What Python keeps in the dict's `__dict__`: a state dict's `_metadata`. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The keys' order, where a record cannot keep it: it has "0" before "a". */
  readonly order?: readonly string[];
}

/** Non-enumerable, so that entries, JSON and comparisons do not see it. */
const dictKey = Symbol.for("tead.checkpoint.dict");

/**
 * Marks a record or a Map as an `OrderedDict` (or a `Counter`), so that `save` writes one. What
 * `load` read from one is marked already; records without a mark are saved as dicts.
 *
 * @param value - A record or a Map; it is returned.
 * @param attributes - What Python finds in its `__dict__`: `{ _metadata }` for a state dict.
 */
export function orderedDict<T extends object>(
  value: T,
  attributes: Readonly<Record<string, unknown>> = {},
): T {
  return markDict(value, { kind: "OrderedDict", attributes });
}

/** @internal */
export function markDict<T extends object>(value: T, info: DictInfo): T {
  return Object.defineProperty(value, dictKey, { value: info, configurable: true });
}

/** Which kind of dict a record or a Map is, and its attributes. */
export function dictInfo(value: object): DictInfo {
  const info = (value as { [dictKey]?: DictInfo })[dictKey];
  return info ?? { kind: "dict", attributes: {} };
}

/**
 * Under this key a tensor says that it is an `nn.Parameter`: the parameters of @tead/nn do, and so
 * does a tensor that `load` read from one.
 */
export const parameterKey: unique symbol = Symbol.for("tead.parameter");

/** A value that PyTorch's format can hold. */
export type TorchValue = null | boolean | number | bigint | string | object | readonly TorchValue[];
