// Convolution as functions, PyTorch's torch.nn.functional.
import { dispatch } from "../dispatch.ts";
import { type ConvAttrs, convOp } from "../ops/conv.ts";
import { cat } from "../ops/join.ts";
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

/** Spatial dims with zeros at their ends, up to `size`; recorded. @internal */
export function extended(x: Tensor, size: readonly number[]): Tensor {
  return size.reduce((t: Tensor, n, i) => {
    const more = n - t.size(i + 2);
    return more <= 0 ? t : cat([t, t.newZeros(t.shape.with(i + 2, more))], i + 2);
  }, x);
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
