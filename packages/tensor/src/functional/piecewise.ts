// Activations made of pieces, most of them straight, as functions: PyTorch's torch.nn.functional.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import * as ops from "../ops/activation.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

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
