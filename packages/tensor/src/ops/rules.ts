// Shape and dtype rules that op families share.
import { categoryOf, type DType, isFloat, resultType } from "../dtype.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import type { OperandSpec, TensorSpec } from "../op.ts";
import { broadcastShapes, normalizeDim, sameShape } from "../shape.ts";

/** The attributes of an op that has none. */
export type NoAttrs = Readonly<Record<never, never>>;

/** Same shape and dtype. */
export const sameSpec = ([input]: readonly [OperandSpec]): [TensorSpec] => [
  { shape: input.shape, dtype: input.dtype },
];

/** Integers and bools become float32, the default float dtype. */
export function floatDType(dtype: DType): DType {
  return isFloat(dtype) ? dtype : "float32";
}

/** Same shape; integers become float32. */
export const floatSpec = ([input]: readonly [OperandSpec]): [TensorSpec] => [
  { shape: input.shape, dtype: floatDType(input.dtype) },
];

/** Same shape, bool. */
export const boolSpec = ([input]: readonly [OperandSpec]): [TensorSpec] => [
  { shape: input.shape, dtype: "bool" },
];

/** The broadcast shape and the promoted dtype of the operands. */
export function broadcastSpec(inputs: readonly OperandSpec[]): [TensorSpec] {
  const first = inputs[0] as OperandSpec;
  let uniform = true;
  for (let i = 1; i < inputs.length; i++) {
    const { dtype, shape, weak } = inputs[i] as OperandSpec;
    // A weak float32 beside a float changes neither shape nor dtype: the common fast case.
    const neutral = weak
      ? isFloat(first.dtype)
      : dtype === first.dtype && sameShape(shape, first.shape);
    if (!neutral) uniform = false;
  }
  // A tensor is its own spec.
  if (uniform && !first.weak) return [first];
  return [
    { shape: broadcastShapes(...inputs.map((spec) => spec.shape)), dtype: resultType(inputs) },
  ];
}

/** As `broadcastSpec`, with integers made float32: division and its like. */
export function floatBroadcastSpec(inputs: readonly OperandSpec[]): [TensorSpec] {
  const [spec] = broadcastSpec(inputs);
  return [{ shape: spec.shape, dtype: floatDType(spec.dtype) }];
}

/** As `broadcastSpec`, bool: comparisons. */
export function compareSpec(inputs: readonly OperandSpec[]): [TensorSpec] {
  return [{ shape: broadcastShapes(...inputs.map((spec) => spec.shape)), dtype: "bool" }];
}

/** Refuses floating-point operands: bitwise ops. */
export function requireIntegers(inputs: readonly OperandSpec[]): void {
  for (const { dtype } of inputs)
    if (isFloat(dtype))
      throw new DTypeError(
        `Operand is not an integer: expected an integer or bool, received ${dtype}`,
      );
}

/** Refuses bool operands: subtraction, negation and their like. */
export function refuseBool(inputs: readonly OperandSpec[], hint: string): void {
  if (inputs.some((spec) => spec.dtype === "bool"))
    throw new DTypeError("Cannot compute with bool operands: expected numbers", { hint });
}

/** Refuses everything but integers (and bool where said): index operands. */
export function requireIndex({ dtype }: OperandSpec, what: string): void {
  if (categoryOf(dtype) !== "integer")
    throw new DTypeError(
      `${what} is not an integer tensor: expected an integer dtype, received ${dtype}`,
    );
}

export function requireFloat({ dtype }: OperandSpec, what: string, op?: string): void {
  if (!isFloat(dtype))
    throw new DTypeError(
      `${what} is not floating-point: expected a float dtype, received ${dtype}`,
      {
        ...(op === undefined ? {} : { op }),
        hint: 'convert with .to("float32")',
      },
    );
}

/** Refuses operands of several dtypes: matmul, convolution. */
export function requireSameDType(inputs: readonly (OperandSpec | undefined)[], op?: string): void {
  let dtype: DType | undefined;
  for (const spec of inputs) {
    if (spec === undefined) continue;
    dtype ??= spec.dtype;
    if (spec.dtype === dtype) continue;
    throw new DTypeError(
      `Operands have several dtypes: expected ${dtype} throughout, received ${spec.dtype}`,
      {
        ...(op === undefined ? {} : { op }),
        hint: "convert one of them with .to(dtype)",
      },
    );
  }
}

/** `dim` counted from the front; refuses dims of size 0 where a reduction needs an element. */
export function checkReducible(spec: OperandSpec, dims: readonly number[]): void {
  for (const dim of dims)
    if (spec.shape[normalizeDim(dim, spec.shape.length)] === 0)
      throw new ShapeError(
        `Cannot reduce an empty dim: expected at least one element along dim ${dim}`,
        {
          hint: "sum() and prod() are defined for empty dims",
        },
      );
}
