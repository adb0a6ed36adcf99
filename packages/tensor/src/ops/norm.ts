// Batch, layer and group normalization: y = (x - mean) / sqrt(variance + eps) * w + b over three
// choices of what the mean runs over. Mean and variance are outputs with gradients of their own,
// so that derivatives of every order exist.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import { defineFusable, type Fusable, type OperandSpec, throughDecomposition } from "../op.ts";
import { formatShape, numelOf, type Shape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  batchNormLayout,
  groupNormLayout,
  layerNormLayout,
  type NormLayout,
} from "./norm-layouts.ts";
import { requireFloat, requireSameDType } from "./rules.ts";

/** What every normalization takes. */
export interface EpsAttrs {
  /** Added to the variance. */
  readonly eps: number;
}
/** What layer normalization takes. */
export interface LayerNormAttrs extends EpsAttrs {
  /** How many trailing dims are normalized together. */
  readonly dims: number;
}
/** What group normalization takes. */
export interface GroupNormAttrs extends EpsAttrs {
  readonly groups: number;
}

type NormInputs = readonly ["input", "weight?", "bias?"];
type NormOutputs = readonly ["output", "mean", "variance"];
type GradInputs = readonly ["grad", "input", "weight?", "mean", "variance"];
type GradOutputs = readonly ["gradInput", "gradWeight", "gradBias"];

/** x in the layout's shape, minus the mean, over the standard deviation. */
function standardized(x: Tensor, mean: Tensor, variance: Tensor, eps: number): Tensor {
  return x.sub(mean).mul(variance.add(eps).rsqrt());
}

function forward(
  input: Tensor,
  weight: Tensor | undefined,
  bias: Tensor | undefined,
  layout: NormLayout,
  eps: number,
): readonly [Tensor, Tensor, Tensor] {
  const { shape, dims, affine, stats } = layout;
  const x = input.reshape(shape);
  const mean = x.mean(dims, { keepDim: true });
  const centered = x.sub(mean);
  const variance = centered.mul(centered).mean(dims, { keepDim: true });
  let y = centered.mul(variance.add(eps).rsqrt());
  if (weight !== undefined) y = y.mul(weight.reshape(affine));
  if (bias !== undefined) y = y.add(bias.reshape(affine));
  return [y.reshape(input.shape), mean.reshape(stats), variance.reshape(stats)];
}

// With h = (x - mean) / std and v = g w:
// dL/dx = (v - mean(v) - h mean(v h)) / std, dL/dw = sum(g h), dL/db = sum(g)
function backward(
  [grad, input, weight, average, spread]: readonly [
    Tensor,
    Tensor,
    Tensor | undefined,
    Tensor,
    Tensor,
  ],
  layout: NormLayout,
  eps: number,
): readonly [Tensor, Tensor, Tensor] {
  const { shape, dims, affine, affineShape } = layout;
  const keep = shape.map((size, i) => (dims.includes(i) ? 1 : size));
  const g = grad.reshape(shape);
  const variance = spread.reshape(keep);
  const h = standardized(input.reshape(shape), average.reshape(keep), variance, eps);
  const v = weight === undefined ? g : g.mul(weight.reshape(affine));
  const mean = (t: Tensor): Tensor => t.mean(dims, { keepDim: true });
  const gradInput = v
    .sub(mean(v))
    .sub(h.mul(mean(v.mul(h))))
    .mul(variance.add(eps).rsqrt());
  const toAffine = (t: Tensor): Tensor => t.sumToSize(affine).reshape(affineShape);
  return [gradInput.reshape(input.shape), toAffine(g.mul(h)), toAffine(g)];
}

/** What mean and variance themselves pass back: d mean/dx = 1 / n, d variance/dx = 2 (x - mean) / n */
function throughStatistics(
  input: Tensor,
  average: Tensor,
  gradMean: Tensor | undefined,
  gradVariance: Tensor | undefined,
  { shape, dims }: NormLayout,
): Tensor | undefined {
  if (gradMean === undefined && gradVariance === undefined) return undefined;
  const keep = shape.map((size, i) => (dims.includes(i) ? 1 : size));
  const count = dims.reduce((n, dim) => n * (shape[dim] as number), 1);
  let sum = input.newZeros(keep);
  if (gradMean !== undefined) sum = sum.add(gradMean.reshape(keep).div(count));
  if (gradVariance !== undefined) {
    const centered = input.reshape(shape).sub(average.reshape(keep));
    sum = sum.add(centered.mul(gradVariance.reshape(keep).mul(2 / count)));
  }
  return sum.expand(shape).reshape(input.shape);
}

interface Norm<N extends string, A extends EpsAttrs> {
  readonly op: Fusable<N, NormInputs, A, NormOutputs>;
  readonly gradOp: Fusable<`${N}Grad`, GradInputs, A, GradOutputs>;
}

/** An op and its gradient, for one choice of what the mean runs over. */
function defineNorm<const N extends string, A extends EpsAttrs>(
  name: N,
  layoutOf: (shape: Shape, attrs: A) => NormLayout,
): Norm<N, A> {
  const gradOp: Fusable<`${N}Grad`, GradInputs, A, GradOutputs> = defineFusable(`${name}Grad`, {
    inputs: ["grad", "input", "weight?", "mean", "variance"],
    outputs: ["gradInput", "gradWeight", "gradBias"],
    infer: ([, input], attrs: A) => {
      const affine = { shape: layoutOf(input.shape, attrs).affineShape, dtype: input.dtype };
      return [{ shape: input.shape, dtype: input.dtype }, affine, affine];
    },
    gradient: throughDecomposition,
    decompose: (inputs, attrs) => backward(inputs, layoutOf(inputs[1].shape, attrs), attrs.eps),
  });
  const op: Fusable<N, NormInputs, A, NormOutputs> = defineFusable(name, {
    inputs: ["input", "weight?", "bias?"],
    outputs: ["output", "mean", "variance"],
    saves: ["input", "weight", "mean", "variance"],
    infer: ([input, weight, bias], attrs: A) => {
      checkNorm(input, weight, bias, attrs);
      const layout = layoutOf(input.shape, attrs);
      checkAffine("Weight", weight, layout.affineShape);
      checkAffine("Bias", bias, layout.affineShape);
      const stats = { shape: layout.stats, dtype: input.dtype };
      return [{ shape: input.shape, dtype: input.dtype }, stats, stats];
    },
    gradient: ({ grads, needs, attrs, input, weight, mean, variance }) => {
      const layout = layoutOf(input.shape, attrs);
      const [g, gradMean, gradVariance] = grads;
      const more = needs[0]
        ? throughStatistics(input, mean, gradMean, gradVariance, layout)
        : undefined;
      if (g === undefined) return [more, undefined, undefined];
      const inputs = [g, input, weight, mean, variance] as const;
      const [gradInput, gradWeight, gradBias] = dispatch(gradOp, inputs, attrs);
      return [
        more === undefined ? gradInput : gradInput.add(more),
        needs[1] ? gradWeight : undefined,
        needs[2] ? gradBias : undefined,
      ];
    },
    decompose: ([input, weight, bias], attrs) =>
      forward(input, weight, bias, layoutOf(input.shape, attrs), attrs.eps),
  });
  return { op, gradOp };
}

function checkNorm(
  input: OperandSpec,
  weight: OperandSpec | undefined,
  bias: OperandSpec | undefined,
  { eps }: EpsAttrs,
): void {
  requireFloat(input, "Input");
  requireSameDType([input, weight, bias]);
  // Below 0 it may still leave a variance to take the root of: PyTorch allows it.
  if (Number.isNaN(Number(eps)))
    throw new RangeError(`Option eps is not valid: expected a number, received ${eps}`);
}

function checkAffine(what: string, spec: OperandSpec | undefined, shape: Shape): void {
  if (spec === undefined || sameShape(spec.shape, shape)) return;
  throw new ShapeError(
    `${what} does not fit: expected shape ${formatShape(shape)}, received ${formatShape(spec.shape)}`,
  );
}

const batch: Norm<"batchNorm", EpsAttrs> = defineNorm("batchNorm", (shape) => {
  const layout = batchNormLayout(shape);
  if (layout.count <= 1 && numelOf(shape) > 0)
    throw new ShapeError(
      "Cannot normalize over one value: expected more than 1 value per channel in training, " +
        `received input ${formatShape(shape)}`,
      { hint: "use a larger batch, or evaluation mode" },
    );
  return layout;
});
/** Over batch and space, for each channel of [N, C, ...]. */
export const batchNormOp: Norm<"batchNorm", EpsAttrs>["op"] = batch.op;
/** The gradients of `batchNormOp`, as an op of its own. */
export const batchNormGradOp: Norm<"batchNorm", EpsAttrs>["gradOp"] = batch.gradOp;

const layer: Norm<"layerNorm", LayerNormAttrs> = defineNorm(
  "layerNorm",
  (shape, attrs: LayerNormAttrs) => layerNormLayout(shape, attrs),
);
/** Over the last `dims` dims, for each place of the others. */
export const layerNormOp: Norm<"layerNorm", LayerNormAttrs>["op"] = layer.op;
/** The gradients of `layerNormOp`, as an op of its own. */
export const layerNormGradOp: Norm<"layerNorm", LayerNormAttrs>["gradOp"] = layer.gradOp;

const group: Norm<"groupNorm", GroupNormAttrs> = defineNorm(
  "groupNorm",
  (shape, attrs: GroupNormAttrs) => groupNormLayout(shape, attrs),
);
/** Over space and the channels of a group, for each sample of [N, C, ...]. */
export const groupNormOp: Norm<"groupNorm", GroupNormAttrs>["op"] = group.op;
/** The gradients of `groupNormOp`, as an op of its own. */
export const groupNormGradOp: Norm<"groupNorm", GroupNormAttrs>["gradOp"] = group.gradOp;
