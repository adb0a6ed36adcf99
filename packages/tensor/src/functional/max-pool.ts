// Max pooling as functions, PyTorch's torch.nn.functional.
import { dispatch } from "../dispatch.ts";
import type { ValuesAndIndices } from "../methods/reduce.ts";
import { maxPoolOp } from "../ops/pool.ts";
import type { Tensor } from "../tensor.ts";
import { type PoolOptions, perDim, type Sizes, withBatchPair } from "./spatial.ts";

/** Options of max pooling: one number for all spatial dims, or one for each. */
export interface MaxPoolOptions extends PoolOptions {
  /** The distance between the elements of a window; 1 unless said. */
  readonly dilation?: Sizes;
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
