// Batch normalization folded into the convolution or linear layer before it.
import { noGrad, ShapeError, StateError, type Tensor, zeros } from "@tead/tensor";
import type { BatchNorm1d, BatchNorm2d, BatchNorm3d } from "../layers/batch-norm.ts";
import type { Conv1d, Conv2d, Conv3d } from "../layers/conv.ts";
import type {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
} from "../layers/conv-transpose.ts";
import type { Linear } from "../layers/linear.ts";
import { Parameter } from "../parameter.ts";

type AnyConv = Conv1d | Conv2d | Conv3d | ConvTranspose1d | ConvTranspose2d | ConvTranspose3d;
type AnyBatchNorm = BatchNorm1d | BatchNorm2d | BatchNorm3d;

/**
 * One convolution that computes what `conv` followed by `bn` does in evaluation: a copy with
 * w' = w scale and b' = (b - mean) scale + shift, scale = weight / sqrt(variance + eps).
 *
 * @throws StateError unless both are in evaluation mode and `bn` has running statistics.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_conv_bn_eval.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { BatchNorm2d, Conv2d, utils } from "@tead/nn";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const [conv, bn] = [new Conv2d(3, 4, 3, { bias: false }).eval(), new BatchNorm2d(4).eval()];
 * assert.deepEqual(utils.fuseConvBnEval(conv, bn).bias?.shape, [4]);
 */
export function fuseConvBnEval<C extends AnyConv>(conv: C, bn: AnyBatchNorm): C {
  const { runningMean, runningVar } = statisticsOf("fuseConvBnEval", conv, bn);
  const transposed = /ConvTranspose/.test(conv.constructor.name);
  const fused = conv.deepCopy() as C;
  const { weight, bias } = conv;
  const options = { transposed, groups: conv.groups };
  const statistics = [runningMean, runningVar, bn.eps, bn.weight, bn.bias] as const;
  return Object.assign(fused, fuseConvBnWeights(weight, bias, ...statistics, options));
}

/** A weight and a bias. */
export interface FusedWeights {
  readonly weight: Parameter;
  readonly bias: Parameter;
}

/** Options of {@link fuseConvBnWeights}. */
export interface FuseConvOptions {
  /** Whether the convolution is a transposed one, whose weight has the outputs second. Default false. */
  readonly transposed?: boolean;
  /** A transposed convolution's groups. Default 1. */
  readonly groups?: number;
}

/**
 * The weight and bias of a convolution that computes what one with `weight` and `bias` followed by
 * batch normalization does in evaluation: what {@link fuseConvBnEval} puts into its copy.
 *
 * @param bnWeight - The normalization's own weight, if any.
 * @param bnBias - The normalization's own bias, if any.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_conv_bn_weights.html
 */
export function fuseConvBnWeights(
  weight: Tensor,
  bias: Tensor | undefined,
  runningMean: Tensor,
  runningVar: Tensor,
  eps: number,
  bnWeight?: Tensor,
  bnBias?: Tensor,
  { transposed = false, groups = 1 }: FuseConvOptions = {},
): FusedWeights {
  return noGrad(() => {
    const inverse = runningVar.add(eps).rsqrt();
    const scale = bnWeight === undefined ? inverse : inverse.mul(bnWeight);
    const perGroup = weight.size(transposed ? 1 : 0);
    // A transposed weight holds each group's outputs apart: [C_in, C_out / groups, ...kernel].
    const spread = transposed
      ? scale.reshape([groups, 1, perGroup]).expand([groups, weight.size(0) / groups, perGroup])
      : scale;
    const lead = transposed ? [weight.size(0), perGroup] : [perGroup];
    const factor = spread.reshape([...lead, ...weight.shape.slice(lead.length).map(() => 1)]);
    const { dtype, device } = weight;
    const moved = (bias ?? zeros(runningMean.shape, { dtype, device })).sub(runningMean).mul(scale);
    return {
      weight: new Parameter(weight.mul(factor)),
      bias: new Parameter(bnBias === undefined ? moved : moved.add(bnBias)),
    };
  });
}

/**
 * {@link fuseConvBnWeights} for a linear layer: every row of the weight is scaled.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_linear_bn_weights.html
 */
export function fuseLinearBnWeights(
  weight: Tensor,
  bias: Tensor | undefined,
  runningMean: Tensor,
  runningVar: Tensor,
  eps: number,
  bnWeight?: Tensor,
  bnBias?: Tensor,
): FusedWeights {
  return noGrad(() => {
    const inverse = runningVar.add(eps).rsqrt();
    const scale = bnWeight === undefined ? inverse : inverse.mul(bnWeight);
    const moved = (bias ?? runningMean.zerosLike()).sub(runningMean).mul(scale);
    return {
      weight: new Parameter(weight.mul(scale.unsqueeze(-1))),
      bias: new Parameter(bnBias === undefined ? moved : moved.add(bnBias)),
    };
  });
}

/**
 * One linear layer that computes what `linear` followed by `bn` does in evaluation: a copy.
 *
 * @throws StateError unless both are in evaluation mode and `bn` has running statistics.
 * @throws ShapeError unless `bn` has one channel, or one for each output.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_linear_bn_eval.html
 */
export function fuseLinearBnEval<L extends Linear>(linear: L, bn: AnyBatchNorm): L {
  const { runningMean, runningVar } = statisticsOf("fuseLinearBnEval", linear, bn);
  const { weight, bias } = linear;
  if (![1, weight.size(0)].includes(bn.numFeatures))
    throw new ShapeError(
      `fuseLinearBnEval: Cannot fuse: expected ${weight.size(0)} channels or 1, received ${bn.numFeatures}`,
    );
  const parts = fuseLinearBnWeights(
    weight,
    bias,
    runningMean,
    runningVar,
    bn.eps,
    bn.weight,
    bn.bias,
  );
  return Object.assign(linear.deepCopy() as L, parts);
}

/** The running statistics of a normalization, which both layers must be ready to use. */
function statisticsOf(
  op: string,
  layer: AnyConv | Linear,
  bn: AnyBatchNorm,
): { readonly runningMean: Tensor; readonly runningVar: Tensor } {
  const { runningMean, runningVar } = bn;
  if (!layer.training && !bn.training && runningMean !== undefined && runningVar !== undefined)
    return { runningMean, runningVar };
  throw new StateError(
    `${op}: Cannot fuse: expected both layers in evaluation mode and running statistics, ` +
      `received ${layer.training || bn.training ? "training mode" : "no running statistics"}`,
    { hint: "call eval() on the model first" },
  );
}
