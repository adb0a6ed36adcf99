// Smooth activations as functions, PyTorch's torch.nn.functional. relu, sigmoid, tanh, softmax and
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
