// Batch normalization folded into the convolution or linear layer before it.
import { noGrad, StateError, type Tensor, zeros } from "@tead/tensor";
import type { BatchNorm1d, BatchNorm2d, BatchNorm3d } from "../layers/batch-norm.ts";
import type { Conv1d, Conv2d, Conv3d } from "../layers/conv.ts";
import type {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
} from "../layers/conv-transpose.ts";
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
  const { runningMean, runningVar } = bn;
  if (conv.training || bn.training || runningMean === undefined || runningVar === undefined)
    throw new StateError(
      "fuseConvBnEval: Cannot fuse: expected both layers in evaluation mode and running statistics, " +
        `received ${conv.training || bn.training ? "training mode" : "no running statistics"}`,
      { hint: "call eval() on the model first" },
    );
  const transposed = /ConvTranspose/.test(conv.constructor.name);
  const fused = conv.deepCopy() as C;
  noGrad(() => {
    const inverse = runningVar.add(bn.eps).rsqrt();
    const scale = bn.weight === undefined ? inverse : inverse.mul(bn.weight);
    const channelDim = transposed ? 1 : 0;
    const { weight } = conv;
    const perGroup = weight.size(channelDim);
    // A transposed weight holds each group's outputs apart: [C_in, C_out / groups, ...kernel].
    const spread = transposed
      ? scale
          .reshape([conv.groups, 1, perGroup])
          .expand([conv.groups, weight.size(0) / conv.groups, perGroup])
      : scale;
    const lead = transposed ? [weight.size(0), perGroup] : [perGroup];
    const factor = spread.reshape([...lead, ...weight.shape.slice(lead.length).map(() => 1)]);
    const bias: Tensor =
      conv.bias ?? zeros(runningMean.shape, { dtype: weight.dtype, device: weight.device });
    const moved = bias.sub(runningMean).mul(scale);
    fused.weight = new Parameter(weight.mul(factor));
    fused.bias = new Parameter(bn.bias === undefined ? moved : moved.add(bn.bias));
  });
  return fused;
}
