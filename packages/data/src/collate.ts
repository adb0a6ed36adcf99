// How the samples of a batch become one value.
import { ShapeError, stack, Tensor, type TypedArray, tensor } from "@tead/tensor";

/** The type of a batch of `S` that {@link defaultCollate} makes. */
export type Collated<S> = S extends Tensor | number | boolean | bigint | TypedArray
  ? Tensor
  : S extends string
    ? string[]
    : S extends readonly unknown[]
      ? { -readonly [K in keyof S]: Collated<S[K]> }
      : S extends object
        ? { -readonly [K in keyof S]: Collated<S[K]> }
        : never;

/**
 * Joins samples to a batch, as PyTorch does: tensors and typed arrays are stacked along a new first dim, numbers
 * become a tensor, strings a list, and arrays and plain objects are joined member by member.
 *
 * Dtypes: a tensor keeps its own, a typed array gives the one it holds, booleans give bool, bigints int64, whole
 * numbers int32, and numbers of which one is not whole float64, PyTorch's type for Python floats.
 *
 * @param samples - At least one sample; all of the same structure.
 * @throws TypeError if a sample is of another kind than the first, or of one that no tensor holds.
 * @throws ShapeError if tensors differ in shape or lists in length.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.default_collate
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { defaultCollate } from "@tead/data";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const { x, name } = defaultCollate([{ x: 1, name: "a" }, { x: 2, name: "b" }]);
 * assert.deepEqual([await x.tolist(), name], [[1, 2], ["a", "b"]]);
 */
export function defaultCollate<S>(samples: readonly S[]): Collated<S> {
  // Each branch returns what Collated<S> says for its kind, which the compiler cannot follow.
  return collate(samples) as Collated<S>;
}

function collate(samples: readonly unknown[]): unknown {
  const kind = kindOf(samples[0]);
  for (const sample of samples) {
    if (kindOf(sample) !== kind) {
      throw new TypeError(
        `defaultCollate: Cannot join samples: expected all to be like the first, a ${kind}, received a ${kindOf(sample)}`,
      );
    }
  }
  return collators[kind](samples as never);
}

type Kind =
  | "tensor"
  | "typed array"
  | "number"
  | "boolean"
  | "bigint"
  | "string"
  | "array"
  | "object";

const PRIMITIVES: readonly string[] = ["number", "boolean", "bigint", "string"];

function kindOf(sample: unknown): Kind {
  if (sample instanceof Tensor) return "tensor";
  if (ArrayBuffer.isView(sample) && !(sample instanceof DataView)) return "typed array";
  if (Array.isArray(sample)) return "array";
  if (PRIMITIVES.includes(typeof sample)) return typeof sample as Kind;
  if (typeof sample === "object" && sample !== null && isPlain(sample)) return "object";
  const what = typeof sample === "object" && sample !== null ? sample.constructor.name : sample;
  throw new TypeError(
    `defaultCollate: Cannot join ${String(what)}: expected tensors, typed arrays, numbers, booleans, bigints, strings, or arrays and plain objects of them\nHint: transform samples into tensors (ToTensor for images), or pass a collateFn`,
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const collators: { readonly [K in Kind]: (samples: never) => unknown } = {
  tensor: (samples: readonly Tensor[]) => stack(samples),
  "typed array": stackArrays,
  number: (samples: readonly number[]) =>
    tensor(samples, { dtype: samples.every(Number.isInteger) ? "int32" : "float64" }),
  boolean: (samples: readonly boolean[]) => tensor(samples, { dtype: "bool" }),
  bigint: (samples: readonly bigint[]) => tensor(samples, { dtype: "int64" }),
  string: (samples: readonly string[]) => [...samples],
  array: transpose,
  object: joinMembers,
};

function stackArrays(samples: readonly TypedArray[]): Tensor {
  return stack(samples.map((sample) => tensor(sample)));
}

function transpose(samples: readonly (readonly unknown[])[]): unknown[] {
  const length = samples[0]!.length;
  const other = samples.find((sample) => sample.length !== length);
  if (other !== undefined) {
    throw new ShapeError(
      `Cannot join lists: expected ${length} members as in the first sample, received ${other.length}`,
      { op: "defaultCollate" },
    );
  }
  return Array.from({ length }, (_, i) => collate(samples.map((sample) => sample[i])));
}

function joinMembers(samples: readonly Record<string, unknown>[]): Record<string, unknown> {
  const keys = Object.keys(samples[0]!);
  for (const sample of samples) {
    const missing = keys.find((key) => !(key in sample));
    if (missing !== undefined) {
      throw new TypeError(
        `defaultCollate: Cannot join samples: expected a member "${missing}" in each, as in the first`,
      );
    }
  }
  const members = keys.map((key) => [key, collate(samples.map((sample) => sample[key]))] as const);
  return Object.fromEntries(members);
}
