// Embedding as a function, PyTorch's torch.nn.functional.
import { dispatch } from "../dispatch.ts";
import { embeddingOp } from "../ops/embedding.ts";
import type { Tensor } from "../tensor.ts";

/** Options of `embedding`. */
export interface EmbeddingOptions {
  /** The row whose gradient stays 0; negative counts from the end. */
  readonly paddingIdx?: number | undefined;
  /** Whether a row's gradient is divided by how often it was looked up; false unless said. */
  readonly scaleGradByFreq?: boolean;
}

/**
 * The rows of `weight` at the given indices.
 *
 * **Shapes** integer input `[...]`, weight `[rows, size]` -> `[..., size]`. Any dtype of weight.
 *
 * @throws {ShapeError} where an index is no row
 * @throws {RangeError} where `paddingIdx` is no row
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html
 * @category Embedding
 * @example
 * import assert from "node:assert/strict";
 * import { embedding, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const rows = embedding(tensor([1, 0]), tensor([[0.5, 1], [2, 3]]));
 * assert.deepEqual(rows.tolistSync(), [[2, 3], [0.5, 1]]);
 */
export function embedding(
  input: Tensor,
  weight: Tensor,
  { paddingIdx, scaleGradByFreq = false }: EmbeddingOptions = {},
): Tensor {
  const rows = weight.shape[0] ?? 0;
  if (paddingIdx !== undefined && !(paddingIdx >= -rows && paddingIdx < rows))
    throw new RangeError(
      `embedding: Option paddingIdx is not valid: expected an integer from ${-rows} to ` +
        `${rows - 1}, received ${paddingIdx}`,
    );
  const padding = paddingIdx !== undefined && paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
  return dispatch(embeddingOp, [input, weight], { paddingIdx: padding, scaleGradByFreq });
}
