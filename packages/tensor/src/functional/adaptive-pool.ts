// Adaptive pooling as functions, PyTorch's torch.nn.functional.
import { dispatch } from "../dispatch.ts";
import type { ValuesAndIndices } from "../methods/reduce.ts";
import { adaptiveAvgPoolOp, adaptiveMaxPoolOp } from "../ops/pool.ts";
import type { Tensor } from "../tensor.ts";
import { withBatch, withBatchPair } from "./spatial.ts";

/** The output's sizes: one for all spatial dims, or one for each; `undefined` keeps the input's. */
export type OutputSizes = number | readonly (number | undefined)[];

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
