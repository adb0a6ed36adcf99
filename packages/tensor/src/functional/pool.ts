// Pooling as functions, PyTorch's torch.nn.functional.
import { dispatch } from "../dispatch.ts";
import type { ValuesAndIndices } from "../methods/reduce.ts";
import { adaptiveAvgPoolOp, adaptiveMaxPoolOp, avgPoolOp, maxPoolOp } from "../ops/pool.ts";
import type { Tensor } from "../tensor.ts";
import { isBatched, perDim, type Sizes, withBatch } from "./spatial.ts";

interface PoolOptions {
  /** How far the window moves; the kernel size unless said. */
  readonly stride?: Sizes;
  /** Padding on both sides, at most half of the kernel; 0 unless said. */
  readonly padding?: Sizes;
  /** Whether a last window may reach over the end; false unless said. */
  readonly ceilMode?: boolean;
}
/** Options of max pooling: one number for all spatial dims, or one for each. */
export interface MaxPoolOptions extends PoolOptions {
  /** The distance between the elements of a window; 1 unless said. */
  readonly dilation?: Sizes;
}
/** Options of average pooling: one number for all spatial dims, or one for each. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether padding counts as elements of the window; true unless said. */
  readonly countIncludePad?: boolean;
  /** What to divide every sum by, in place of the window's size. */
  readonly divisorOverride?: number;
}
/** The output's sizes: one for all spatial dims, or one for each; `undefined` keeps the input's. */
export type OutputSizes = number | readonly (number | undefined)[];

function withBatchPair(
  op: string,
  x: Tensor,
  rank: number,
  fn: (x: Tensor) => readonly [Tensor, Tensor],
): ValuesAndIndices {
  const batched = isBatched(op, x, rank);
  const [values, indices] = fn(batched ? x : x.unsqueeze(0));
  return batched ? { values, indices } : { values: values.squeeze(0), indices: indices.squeeze(0) };
}

function maxPool(
  rank: number,
  input: Tensor,
  kernelSize: Sizes,
  { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false }: MaxPoolOptions,
): ValuesAndIndices {
  const attrs = {
    kernelSize: perDim(kernelSize, rank),
    stride: perDim(stride, rank),
    padding: perDim(padding, rank),
    dilation: perDim(dilation, rank),
    ceilMode,
  };
  return withBatchPair(`maxPool${rank}d`, input, rank, (x) => dispatch(maxPoolOp, [x], attrs));
}

function avgPool(rank: number, input: Tensor, kernelSize: Sizes, options: AvgPoolOptions): Tensor {
  const { stride = kernelSize, padding = 0, ceilMode = false } = options;
  const { countIncludePad = true, divisorOverride } = options;
  const attrs = {
    kernelSize: perDim(kernelSize, rank),
    stride: perDim(stride, rank),
    padding: perDim(padding, rank),
    ceilMode,
    countIncludePad,
    divisorOverride,
  };
  return withBatch(`avgPool${rank}d`, input, rank, (x) => dispatch(avgPoolOp, [x], attrs));
}

function outputSizes(size: OutputSizes, rank: number, x: Tensor): number[] {
  const own = x.shape.slice(2);
  if (typeof size === "number") return own.map(() => size);
  if (size.length !== rank) return size.map((n) => n ?? 0);
  return size.map((n, i) => n ?? (own[i] as number));
}

function adaptiveAvgPool(rank: number, input: Tensor, size: OutputSizes): Tensor {
  return withBatch(`adaptiveAvgPool${rank}d`, input, rank, (x) =>
    dispatch(adaptiveAvgPoolOp, [x], { outputSize: outputSizes(size, rank, x) }),
  );
}

function adaptiveMaxPool(rank: number, input: Tensor, size: OutputSizes): ValuesAndIndices {
  return withBatchPair(`adaptiveMaxPool${rank}d`, input, rank, (x) =>
    dispatch(adaptiveMaxPoolOp, [x], { outputSize: outputSizes(size, rank, x) }),
  );
}

/**
 * The largest element of each window of the spatial dims: PyTorch's `max_pool1d`. NaN wins.
 *
 * **Shapes** input `[N, C, L]` or `[C, L]` -> `[N, C, L_out]` or `[C, L_out]`. Any float dtype.
 *
 * @throws {ShapeError} where no window fits
 * @throws {RangeError} where an option is out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html
 * @category Pooling
 * @example
 * import assert from "node:assert/strict";
 * import { arange, maxPool1d, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const x = arange(4, { dtype: "float32" }).reshape([1, 1, 4]);
 * assert.deepEqual(maxPool1d(x, 2).tolistSync(), [[[1, 3]]]);
 */
export function maxPool1d(input: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor {
  return maxPool(1, input, kernelSize, options).values;
}

/**
 * `maxPool1d`, and where each maximum stands: its flat int32 position in the input's spatial dims,
 * as `max_pool1d` gives with `return_indices`.
 * @category Pooling
 */
export function maxPool1dWithIndices(
  input: Tensor,
  kernelSize: Sizes,
  options: MaxPoolOptions = {},
): ValuesAndIndices {
  return maxPool(1, input, kernelSize, options);
}

/**
 * The largest element of each window of the spatial dims: PyTorch's `max_pool2d`. NaN wins.
 *
 * **Shapes** input `[N, C, H, W]` or `[C, H, W]` -> `[N, C, H_out, W_out]` or `[C, H_out, W_out]`. Any float dtype.
 *
 * @throws {ShapeError} where no window fits
 * @throws {RangeError} where an option is out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
 * @category Pooling
 * @example
 * import assert from "node:assert/strict";
 * import { arange, maxPool2d, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const x = arange(4, { dtype: "float32" }).reshape([1, 1, 2, 2]);
 * assert.deepEqual(maxPool2d(x, 2).tolistSync(), [[[[3]]]]);
 */
export function maxPool2d(input: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor {
  return maxPool(2, input, kernelSize, options).values;
}

/**
 * `maxPool2d`, and where each maximum stands: its flat int32 position in the input's spatial dims,
 * as `max_pool2d` gives with `return_indices`.
 * @category Pooling
 */
export function maxPool2dWithIndices(
  input: Tensor,
  kernelSize: Sizes,
  options: MaxPoolOptions = {},
): ValuesAndIndices {
  return maxPool(2, input, kernelSize, options);
}

/**
 * The largest element of each window of the spatial dims: PyTorch's `max_pool3d`. NaN wins.
 *
 * **Shapes** input `[N, C, D, H, W]` or `[C, D, H, W]` -> `[N, C, D_out, H_out, W_out]` or `[C, D_out, H_out, W_out]`. Any float dtype.
 *
 * @throws {ShapeError} where no window fits
 * @throws {RangeError} where an option is out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool3d.html
 * @category Pooling
 * @example
 * import assert from "node:assert/strict";
 * import { arange, maxPool3d, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const x = arange(4, { dtype: "float32" }).reshape([1, 1, 1, 2, 2]);
 * assert.deepEqual(maxPool3d(x, [1, 2, 2]).tolistSync(), [[[[[3]]]]]);
 */
export function maxPool3d(input: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor {
  return maxPool(3, input, kernelSize, options).values;
}

/**
 * `maxPool3d`, and where each maximum stands: its flat int32 position in the input's spatial dims,
 * as `max_pool3d` gives with `return_indices`.
 * @category Pooling
 */
export function maxPool3dWithIndices(
  input: Tensor,
  kernelSize: Sizes,
  options: MaxPoolOptions = {},
): ValuesAndIndices {
  return maxPool(3, input, kernelSize, options);
}

/**
 * The mean of each window of the spatial dims: PyTorch's `avg_pool1d`.
 *
 * **Shapes** input `[N, C, L]` or `[C, L]` -> `[N, C, L_out]` or `[C, L_out]`. Any float dtype.
 *
 * @throws {ShapeError} where no window fits
 * @throws {RangeError} where an option is out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool1d.html
 * @category Pooling
 * @example
 * import assert from "node:assert/strict";
 * import { arange, avgPool1d, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const x = arange(4, { dtype: "float32" }).reshape([1, 1, 4]);
 * assert.deepEqual(avgPool1d(x, 2).tolistSync(), [[[0.5, 2.5]]]);
 */
export function avgPool1d(input: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor {
  return avgPool(1, input, kernelSize, options);
}

/**
 * The mean of each window of the spatial dims: PyTorch's `avg_pool2d`.
 *
 * **Shapes** input `[N, C, H, W]` or `[C, H, W]` -> `[N, C, H_out, W_out]` or `[C, H_out, W_out]`. Any float dtype.
 *
 * @throws {ShapeError} where no window fits
 * @throws {RangeError} where an option is out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html
 * @category Pooling
 * @example
 * import assert from "node:assert/strict";
 * import { arange, avgPool2d, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const x = arange(4, { dtype: "float32" }).reshape([1, 1, 2, 2]);
 * assert.deepEqual(avgPool2d(x, 2).tolistSync(), [[[[1.5]]]]);
 */
export function avgPool2d(input: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor {
  return avgPool(2, input, kernelSize, options);
}

/**
 * The mean of each window of the spatial dims: PyTorch's `avg_pool3d`.
 *
 * **Shapes** input `[N, C, D, H, W]` or `[C, D, H, W]` -> `[N, C, D_out, H_out, W_out]` or `[C, D_out, H_out, W_out]`. Any float dtype.
 *
 * @throws {ShapeError} where no window fits
 * @throws {RangeError} where an option is out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool3d.html
 * @category Pooling
 * @example
 * import assert from "node:assert/strict";
 * import { arange, avgPool3d, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const x = arange(4, { dtype: "float32" }).reshape([1, 1, 1, 2, 2]);
 * assert.deepEqual(avgPool3d(x, [1, 2, 2]).tolistSync(), [[[[[1.5]]]]]);
 */
export function avgPool3d(input: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor {
  return avgPool(3, input, kernelSize, options);
}

/**
 * Means over windows chosen so that the output has the given sizes: PyTorch's `adaptive_avg_pool1d`.
 *
 * **Shapes** input `[N, C, L]` or `[C, L]` -> `[N, C, L_out]` or `[C, L_out]`. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool1d.html
 * @category Pooling
 */
export function adaptiveAvgPool1d(input: Tensor, outputSize: OutputSizes): Tensor {
  return adaptiveAvgPool(1, input, outputSize);
}

/**
 * Maxima over windows chosen so that the output has the given sizes: PyTorch's `adaptive_max_pool1d`.
 *
 * **Shapes** input `[N, C, L]` or `[C, L]` -> `[N, C, L_out]` or `[C, L_out]`. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool1d.html
 * @category Pooling
 */
export function adaptiveMaxPool1d(input: Tensor, outputSize: OutputSizes): Tensor {
  return adaptiveMaxPool(1, input, outputSize).values;
}

/** `adaptiveMaxPool1d`, and the flat int32 position of each maximum. @category Pooling */
export function adaptiveMaxPool1dWithIndices(
  input: Tensor,
  outputSize: OutputSizes,
): ValuesAndIndices {
  return adaptiveMaxPool(1, input, outputSize);
}

/**
 * Means over windows chosen so that the output has the given sizes: PyTorch's `adaptive_avg_pool2d`.
 *
 * **Shapes** input `[N, C, H, W]` or `[C, H, W]` -> `[N, C, H_out, W_out]` or `[C, H_out, W_out]`. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html
 * @category Pooling
 */
export function adaptiveAvgPool2d(input: Tensor, outputSize: OutputSizes): Tensor {
  return adaptiveAvgPool(2, input, outputSize);
}

/**
 * Maxima over windows chosen so that the output has the given sizes: PyTorch's `adaptive_max_pool2d`.
 *
 * **Shapes** input `[N, C, H, W]` or `[C, H, W]` -> `[N, C, H_out, W_out]` or `[C, H_out, W_out]`. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool2d.html
 * @category Pooling
 */
export function adaptiveMaxPool2d(input: Tensor, outputSize: OutputSizes): Tensor {
  return adaptiveMaxPool(2, input, outputSize).values;
}

/** `adaptiveMaxPool2d`, and the flat int32 position of each maximum. @category Pooling */
export function adaptiveMaxPool2dWithIndices(
  input: Tensor,
  outputSize: OutputSizes,
): ValuesAndIndices {
  return adaptiveMaxPool(2, input, outputSize);
}

/**
 * Means over windows chosen so that the output has the given sizes: PyTorch's `adaptive_avg_pool3d`.
 *
 * **Shapes** input `[N, C, D, H, W]` or `[C, D, H, W]` -> `[N, C, D_out, H_out, W_out]` or `[C, D_out, H_out, W_out]`. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool3d.html
 * @category Pooling
 */
export function adaptiveAvgPool3d(input: Tensor, outputSize: OutputSizes): Tensor {
  return adaptiveAvgPool(3, input, outputSize);
}

/**
 * Maxima over windows chosen so that the output has the given sizes: PyTorch's `adaptive_max_pool3d`.
 *
 * **Shapes** input `[N, C, D, H, W]` or `[C, D, H, W]` -> `[N, C, D_out, H_out, W_out]` or `[C, D_out, H_out, W_out]`. Any float dtype.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool3d.html
 * @category Pooling
 */
export function adaptiveMaxPool3d(input: Tensor, outputSize: OutputSizes): Tensor {
  return adaptiveMaxPool(3, input, outputSize).values;
}

/** `adaptiveMaxPool3d`, and the flat int32 position of each maximum. @category Pooling */
export function adaptiveMaxPool3dWithIndices(
  input: Tensor,
  outputSize: OutputSizes,
): ValuesAndIndices {
  return adaptiveMaxPool(3, input, outputSize);
}
