// Average pooling as functions, PyTorch's torch.nn.functional.
import { dispatch } from "../dispatch.ts";
import { avgPoolOp } from "../ops/pool.ts";
import type { Tensor } from "../tensor.ts";
import { type PoolOptions, perDim, type Sizes, withBatch } from "./spatial.ts";

/** Options of average pooling: one number for all spatial dims, or one for each. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether padding counts as elements of the window; true unless said. */
  readonly countIncludePad?: boolean;
  /** What to divide every sum by, in place of the window's size. */
  readonly divisorOverride?: number;
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
