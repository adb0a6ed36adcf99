// Convolution and transposed convolution as functions, PyTorch's torch.nn.functional.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import { type ConvAttrs, convGradInputOp, convOp } from "../ops/conv.ts";
import { cat } from "../ops/join.ts";
import { checkSizes, reach, windowCounts } from "../ops/windows.ts";
import type { Tensor } from "../tensor.ts";
import { perDim, type Sizes, withBatch } from "./spatial.ts";

/** Options of `conv1d`, `conv2d` and `conv3d`: one number for all spatial dims, or one for each. */
export interface ConvOptions {
  /** How far the kernel moves; 1 unless said. */
  readonly stride?: Sizes;
  /** Zeros on both sides; 0 unless said. "valid" is 0, "same" keeps the size (stride 1 only). */
  readonly padding?: Sizes | "same" | "valid";
  /** The distance between kernel elements; 1 unless said. */
  readonly dilation?: Sizes;
  /** Into how many independent convolutions the channels are split; 1 unless said. */
  readonly groups?: number;
}

/** Options of `convTranspose1d`, `convTranspose2d` and `convTranspose3d`. */
export interface ConvTransposeOptions extends Omit<ConvOptions, "padding"> {
  /** What the output loses on both sides; 0 unless said. */
  readonly padding?: Sizes;
  /** What the output gains at the end, under stride or dilation; 0 unless said. */
  readonly outputPadding?: Sizes;
}

function conv(
  rank: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: ConvOptions,
): Tensor {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const op = `conv${rank}d`;
  const plain = {
    stride: perDim(stride, rank),
    dilation: perDim(dilation, rank),
    groups,
  };
  return withBatch(op, input, rank, (x) => {
    if (typeof padding !== "string")
      return dispatch(convOp, [x, weight, bias], { ...plain, padding: perDim(padding, rank) });
    const [source, attrs] = namedPadding(op, x, weight, plain, padding);
    return dispatch(convOp, [source, weight, bias], attrs);
  });
}

function namedPadding(
  op: string,
  x: Tensor,
  weight: Tensor,
  plain: Omit<ConvAttrs, "padding">,
  padding: "same" | "valid",
): [Tensor, ConvAttrs] {
  const rank = plain.stride.length;
  if (padding === "valid") return [x, { ...plain, padding: perDim(0, rank) }];
  if (padding !== "same")
    throw new RangeError(
      `${op}: Option padding is not valid: expected integers, "same" or "valid", received ${padding}`,
    );
  if (plain.stride.some((s) => s !== 1))
    throw new RangeError(
      `${op}: Option padding is not valid: expected integers where stride is not 1, received "same"`,
    );
  const total = weight.shape.slice(2).map((k, i) => (plain.dilation[i] ?? 1) * (k - 1));
  const attrs = { ...plain, padding: total.map((n) => Math.floor(n / 2)) };
  if (total.every((n) => n % 2 === 0) || x.ndim !== rank + 2) return [x, attrs];
  // An odd total pads one more at the end.
  const size = total.map((n, i) => x.size(i + 2) + (n % 2));
  return [extended(x, size), attrs];
}

/** Spatial dims with zeros at their ends, up to `size`; recorded. */
function extended(x: Tensor, size: readonly number[]): Tensor {
  return size.reduce((t: Tensor, n, i) => {
    const more = n - t.size(i + 2);
    return more <= 0 ? t : cat([t, t.newZeros(t.shape.with(i + 2, more))], i + 2);
  }, x);
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
 * Convolves sequences with a bank of kernels (a cross-correlation, as everywhere in deep learning):
 * y[n, o, i] = bias[o] + sum over c, k of x[n, c, i * stride + k * dilation - padding] * w[o, c, k]
 *
 * **Shapes** input `[N, C, L]` or `[C, L]`, weight `[C_out, C / groups, K]`, bias `[C_out]`
 * -> `[N, C_out, L_out]` or `[C_out, L_out]`, each size
 * floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1. All of one float dtype.
 *
 * @throws {ShapeError} where channels, kernel or bias do not fit
 * @throws {RangeError} where an option is out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html
 * @category Convolution
 * @example
 * import assert from "node:assert/strict";
 * import { conv1d, ones, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const y = conv1d(ones([1, 1, 4]), ones([1, 1, 2]));
 * assert.deepEqual(y.tolistSync(), [[[2, 2, 2]]]);
 */
export function conv1d(
  input: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvOptions = {},
): Tensor {
  return conv(1, input, weight, bias, options);
}

/**
 * Convolves images with a bank of kernels (a cross-correlation, as everywhere in deep learning):
 * y[n, o, i] = bias[o] + sum over c, k of x[n, c, i * stride + k * dilation - padding] * w[o, c, k]
 *
 * **Shapes** input `[N, C, H, W]` or `[C, H, W]`, weight `[C_out, C / groups, K_h, K_w]`, bias `[C_out]`
 * -> `[N, C_out, H_out, W_out]` or `[C_out, H_out, W_out]`, each size
 * floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1. All of one float dtype.
 *
 * @throws {ShapeError} where channels, kernel or bias do not fit
 * @throws {RangeError} where an option is out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
 * @category Convolution
 * @example
 * import assert from "node:assert/strict";
 * import { conv2d, ones, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const y = conv2d(ones([1, 1, 3, 3]), ones([1, 1, 2, 2]));
 * assert.deepEqual(y.tolistSync(), [[[[4, 4], [4, 4]]]]);
 */
export function conv2d(
  input: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvOptions = {},
): Tensor {
  return conv(2, input, weight, bias, options);
}

/**
 * Convolves volumes with a bank of kernels (a cross-correlation, as everywhere in deep learning):
 * y[n, o, i] = bias[o] + sum over c, k of x[n, c, i * stride + k * dilation - padding] * w[o, c, k]
 *
 * **Shapes** input `[N, C, D, H, W]` or `[C, D, H, W]`, weight `[C_out, C / groups, K_d, K_h, K_w]`, bias `[C_out]`
 * -> `[N, C_out, D_out, H_out, W_out]` or `[C_out, D_out, H_out, W_out]`, each size
 * floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1. All of one float dtype.
 *
 * @throws {ShapeError} where channels, kernel or bias do not fit
 * @throws {RangeError} where an option is out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv3d.html
 * @category Convolution
 * @example
 * import assert from "node:assert/strict";
 * import { conv3d, ones, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const y = conv3d(ones([1, 1, 1, 2, 2]), ones([1, 1, 1, 2, 1]));
 * assert.deepEqual(y.tolistSync(), [[[[[2, 2]]]]]);
 */
export function conv3d(
  input: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvOptions = {},
): Tensor {
  return conv(3, input, weight, bias, options);
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
