// Looking up vectors, with the table's vectors kept within a norm.
import { type EmbeddingOptions, embedding as lookup, type Tensor } from "@tead/tensor";
import { type MaxNormOptions, renormalize_ } from "./embedding-bag.ts";

/** Options of {@link embedding}. */
export interface EmbeddingFunctionOptions extends EmbeddingOptions, MaxNormOptions {}

/**
 * The rows of `weight` at the given indices; with `maxNorm` longer rows are shortened first, in
 * `weight` itself.
 *
 * **Shapes**: integer `input [...]`, `weight [rows, size] -> [..., size]`.
 *
 * @param options - `paddingIdx`, `maxNorm`, `normType`, `scaleGradByFreq`.
 * @throws ShapeError where an index is no row.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const table = tensor([[3, 4], [0.5, 0]]).float();
 * const rows = F.embedding(tensor([1, 0]), table, { maxNorm: 1 });
 * assert.ok(Math.abs(Number(rows.select(0, 1).norm().itemSync()) - 1) < 1e-6);
 */
export function embedding(
  input: Tensor,
  weight: Tensor,
  options: EmbeddingFunctionOptions = {},
): Tensor {
  renormalize_(weight, input, options);
  return lookup(input, weight, options);
}
