// Making values: copies with conversion, constants, ranges.
import { type DType, integerRange, isFloat } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import { definePrimitive, nonDifferentiable, type Primitive } from "../op.ts";
import type { Shape } from "../shape.ts";

/** y = x, converted to `dtype`: contiguous(), clone(), to(dtype), copy_(). */
export const copyOp: Primitive<"copy", readonly ["input"], { dtype: DType }> = definePrimitive(
  "copy",
  {
    inputs: ["input"],
    infer: ([input], { dtype }) => [{ shape: input.shape, dtype }],
    gradient: ({ grads: [g], inputs: [input] }) => [
      isFloat(input.dtype) ? g.to(input.dtype) : undefined,
    ],
  },
);

/** y = value everywhere. */
export const fillOp: Primitive<
  "fill",
  readonly [],
  { shape: Shape; dtype: DType; value: number | bigint }
> = definePrimitive("fill", {
  inputs: [],
  infer: (_, { shape, dtype, value }) => {
    const range = integerRange(dtype);
    // As in PyTorch, uint8 takes the negatives of its values too, and wraps them.
    const low = dtype === "uint8" ? -256 : (range?.[0] ?? 0) - 1;
    if (range !== undefined && !(value > low && value < range[1] + 1))
      throw new DTypeError(
        `Value does not fit ${dtype}: expected ${range[0]} to ${range[1]}, received ${value}`,
      );
    return [{ shape, dtype }];
  },
  gradient: () => [],
});

/** y[i] = start + step * i. */
export const arangeOp: Primitive<
  "arange",
  readonly [],
  { start: number; step: number; count: number; dtype: DType }
> = definePrimitive("arange", {
  inputs: [],
  infer: (_, { count, dtype }) => [{ shape: [count], dtype }],
  gradient: nonDifferentiable,
});
