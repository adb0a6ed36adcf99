// Losses that need an op of their own: negative log likelihood by class index, cross entropy, which is
// that of a log-softmax in one pass, binary cross entropy with its limits, and the squared error, which
// small networks compute at every step. The others are compositions, in functional/loss.ts.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import {
  defineFusable,
  type Fusable,
  type OperandSpec,
  type TensorSpec,
  throughDecomposition,
} from "../op.ts";
import { formatShape, numelOf, type Shape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { type NoAttrs, requireFloat, requireIndex, requireSameDType } from "./rules.ts";
import { logSoftmaxGradOp, logSoftmaxOp } from "./softmax.ts";

/** What becomes of the elements' losses. */
export type Reduction = "none" | "mean" | "sum";

/** What the negative log-likelihood takes beside its tensors. */
export interface NllLossAttrs {
  readonly reduction: Reduction;
  /** The target that counts for nothing. */
  readonly ignoreIndex: number;
}
interface NllGradAttrs extends NllLossAttrs {
  /** How many classes there are. */
  readonly classes: number;
}

function checkNll(input: OperandSpec, target: OperandSpec, weight: OperandSpec | undefined): void {
  requireFloat(input, "Input");
  requireIndex(target, "Target");
  requireSameDType([input, weight]);
  const [n, classes, ...rest] = input.shape;
  const expected = [n as number, ...rest];
  if (classes === undefined || !sameShape(expected, target.shape))
    throw new ShapeError(
      `Target does not fit: expected shape ${formatShape(expected)} for an input [N, C, ...], ` +
        `received ${formatShape(target.shape)}`,
    );
  if (weight !== undefined && !sameShape(weight.shape, [classes]))
    throw new ShapeError(
      `Weight does not fit: expected shape [${classes}], received ${formatShape(weight.shape)}`,
    );
}

type NllInputs = readonly ["input", "target", "weight?"];

/**
 * y = -w[t] x[t] for each target t, 0 where it is ignored; their sum, or that over the sum of w[t]
 */
export const nllLossOp: Fusable<
  "nllLoss",
  NllInputs,
  NllLossAttrs,
  readonly ["output", "totalWeight"]
> = defineFusable("nllLoss", {
  inputs: ["input", "target", "weight?"],
  outputs: ["output", "totalWeight"],
  saves: ["target", "weight", "totalWeight"],
  infer: ([input, target, weight], { reduction }): [TensorSpec, TensorSpec] => {
    checkNll(input, target, weight);
    const shape: Shape = reduction === "none" ? target.shape : [];
    return [
      { shape, dtype: input.dtype },
      { shape: [], dtype: input.dtype },
    ];
  },
  gradient: ({ grads: [g], inputs: [input], attrs, target, weight, totalWeight }) => {
    if (g === undefined) return [undefined, undefined, undefined];
    const classes = input.shape[1] as number;
    const inputs = [g, target, weight, totalWeight] as const;
    return [dispatch(nllLossGradOp, inputs, { ...attrs, classes }), undefined, undefined];
  },
  decompose: ([input, target, weight], attrs) => {
    const { index, weights } = picked(target, weight, input, attrs.ignoreIndex);
    const losses = input.gather(1, index).mul(weights).squeeze(1).neg();
    const total = weights.sum();
    if (attrs.reduction === "none") return [losses, total];
    const sum = losses.sum();
    return [attrs.reduction === "sum" ? sum : sum.div(total), total];
  },
});

/** The targets as [N, 1, ...] indices, ignored ones at 0, each one's weight, which ones are left out. */
function picked(
  target: Tensor,
  weight: Tensor | undefined,
  like: Tensor,
  ignoreIndex: number,
): { readonly index: Tensor; readonly weights: Tensor; readonly left: Tensor } {
  const ignored = target.eq(ignoreIndex);
  // A negative target must not count from the end: it is out of range.
  const checked = target.lt(0).where(like.size(1), target);
  const index = ignored.where(0, checked).unsqueeze(1);
  const kept = ignored.logicalNot().unsqueeze(1).to(like.dtype);
  const left = ignored.unsqueeze(1);
  if (weight === undefined) return { index, weights: kept, left };
  const each = weight.indexSelect(0, index.reshape([-1])).reshape(index.shape);
  return { index, weights: left.where(0, each), left };
}

type NllGradInputs = readonly ["grad", "target", "weight?", "totalWeight"];

/** dL/dx[t] = -g w[t], or that over the total weight; its own gradient picks as the loss does */
export const nllLossGradOp: Fusable<"nllLossGrad", NllGradInputs, NllGradAttrs> = defineFusable(
  "nllLossGrad",
  {
    inputs: ["grad", "target", "weight?", "totalWeight"],
    saves: ["target", "weight"],
    infer: ([grad, { shape }], { classes }): [TensorSpec] => [
      { shape: [shape[0] as number, classes, ...shape.slice(1)], dtype: grad.dtype },
    ],
    gradient: ({ grads: [g], attrs: { classes: _, ...attrs }, target, weight }) => [
      dispatch(nllLossOp, [g, target, weight], attrs)[0],
      undefined,
      undefined,
      undefined,
    ],
    decompose: ([g, target, weight, total], { classes, ignoreIndex, reduction }) => {
      const shape = [target.size(0), classes, ...target.shape.slice(1)];
      const zeros = g.newZeros(shape);
      const { index, weights, left } = picked(target, weight, zeros, ignoreIndex);
      const share = reduction === "none" ? g.unsqueeze(1) : reduction === "mean" ? g.div(total) : g;
      const losses = left.where(0, share.mul(weights).neg());
      return [zeros.scatter(1, index, losses.expand(index.shape))];
    },
  },
);

function checkAlike(input: OperandSpec, target: OperandSpec): void {
  requireFloat(input, "Input");
  requireSameDType([input, target]);
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError(
      `Target does not fit: expected shape ${formatShape(input.shape)}, ` +
        `received ${formatShape(target.shape)}`,
    );
}

type CrossEntropyInputs = readonly ["input", "target", "weight?"];
type CrossEntropyOutputs = readonly ["output", "totalWeight", "logProbabilities"];

/**
 * y = -w[t] x[t] for each target t, x the log-softmax of the input along dim 1; 0 where the target is
 * ignored; their sum, or that over the sum of w[t]
 */
export const crossEntropyOp: Fusable<
  "crossEntropy",
  CrossEntropyInputs,
  NllLossAttrs,
  CrossEntropyOutputs
> = defineFusable("crossEntropy", {
  inputs: ["input", "target", "weight?"],
  outputs: ["output", "totalWeight", "logProbabilities"],
  saves: ["target", "weight", "totalWeight", "logProbabilities"],
  infer: (specs, attrs) => {
    const [output, totalWeight] = nllLossOp.infer(specs, attrs);
    const [{ shape, dtype }] = specs;
    return [output, totalWeight, { shape, dtype }] as never;
  },
  gradient: ({ grads, attrs, target, weight, totalWeight, logProbabilities: x }) => {
    const [g, , gradX] = grads;
    const operands = [g as never, x, target, weight, totalWeight] as const;
    const ofLoss = g && dispatch(crossEntropyGradOp, operands, attrs);
    const ofX = gradX && dispatch(logSoftmaxGradOp, [gradX, x], { dim: 1 });
    return [ofLoss && ofX ? ofLoss.add(ofX) : (ofLoss ?? ofX), undefined, undefined];
  },
  decompose: ([input, target, weight], attrs) => {
    const x = dispatch(logSoftmaxOp, [input], { dim: 1 });
    const [output, totalWeight] = dispatch(nllLossOp, [x, target, weight], attrs);
    return [output, totalWeight, x];
  },
});

type CrossEntropyGradInputs = readonly [
  "grad",
  "logProbabilities",
  "target",
  "weight?",
  "totalWeight",
];

/** dL/dinput = g w[t] (softmax - 1 at t), or that over the total weight; 0 where the target is ignored */
export const crossEntropyGradOp: Fusable<"crossEntropyGrad", CrossEntropyGradInputs, NllLossAttrs> =
  defineFusable("crossEntropyGrad", {
    inputs: ["grad", "logProbabilities", "target", "weight?", "totalWeight"],
    infer: ([, { shape, dtype }]) => [{ shape, dtype }],
    gradient: throughDecomposition,
    decompose: ([grad, x, target, weight, totalWeight], attrs) => {
      const classes = x.size(1);
      const operands = [grad, target, weight, totalWeight] as const;
      const picked = dispatch(nllLossGradOp, operands, { ...attrs, classes });
      return [dispatch(logSoftmaxGradOp, [picked, x], { dim: 1 })];
    },
  });

type BceInputs = readonly ["input", "target"];

/**
 * y = -(t ln x + (1 - t) ln(1 - x)), each logarithm at least -100;
 * dL/dx = g (x - t) / max(x (1 - x), 1e-12), dL/dt = g (ln(1 - x) - ln x)
 */
export const binaryCrossEntropyOp: Fusable<"binaryCrossEntropy", BceInputs, NoAttrs> =
  defineFusable("binaryCrossEntropy", {
    inputs: ["input", "target"],
    saves: ["input", "target"],
    elementwise: true,
    infer: ([input, target]): [TensorSpec] => {
      checkAlike(input, target);
      return [{ shape: input.shape, dtype: input.dtype }];
    },
    gradient: ({ grads: [g], needs, input, target }) => {
      const x = input as Tensor;
      return [
        needs[0] ? g.mul(x.sub(target)).div(x.rsub(1).mul(x).clamp(1e-12)) : undefined,
        needs[1] ? g.mul(x.neg().log1p().sub(x.log())) : undefined,
      ];
    },
    decompose: ([x, target]) => [
      target
        .sub(1)
        .mul(x.neg().log1p().clamp(-100))
        .sub(target.mul(x.log().clamp(-100))),
    ],
  });

/** What the squared error takes beside its tensors. */
export interface MseLossAttrs {
  readonly reduction: Reduction;
}

/** y = (x - t)^2, or their mean or sum; dL/dt = -dL/dx */
export const mseLossOp: Fusable<"mseLoss", readonly ["input", "target"], MseLossAttrs> =
  defineFusable("mseLoss", {
    inputs: ["input", "target"],
    saves: ["input", "target"],
    infer: ([input, target], { reduction }): [TensorSpec] => {
      checkAlike(input, target);
      return [{ shape: reduction === "none" ? input.shape : [], dtype: input.dtype }];
    },
    gradient: ({ grads: [g], needs, attrs, input, target }) => {
      const dx = dispatch(mseLossGradOp, [g, input as Tensor, target as Tensor], attrs);
      return [needs[0] ? dx : undefined, needs[1] ? dx.neg() : undefined];
    },
    decompose: ([x, t], { reduction }) => {
      const losses = x.sub(t).square();
      if (reduction === "none") return [losses];
      return [reduction === "sum" ? losses.sum() : losses.mean()];
    },
  });

type MseGradInputs = readonly ["grad", "input", "target"];

/** dL/dx = 2 g (x - t), for the mean over the number of elements */
export const mseLossGradOp: Fusable<"mseLossGrad", MseGradInputs, MseLossAttrs> = defineFusable(
  "mseLossGrad",
  {
    inputs: ["grad", "input", "target"],
    infer: ([, input]): [TensorSpec] => [{ shape: input.shape, dtype: input.dtype }],
    gradient: throughDecomposition,
    decompose: ([g, x, t], { reduction }) => {
      const factor = reduction === "mean" ? 2 / numelOf(x.shape) : 2;
      return [x.sub(t).mul(factor).mul(g)];
    },
  },
);
