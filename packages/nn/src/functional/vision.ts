// Rearranging and normalizing channels, and pooling by a norm.
import {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  numelOf,
  pad,
  ShapeError,
  type Sizes,
  type Tensor,
} from "@tead/tensor";

/**
 * Channels spread over places: [..., C r^2, H, W] -> [..., C, H r, W r].
 *
 * @param upscaleFactor - r.
 * @throws ShapeError unless r^2 divides the channels.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pixel_shuffle.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { arange, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = F.pixelShuffle(arange(4).reshape([4, 1, 1]), 2);
 * assert.deepEqual(y.tolistSync(), [[[0, 1], [2, 3]]]);
 */
export function pixelShuffle(input: Tensor, upscaleFactor: number): Tensor {
  const r = upscaleFactor;
  const [batch, channels, height, width] = imageShape("pixelShuffle", input);
  if (!Number.isInteger(r) || r < 1 || channels % r ** 2 !== 0)
    throw new ShapeError(
      `Channels do not divide: expected a multiple of ${r ** 2}, received ${channels}`,
      { op: "pixelShuffle" },
    );
  const c = channels / r ** 2;
  return input
    .reshape([numelOf(batch), c, r, r, height, width])
    .permute([0, 1, 4, 2, 5, 3]) // [N, C, H, r, W, r]
    .reshape([...batch, c, height * r, width * r]);
}

/**
 * Places gathered in channels: [..., C, H r, W r] -> [..., C r^2, H, W].
 *
 * @param downscaleFactor - r.
 * @throws ShapeError unless r divides height and width.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pixel_unshuffle.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { arange, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = F.pixelUnshuffle(arange(4).reshape([1, 2, 2]), 2);
 * assert.deepEqual(y.tolistSync(), [[[0]], [[1]], [[2]], [[3]]]);
 */
export function pixelUnshuffle(input: Tensor, downscaleFactor: number): Tensor {
  const r = downscaleFactor;
  const [batch, channels, height, width] = imageShape("pixelUnshuffle", input);
  if (!Number.isInteger(r) || r < 1 || height % r !== 0 || width % r !== 0)
    throw new ShapeError(
      `Image does not divide: expected multiples of ${r}, received ${height} x ${width}`,
      { op: "pixelUnshuffle" },
    );
  return input
    .reshape([numelOf(batch), channels, height / r, r, width / r, r])
    .permute([0, 1, 3, 5, 2, 4]) // [N, C, r, r, H, W]
    .reshape([...batch, channels * r ** 2, height / r, width / r]);
}

function imageShape(op: string, { shape, dtype }: Tensor): [number[], number, number, number] {
  if (shape.length < 3)
    throw new ShapeError(
      `Input has the wrong rank: expected [..., C, H, W], received ${shape.length} dims`,
      { op, operands: [{ name: "input", shape, dtype }] },
    );
  const [c, h, w] = shape.slice(-3) as [number, number, number];
  return [shape.slice(0, -3), c, h, w];
}

/** Options of {@link localResponseNorm}. */
export interface LocalResponseNormOptions {
  /** A factor for the mean square. Default 1e-4. */
  readonly alpha?: number;
  /** The exponent. Default 0.75. */
  readonly beta?: number;
  /** Added to it. Default 1. */
  readonly k?: number;
}

/**
 * y = x / (k + alpha * mean of x^2 over `size` neighbouring channels)^beta.
 *
 * **Shapes**: `input [N, C, ...]`, the output alike.
 *
 * @throws ShapeError for fewer than 3 dims.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = F.localResponseNorm(ones([1, 3, 1]), 1, { alpha: 3, beta: 0.5 });
 * assert.deepEqual(y.tolistSync(), [[[0.5], [0.5], [0.5]]]);
 */
export function localResponseNorm(
  input: Tensor,
  size: number,
  { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormOptions = {},
): Tensor {
  const { shape, dtype } = input;
  if (shape.length < 3)
    throw new ShapeError(
      `Input has the wrong rank: expected [N, C, ...], received ${shape.length} dims`,
      { op: "localResponseNorm", operands: [{ name: "input", shape, dtype }] },
    );
  const [n, channels] = shape as [number, number];
  const squares = input.square().reshape([n, 1, channels, -1, 1]);
  const padding = [0, 0, 0, 0, Math.floor(size / 2), Math.floor((size - 1) / 2)];
  const mean = avgPool3d(pad(squares, padding), [size, 1, 1], { stride: 1 }).reshape(shape);
  return input.div(mean.mul(alpha).add(k).pow(beta));
}

/** Options of {@link lpPool1d} and its kin. */
export interface LpPoolOptions {
  /** How far the window moves. Default the kernel size. */
  readonly stride?: Sizes;
  /** Whether a last window may reach over the end. Default false. */
  readonly ceilMode?: boolean;
}

// (sum of x^p over the window)^(1/p); the sign keeps odd orders of negative sums apart.
function byNorm(mean: Tensor, count: number, p: number): Tensor {
  return mean
    .sign()
    .mul(mean.abs().relu())
    .mul(count)
    .pow(1 / p);
}

const product = (sizes: Sizes, rank: number): number =>
  typeof sizes === "number" ? sizes ** rank : sizes.reduce((a, b) => a * b, 1);

/**
 * y = (sum of x^p over each window)^(1/p), for sequences.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = F.lpPool1d(tensor([[[3, 4]]]).float(), 2, 2);
 * assert.deepEqual(y.shape, [1, 1, 1]);
 * assert.ok(Math.abs(Number(y.itemSync()) - 5) < 1e-6);
 */
export function lpPool1d(
  input: Tensor,
  normType: number,
  kernelSize: Sizes,
  options: LpPoolOptions = {},
): Tensor {
  const mean = avgPool1d(input.pow(normType), kernelSize, options);
  return byNorm(mean, product(kernelSize, 1), normType);
}

/**
 * y = (sum of x^p over each window)^(1/p), for images.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = F.lpPool2d(ones([1, 1, 2, 2]), 1, 2);
 * assert.equal(y.itemSync(), 4);
 */
export function lpPool2d(
  input: Tensor,
  normType: number,
  kernelSize: Sizes,
  options: LpPoolOptions = {},
): Tensor {
  const mean = avgPool2d(input.pow(normType), kernelSize, options);
  return byNorm(mean, product(kernelSize, 2), normType);
}

/**
 * y = (sum of x^p over each window)^(1/p), for volumes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = F.lpPool3d(ones([1, 1, 2, 2, 2]), 1, 2);
 * assert.equal(y.itemSync(), 8);
 */
export function lpPool3d(
  input: Tensor,
  normType: number,
  kernelSize: Sizes,
  options: LpPoolOptions = {},
): Tensor {
  const mean = avgPool3d(input.pow(normType), kernelSize, options);
  return byNorm(mean, product(kernelSize, 3), normType);
}
