// Softmax and its logarithm along one dim.
import { dispatch } from "../dispatch.ts";
import {
  defineFusable,
  type Fusable,
  type OperandSpec,
  type TensorSpec,
  throughDecomposition,
} from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { requireFloat } from "./rules.ts";

interface DimAttrs {
  /** Counted from the front. */
  readonly dim: number;
}
const floatOnly = ([input]: readonly [OperandSpec]): [TensorSpec] => {
  requireFloat(input, "Input of softmax");
  return [{ shape: input.shape, dtype: input.dtype }];
};

/** y = exp(x - max) / sum(exp(x - max)) along `dim`; dL/dx = y * (g - sum(g * y)) */
export const softmaxOp: Fusable<"softmax", readonly ["input"], DimAttrs> = defineFusable(
  "softmax",
  {
    inputs: ["input"],
    saves: ["output"],
    infer: floatOnly,
    gradient: ({ grads: [g], output: y, attrs: { dim } }) => [softmaxGradient(g, y, dim)],
    decompose: ([x], { dim }) => {
      if (x.numel() === 0) return [x.clone()];
      const e = x.sub(x.amax(dim, { keepDim: true })).exp();
      return [e.div(e.sum(dim, { keepDim: true }))];
    },
  },
);

/** y = x - max - ln(sum(exp(x - max))) along `dim`; dL/dx = g - exp(y) * sum(g) */
export const logSoftmaxOp: Fusable<"logSoftmax", readonly ["input"], DimAttrs> = defineFusable(
  "logSoftmax",
  {
    inputs: ["input"],
    saves: ["output"],
    infer: floatOnly,
    gradient: ({ grads: [g], output: y, attrs: { dim } }) => [logSoftmaxGradient(g, y, dim)],
    decompose: ([x], { dim }) => {
      if (x.numel() === 0) return [x.clone()];
      const shifted = x.sub(x.amax(dim, { keepDim: true }));
      return [shifted.sub(shifted.exp().sum(dim, { keepDim: true }).log())];
    },
  },
);

function softmaxGradient(g: Tensor, y: Tensor, dim: number): Tensor {
  return dispatch(softmaxGradOp, [g, y], { dim });
}
function logSoftmaxGradient(g: Tensor, y: Tensor, dim: number): Tensor {
  return dispatch(logSoftmaxGradOp, [g, y], { dim });
}

type GradInputs = readonly ["grad", "output"];

/** y * (g - sum(g * y)): softmax's gradient as an op, so that a backend may fuse it. */
export const softmaxGradOp: Fusable<"softmaxGrad", GradInputs, DimAttrs> = defineFusable(
  "softmaxGrad",
  {
    inputs: ["grad", "output"],
    infer: ([grad]): [TensorSpec] => [grad],
    gradient: throughDecomposition,
    decompose: ([g, y], { dim }) => [y.mul(g.sub(g.mul(y).sum(dim, { keepDim: true })))],
  },
);

/** g - exp(y) * sum(g): log-softmax's gradient as an op, so that a backend may fuse it. */
export const logSoftmaxGradOp: Fusable<"logSoftmaxGrad", GradInputs, DimAttrs> = defineFusable(
  "logSoftmaxGrad",
  {
    inputs: ["grad", "output"],
    infer: ([grad]): [TensorSpec] => [grad],
    gradient: throughDecomposition,
    decompose: ([g, y], { dim }) => [g.sub(y.exp().mul(g.sum(dim, { keepDim: true })))],
  },
);
