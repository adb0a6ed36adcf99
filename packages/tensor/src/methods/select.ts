// PyTorch's x[...]: at() reads, setAt_() writes.
import { type Index, readAt, writeAt } from "../select.ts";
import type { Tensor } from "../tensor.ts";
import { IndexingMethods } from "./indexing.ts";
import type { DiagonalOptions, SliceRange } from "./slice.ts";

/** An option of `indexPut()`. */
export interface AccumulateOption {
  /** Add to what is there, counting repeated indices; replace it unless said. */
  readonly accumulate?: boolean;
}

export abstract class SelectMethods extends IndexingMethods {
  /**
   * Reads by index: PyTorch's `x[...]`.
   *
   * | here | PyTorch | gives |
   * |---|---|---|
   * | `x.at(0)`, `x.at(-1)` | `x[0]`, `x[-1]` | a view without the dim |
   * | `x.at(":", slice(1, 5, 2))` | `x[:, 1:5:2]` | a view |
   * | `x.at("...", 0)` | `x[..., 0]` | a view |
   * | `x.at(null)` | `x[None]` | a view with a new dim |
   * | `x.at([2, 0])`, `x.at(index)` | `x[[2, 0]]`, `x[index]` | a copy of what the indices name |
   * | `x.at(i, j)` | `x[i, j]` | a copy; index tensors broadcast together |
   * | `x.at(mask)` | `x[mask]` | a copy of what the mask names |
   *
   * Several index tensors put their common shape where the first of them stands if they stand side by
   * side, else in front. A mask has to be read: on devices without synchronous reads use
   * `maskedSelect()`. Gradients flow through all of these.
   *
   * @throws {ShapeError} where an index is out of range, too many are given, or a mask does not fit
   * @see https://pytorch.org/docs/stable/tensor_view.html
   * @category Indexing
   * @example
   * import assert from "node:assert/strict";
   * import { arange, setDefaultDevice, slice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const x = arange(6).reshape([2, 3]);
   * assert.deepEqual(x.at(1).tolistSync(), [3, 4, 5]);
   * assert.deepEqual(x.at(":", slice(1)).tolistSync(), [[1, 2], [4, 5]]);
   * assert.deepEqual(x.at(tensor([0, 1]), tensor([2, 0])).tolistSync(), [2, 3]);
   * assert.deepEqual(x.at(x.gt(2)).tolistSync(), [3, 4, 5]);
   */
  at(...indices: readonly Index[]): Tensor {
    return readAt("at", this.self(), indices);
  }
  /**
   * Writes by index, in place: PyTorch's `x[indices] = value`. The indices are those of `at()`, as a
   * list; the value broadcasts to what they name and is converted to this dtype.
   *
   * @throws {ShapeError} where an index is out of range, or the value does not broadcast
   * @category Indexing
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, slice, tensor, zeros } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const x = zeros([2, 3]);
   * x.setAt_([":", slice(1)], 7);
   * x.setAt_([0], tensor([1, 2, 3]));
   * assert.deepEqual(x.tolistSync(), [[1, 2, 3], [0, 7, 7]]);
   */
  setAt_(indices: readonly Index[], value: Tensor | number | boolean): this {
    writeAt("setAt_", this.self(), indices, value, false);
    return this;
  }
  /**
   * x with `values` written, or added, where index tensors or masks point; they read the leading dims.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
   * @category Indexing
   */
  indexPut(
    indices: readonly Tensor[],
    values: Tensor | number,
    options: AccumulateOption = {},
  ): Tensor {
    return this.clone().indexPut_(indices, values, options);
  }
  /** `indexPut()` in place. @category In-place */
  indexPut_(
    indices: readonly Tensor[],
    values: Tensor | number,
    { accumulate = false }: AccumulateOption = {},
  ): this {
    writeAt("indexPut_", this.self(), indices, values, accumulate);
    return this;
  }
  /** x with `source` written over indices start, start + step, ... before end of `dim`. @category Indexing */
  sliceScatter(source: Tensor, dim = 0, { start, end, step }: SliceRange = {}): Tensor {
    const result = this.clone();
    result.sliceDim(dim, { start, end, step }).copy_(source);
    return result;
  }
  /** x with `source` written over a diagonal. @category Indexing */
  diagonalScatter(source: Tensor, options: DiagonalOptions = {}): Tensor {
    const result = this.clone();
    result.diagonal(options).copy_(source);
    return result;
  }
}
