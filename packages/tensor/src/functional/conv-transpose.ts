// Transposed convolution as functions, PyTorch's torch.nn.functional.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import { type ConvAttrs, convGradInputOp } from "../ops/conv.ts";
import { checkSizes, reach, windowCounts } from "../ops/windows.ts";
import type { Tensor } from "../tensor.ts";
import { type ConvOptions, extended } from "./conv.ts";
import { perDim, type Sizes, withBatch } from "./spatial.ts";

/** Options of `convTranspose1d`, `convTranspose2d` and `convTranspose3d`. */
export interface ConvTransposeOptions extends Omit<ConvOptions, "padding"> {
  /** What the output loses on both sides; 0 unless said. */
  readonly padding?: Sizes;
  /** What the output gains at the end, under stride or dilation; 0 unless said. */
  readonly outputPadding?: Sizes;
}

function convTranspose(
  rank: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: ConvTransposeOptions,
): Tensor {
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
  const op = `convTranspose${rank}d`;
  const attrs = {
    stride: perDim(stride, rank),
    padding: perDim(padding, rank),
    dilation: perDim(dilation, rank),
    groups,
  };
  const more = perDim(outputPadding, rank);
  checkSizes(op, "stride", attrs.stride, rank, 1);
  checkSizes(op, "padding", attrs.padding, rank, 0);
  checkSizes(op, "dilation", attrs.dilation, rank, 1);
  checkOutputPadding(op, more, attrs);
  return withBatch(op, input, rank, (x) => {
    const kernel = weight.shape.slice(2);
    const covered = reach(x.shape.slice(2), kernel, attrs);
    const inputSize = covered.map(
      (n, i) => n - 2 * (attrs.padding[i] as number) + (more[i] as number),
    );
    // Output padding beyond the stride makes room for windows that the input does not have.
    const fits = weight.ndim === rank + 2;
    const source = fits ? extended(x, windowCounts(inputSize, kernel, attrs)) : x;
    const y = dispatch(convGradInputOp, [source, weight], { ...attrs, inputSize });
    if (bias === undefined) return y;
    checkTransposedBias(op, bias, y);
    return y.add(bias.reshape([-1, ...kernel.map(() => 1)]));
  });
}

function checkOutputPadding(op: string, more: readonly number[], attrs: ConvAttrs): void {
  const rank = attrs.stride.length;
  checkSizes(op, "outputPadding", more, rank, 0);
  more.forEach((n, i) => {
    const limit = Math.max(attrs.stride[i] as number, attrs.dilation[i] as number);
    if (n >= limit)
      throw new RangeError(
        `${op}: Option outputPadding is not valid: expected less than stride or dilation ` +
          `(${limit}), received ${n}`,
      );
  });
}

function checkTransposedBias(op: string, bias: Tensor, y: Tensor): void {
  if (bias.ndim === 1 && bias.size(0) === y.size(1)) return;
  const { shape, dtype } = bias;
  throw new ShapeError(
    `Bias does not fit: expected shape [${y.size(1)}], received [${shape.join(", ")}]`,
    { op, operands: [{ name: "bias", shape, dtype, device: bias.device.name }] },
  );
}

/**
 * The transposed convolution of sequences, the gradient of `conv1d` by its input: each element adds
 * its kernel to the output. y[n, o, i * stride + k * dilation - padding] += x[n, c, i] * w[c, o, k]
 *
 * **Shapes** input `[N, C, L]` or `[C, L]`, weight `[C, C_out / groups, K]`, bias `[C_out]`
 * -> `[N, C_out, L_out]` or `[C_out, L_out]`, each size
 * (size - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1. All of one float dtype.
 *
 * @throws {ShapeError} where channels, kernel or bias do not fit
 * @throws {RangeError} where an option is out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html
 * @category Convolution
 * @example
 * import assert from "node:assert/strict";
 * import { convTranspose1d, ones, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const y = convTranspose1d(ones([1, 1, 2]), ones([1, 1, 2]), undefined, { stride: 2 });
 * assert.deepEqual(y.tolistSync(), [[[1, 1, 1, 1]]]);
 */
export function convTranspose1d(
  input: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvTransposeOptions = {},
): Tensor {
  return convTranspose(1, input, weight, bias, options);
}

/**
 * The transposed convolution of images, the gradient of `conv2d` by its input: each element adds
 * its kernel to the output. y[n, o, i * stride + k * dilation - padding] += x[n, c, i] * w[c, o, k]
 *
 * **Shapes** input `[N, C, H, W]` or `[C, H, W]`, weight `[C, C_out / groups, K_h, K_w]`, bias `[C_out]`
 * -> `[N, C_out, H_out, W_out]` or `[C_out, H_out, W_out]`, each size
 * (size - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1. All of one float dtype.
 *
 * @throws {ShapeError} where channels, kernel or bias do not fit
 * @throws {RangeError} where an option is out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html
 * @category Convolution
 * @example
 * import assert from "node:assert/strict";
 * import { convTranspose2d, ones, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const y = convTranspose2d(ones([1, 1, 2, 1]), ones([1, 1, 2, 2]));
 * assert.deepEqual(y.tolistSync(), [[[[1, 1], [2, 2], [1, 1]]]]);
 */
export function convTranspose2d(
  input: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvTransposeOptions = {},
): Tensor {
  return convTranspose(2, input, weight, bias, options);
}

/**
 * The transposed convolution of volumes, the gradient of `conv3d` by its input: each element adds
 * its kernel to the output. y[n, o, i * stride + k * dilation - padding] += x[n, c, i] * w[c, o, k]
 *
 * **Shapes** input `[N, C, D, H, W]` or `[C, D, H, W]`, weight `[C, C_out / groups, K_d, K_h, K_w]`, bias `[C_out]`
 * -> `[N, C_out, D_out, H_out, W_out]` or `[C_out, D_out, H_out, W_out]`, each size
 * (size - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1. All of one float dtype.
 *
 * @throws {ShapeError} where channels, kernel or bias do not fit
 * @throws {RangeError} where an option is out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose3d.html
 * @category Convolution
 * @example
 * import assert from "node:assert/strict";
 * import { convTranspose3d, ones, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const y = convTranspose3d(ones([1, 1, 1, 2, 1]), ones([1, 1, 1, 2, 1]));
 * assert.deepEqual(y.tolistSync(), [[[[[1], [2], [1]]]]]);
 */
export function convTranspose3d(
  input: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvTransposeOptions = {},
): Tensor {
  return convTranspose(3, input, weight, bias, options);
}
