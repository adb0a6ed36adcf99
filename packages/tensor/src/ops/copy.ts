// Making values: copies with conversion, constants, ranges.
import { type DType, isFloat } from "../dtype.ts";
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
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
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
