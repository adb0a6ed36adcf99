// Activations as functions, PyTorch's torch.nn.functional. relu, sigmoid, tanh, softmax and
// logSoftmax are methods of Tensor.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import * as ops from "../ops/activation.ts";
import { formatShape, normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * The Gaussian error linear unit: y = x Phi(x), Phi the normal distribution function, or its tanh
 * approximation.
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { gelu, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(gelu(tensor([-20.5, 0, 20.5])).relu().tolistSync(), [0, 0, 20.5]);
 */
export function gelu(
  input: Tensor,
  { approximate = "none" }: { readonly approximate?: "none" | "tanh" } = {},
): Tensor {
  if (approximate !== "none" && approximate !== "tanh")
    throw new RangeError(
      `gelu: Option approximate is not valid: expected "none" or "tanh", received ${approximate}`,
    );
  return dispatch(ops.geluOp, [input], { approximate });
}

/**
 * The sigmoid linear unit (swish): y = x sigmoid(x).
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.silu.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { silu, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(silu(tensor([0, 100.5])).tolistSync(), [0, 100.5]);
 */
export function silu(input: Tensor): Tensor {
  return dispatch(ops.siluOp, [input], {});
}

/**
 * y = x tanh(ln(1 + e^x)).
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.mish.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { mish, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(mish(tensor([0, 100.5])).tolistSync(), [0, 100.5]);
 */
export function mish(input: Tensor): Tensor {
  return dispatch(ops.mishOp, [input], {});
}

/**
 * The logarithm of the sigmoid, without overflow: y = -ln(1 + e^-x).
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { logsigmoid, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(logsigmoid(tensor([-1000.5])).tolistSync(), [-1000.5]);
 */
export function logsigmoid(input: Tensor): Tensor {
  return dispatch(ops.logsigmoidOp, [input], {});
}

/**
 * y = ln(1 + e^(beta x)) / beta, and x itself where beta x is above `threshold`.
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { softplus, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(softplus(tensor([-1000.5, 100.5])).tolistSync(), [0, 100.5]);
 */
export function softplus(
  input: Tensor,
  { beta = 1, threshold = 20 }: { readonly beta?: number; readonly threshold?: number } = {},
): Tensor {
  return dispatch(ops.softplusOp, [input], { beta, threshold });
}

/**
 * y = x above 0, else `negativeSlope` x (0.01 unless said).
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { leakyRelu, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(leakyRelu(tensor([-1.5, 2.5]), { negativeSlope: 0.5 }).tolistSync(), [-0.75, 2.5]);
 */
export function leakyRelu(
  input: Tensor,
  { negativeSlope = 0.01 }: { readonly negativeSlope?: number } = {},
): Tensor {
  return dispatch(ops.leakyReluOp, [input], { negativeSlope });
}

/**
 * The exponential linear unit: y = x above 0, else `alpha` (e^x - 1); alpha is 1 unless said.
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.elu.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { elu, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(elu(tensor([-1000.5, 2.5])).tolistSync(), [-1, 2.5]);
 */
export function elu(input: Tensor, { alpha = 1 }: { readonly alpha?: number } = {}): Tensor {
  return dispatch(ops.eluOp, [input], { alpha, scale: 1, inputScale: 1 });
}

/** The alpha and scale that keep means at 0 and variances at 1 (Klambauer et al., 2017). */
const seluAttrs: ops.EluAttrs = {
  alpha: 1.6732632423543772,
  scale: 1.0507009873554805,
  inputScale: 1,
};

/**
 * The scaled exponential linear unit: y = scale x above 0, else scale alpha (e^x - 1).
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.selu.html
 * @category Activation
 */
export function selu(input: Tensor): Tensor {
  return dispatch(ops.eluOp, [input], seluAttrs);
}

/**
 * y = x above 0, else `alpha` (e^(x / alpha) - 1); alpha is 1 unless said.
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.celu.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { celu, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(celu(tensor([-1000.5, 2.5]), { alpha: 2 }).tolistSync(), [-2, 2.5]);
 */
export function celu(input: Tensor, { alpha = 1 }: { readonly alpha?: number } = {}): Tensor {
  if (alpha === 0 || Number.isNaN(alpha))
    throw new RangeError(
      `celu: Option alpha is not valid: expected a number other than 0, received ${alpha}`,
    );
  return dispatch(ops.eluOp, [input], { alpha, scale: 1, inputScale: 1 / alpha });
}

/**
 * x limited to [minVal, maxVal], [-1, 1] unless said.
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardtanh.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { hardtanh, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(hardtanh(tensor([-1.5, 0.5, 2])).tolistSync(), [-1, 0.5, 1]);
 */
export function hardtanh(
  input: Tensor,
  { minVal = -1, maxVal = 1 }: { readonly minVal?: number; readonly maxVal?: number } = {},
): Tensor {
  return dispatch(ops.hardtanhOp, [input], { min: minVal, max: maxVal });
}

/**
 * x limited to [0, 6].
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.relu6.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { relu6, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(relu6(tensor([-1.5, 0.5, 7])).tolistSync(), [0, 0.5, 6]);
 */
export function relu6(input: Tensor): Tensor {
  return dispatch(ops.hardtanhOp, [input], { min: 0, max: 6 });
}

/**
 * y = x min(max(x + 3, 0), 6) / 6.
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { hardswish, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(hardswish(tensor([-4.5, 0, 4.5])).tolistSync(), [-0, 0, 4.5]);
 */
export function hardswish(input: Tensor): Tensor {
  return dispatch(ops.hardswishOp, [input], {});
}

/**
 * y = min(max(x + 3, 0), 6) / 6.
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardsigmoid.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { hardsigmoid, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(hardsigmoid(tensor([-4.5, 0, 4.5])).tolistSync(), [0, 0.5, 1]);
 */
export function hardsigmoid(input: Tensor): Tensor {
  return dispatch(ops.hardsigmoidOp, [input], {});
}

/**
 * y = 0 where |x| <= `lambd`, else x; lambd is 0.5 unless said.
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { hardshrink, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(hardshrink(tensor([-1.5, 0.25])).tolistSync(), [-1.5, 0]);
 */
export function hardshrink(
  input: Tensor,
  { lambd = 0.5 }: { readonly lambd?: number } = {},
): Tensor {
  return dispatch(ops.hardshrinkOp, [input], { lambd });
}

/**
 * y = 0 where |x| <= `lambd`, else x moved by lambd toward 0; lambd is 0.5 unless said.
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @throws {RangeError} where `lambd` is negative
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softshrink.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { softshrink, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(softshrink(tensor([-1.5, 0.25])).tolistSync(), [-1, 0]);
 */
export function softshrink(
  input: Tensor,
  { lambd = 0.5 }: { readonly lambd?: number } = {},
): Tensor {
  if (!(lambd >= 0))
    throw new RangeError(
      `softshrink: Option lambd is not valid: expected a number of at least 0, received ${lambd}`,
    );
  return dispatch(ops.softshrinkOp, [input], { lambd });
}

/**
 * y = x above `threshold`, else `value`.
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.threshold.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { threshold, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(threshold(tensor([0.5, 1.5]), 1, 9).tolistSync(), [9, 1.5]);
 */
export function threshold(input: Tensor, threshold: number, value: number): Tensor {
  return dispatch(ops.thresholdOp, [input], { threshold, value });
}

/**
 * y = x / (1 + |x|).
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { softsign, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(softsign(tensor([-1, 0, 1]).float()).tolistSync(), [-0.5, 0, 0.5]);
 */
export function softsign(input: Tensor): Tensor {
  return input.div(input.abs().add(1));
}

/**
 * y = x - tanh(x).
 *
 * **Shapes** any -> the same. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { tanhshrink, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(tanhshrink(tensor([0, 100.5])).tolistSync(), [0, 99.5]);
 */
export function tanhshrink(input: Tensor): Tensor {
  return input.sub(input.tanh());
}

/**
 * The gated linear unit: the first half along `dim` times the sigmoid of the second.
 *
 * **Shapes** `[..., 2 n, ...]` -> `[..., n, ...]`. Any float dtype.
 *
 * @throws {ShapeError} where the dim does not split in two
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.glu.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { glu, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(glu(tensor([1.5, 0])).tolistSync(), [0.75]);
 */
export function glu(input: Tensor, dim = -1): Tensor {
  const d = normalizeDim(dim, input.ndim);
  const size = input.shape[d] ?? 1;
  if (size % 2 !== 0)
    throw new ShapeError(
      `glu: Dim does not split in two: expected an even size along dim ${d}, received ` +
        formatShape(input.shape),
    );
  const half = size / 2;
  return input.narrow(d, 0, half).mul(input.narrow(d, half, half).sigmoid());
}

/**
 * y = x above 0, else w x, with one learned w or one for each channel.
 *
 * **Shapes** input any, or `[N, C, ...]` with weight `[C]` -> the input's. Any float dtype.
 *
 * @throws {ShapeError} where the weight has neither 1 nor C elements
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.prelu.html
 * @category Activation
 * @example
 * import assert from "node:assert/strict";
 * import { prelu, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(prelu(tensor([-1.5, 2.5]), tensor([0.5])).tolistSync(), [-0.75, 2.5]);
 */
export function prelu(input: Tensor, weight: Tensor): Tensor {
  const count = weight.numel();
  const channels = input.ndim < 2 ? 1 : input.size(1);
  if (weight.ndim > 1 || (count !== 1 && count !== channels))
    throw new ShapeError(
      `prelu: Weight does not fit: expected 1 element or one for each of ${channels} channels, ` +
        `received ${formatShape(weight.shape)}`,
    );
  const each =
    count === 1
      ? weight.reshape([])
      : weight.reshape(input.shape.map((_, i) => (i === 1 ? channels : 1)));
  return input.gt(0).where(input, input.mul(each));
}
