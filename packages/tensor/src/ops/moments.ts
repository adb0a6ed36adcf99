// Reductions that measure size and spread: variance, standard deviation, norms.
import { defineFusable, type Fusable, type OperandSpec, type TensorSpec } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { countOf, type ReduceAttrs, reducedShape, restoreDims } from "./reduce.ts";
import { requireFloat } from "./rules.ts";

/** What a variance takes. */
export interface VarianceAttrs extends ReduceAttrs {
  /** The divisor is count - correction. */
  readonly correction: number;
}

const floatReduction =
  <A extends ReduceAttrs>(what: string) =>
  ([input]: readonly [OperandSpec], { dims, keepDim }: A): [TensorSpec] => {
    requireFloat(input, what);
    return [{ shape: reducedShape(input.shape, dims, keepDim), dtype: input.dtype }];
  };

const centered = (x: Tensor, dims: readonly number[]): Tensor =>
  x.sub(x.mean(dims, { keepDim: true }));

const freedom = (x: Tensor, { dims, correction }: VarianceAttrs): number =>
  Math.max(countOf(x.shape, dims) - correction, 0);

/** y = sum((x - mean)^2) / (count - correction) over `dims`; dL/dx = g * 2 (x - mean) / (count - correction) */
export const varOp: Fusable<"var", readonly ["input"], VarianceAttrs> = defineFusable("var", {
  inputs: ["input"],
  saves: ["input"],
  infer: floatReduction<VarianceAttrs>("Input of var"),
  gradient: ({ grads: [g], attrs, input: x }) => [
    restoreDims(g, attrs)
      .mul(2 / freedom(x, attrs))
      .mul(centered(x, attrs.dims)),
  ],
  decompose: ([x], attrs) => {
    const distance = centered(x, attrs.dims);
    const total = distance.mul(distance).sum(attrs.dims, { keepDim: attrs.keepDim });
    return [total.div(freedom(x, attrs))];
  },
});

/** y = sqrt(var(x)); dL/dx = g * (x - mean) / (y (count - correction)), 0 where y is 0 */
export const stdOp: Fusable<"std", readonly ["input"], VarianceAttrs> = defineFusable("std", {
  inputs: ["input"],
  saves: ["input", "output"],
  infer: floatReduction<VarianceAttrs>("Input of std"),
  gradient: ({ grads: [g], attrs, input: x, output }) => {
    const y = restoreDims(output, attrs);
    const factor = restoreDims(g, attrs).div(y.mul(freedom(x, attrs)));
    return [y.eq(0).where(0, factor).mul(centered(x, attrs.dims))];
  },
  decompose: ([x], { dims, keepDim, correction }) => [x.var(dims, { keepDim, correction }).sqrt()],
});

/** y = sqrt(sum(x^2)) over `dims`; dL/dx = g * x / y, 0 where y is 0 */
export const norm2Op: Fusable<"norm2", readonly ["input"], ReduceAttrs> = defineFusable("norm2", {
  inputs: ["input"],
  saves: ["input", "output"],
  infer: floatReduction<ReduceAttrs>("Input of norm"),
  gradient: ({ grads: [g], attrs, input: x, output }) => {
    const y = restoreDims(output, attrs);
    return [y.eq(0).where(0, x.mul(restoreDims(g, attrs).div(y)))];
  },
  decompose: ([x], { dims, keepDim }) => [x.mul(x).sum(dims, { keepDim }).sqrt()],
});

/** What a vector norm takes. */
export interface NormAttrs extends ReduceAttrs {
  /** The exponent, neither 0 nor infinite. */
  readonly p: number;
}

/** y = sum(|x|^p)^(1/p) over `dims`; dL/dx = g * sign(x) * |x|^(p-1) / y^(p-1), 0 where x or y is 0 */
export const normOp: Fusable<"norm", readonly ["input"], NormAttrs> = defineFusable("norm", {
  inputs: ["input"],
  saves: ["input", "output"],
  infer: floatReduction<NormAttrs>("Input of norm"),
  gradient: ({ grads: [g], attrs, input: x, output }) => {
    const y = restoreDims(output, attrs);
    const ratio = x
      .abs()
      .div(y)
      .pow(attrs.p - 1);
    const slope = x.sign().mul(ratio);
    return [
      x
        .eq(0)
        .logicalOr(y.eq(0))
        .where(0, slope.mul(restoreDims(g, attrs))),
    ];
  },
  decompose: ([x], { dims, keepDim, p }) => [
    x
      .abs()
      .pow(p)
      .sum(dims, { keepDim })
      .pow(1 / p),
  ],
});
