// Reading and writing elements by index.
import { dispatch, dispatchInto } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import * as ops from "../ops/indexing.ts";
import * as views from "../ops/view.ts";
import { broadcastShapes, formatShape, normalizeDim, normalizeDims, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { AlphaOption } from "./binary.ts";
import { MatmulMethods } from "./matmul.ts";

export abstract class IndexingMethods extends MatmulMethods {
  /**
   * y[..., i, ...] = x[..., index[i], ...] along `dim`: rows by number.
   *
   * @param dim - the dim that the index reads
   * @param index - a vector of any integer dtype; negative counts from the end
   * @throws {ShapeError} where an index is out of range
   * @see https://pytorch.org/docs/stable/generated/torch.index_select.html
   * @category Indexing
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const table = tensor([[1, 2], [3, 4], [5, 6]]);
   * assert.deepEqual(table.indexSelect(0, tensor([2, 0])).tolistSync(), [[5, 6], [1, 2]]);
   */
  indexSelect(dim: number, index: Tensor): Tensor {
    return dispatch(ops.indexSelectOp, [this.self(), index], {
      dim: normalizeDim(dim, this.ndim, "indexSelect"),
    });
  }
  /**
   * y[i][j] = x[index[i][j]][j] for dim 0, y[i][j] = x[i][index[i][j]] for dim 1, and so on.
   *
   * **Shapes**: the result has the index's shape, which lies within x's in all dims but `dim`.
   *
   * @throws {ShapeError} where the index does not fit or is out of range
   * @see https://pytorch.org/docs/stable/generated/torch.gather.html
   * @category Indexing
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const scores = tensor([[0.1, 0.9], [0.8, 0.2]], { dtype: "float64" });
   * const target = tensor([[1], [0]]);
   * assert.deepEqual(scores.gather(1, target).tolistSync(), [[0.9], [0.8]]);
   */
  gather(dim: number, index: Tensor): Tensor {
    return dispatch(ops.gatherOp, [this.self(), index], {
      dim: normalizeDim(dim, this.ndim, "gather"),
    });
  }
  /** A number stands for as many of it as there are indices, without memory for each. */
  private indexSource(index: Tensor, source: Tensor | number): Tensor {
    return typeof source === "number" ? this.newFull([], source).expand(index.shape) : source;
  }
  /**
   * x with source[i][j] written at [index[i][j]][j] for dim 0, and so on: the opposite of `gather()`. Of
   * repeated places the last one written wins.
   *
   * @param dim - the dim that the index names
   * @param index - within x's shape in all other dims
   * @param source - a tensor that covers the index, or a number
   * @throws {ShapeError} where the index does not fit or is out of range
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_.html
   * @category Indexing
   */
  scatter(dim: number, index: Tensor, source: Tensor | number): Tensor {
    const inputs = [this.self(), index, this.indexSource(index, source)] as const;
    return dispatch(ops.scatterOp, inputs, { dim: normalizeDim(dim, this.ndim, "scatter") });
  }
  /** `scatter()` in place. @category In-place */
  scatter_(dim: number, index: Tensor, source: Tensor | number): this {
    const inputs = [this.self(), index, this.indexSource(index, source)] as const;
    dispatchInto(
      ops.scatterOp,
      inputs,
      { dim: normalizeDim(dim, this.ndim, "scatter_") },
      this.self(),
    );
    return this;
  }
  /** x with source[i][j] added at [index[i][j]][j] for dim 0, and so on. @category Indexing */
  scatterAdd(dim: number, index: Tensor, source: Tensor): Tensor {
    const attrs = { dim: normalizeDim(dim, this.ndim, "scatterAdd") };
    return dispatch(ops.scatterAddOp, [this.self(), index, source], attrs);
  }
  /** `scatterAdd()` in place. @category In-place */
  scatterAdd_(dim: number, index: Tensor, source: Tensor): this {
    const attrs = { dim: normalizeDim(dim, this.ndim, "scatterAdd_") };
    dispatchInto(ops.scatterAddOp, [this.self(), index, source], attrs, this.self());
    return this;
  }
  /** x with source[..., i, ...], times `alpha` where given, added at index[i] along `dim`. @category Indexing */
  indexAdd(dim: number, index: Tensor, source: Tensor, { alpha = 1 }: AlphaOption = {}): Tensor {
    const attrs = { dim: normalizeDim(dim, this.ndim, "indexAdd") };
    const scaled = alpha === 1 ? source : source.mul(alpha);
    return dispatch(ops.indexAddOp, [this.self(), index, scaled], attrs);
  }
  /** `indexAdd()` in place. @category In-place */
  indexAdd_(dim: number, index: Tensor, source: Tensor, { alpha = 1 }: AlphaOption = {}): this {
    const attrs = { dim: normalizeDim(dim, this.ndim, "indexAdd_") };
    const scaled = alpha === 1 ? source : source.mul(alpha);
    dispatchInto(ops.indexAddOp, [this.self(), index, scaled], attrs, this.self());
    return this;
  }
  /** The index along `dim` repeated over all other dims of `source`. */
  private indexAlong(dim: number, index: Tensor, source: Tensor): Tensor {
    if (source.ndim === 0) return index.reshape([]);
    const d = normalizeDim(dim, source.ndim);
    return index.reshape(source.shape.map((_, i) => (i === d ? -1 : 1))).expand(source.shape);
  }
  /** x with source[..., i, ...] written at index[i] along `dim`. @category Indexing */
  indexCopy(dim: number, index: Tensor, source: Tensor): Tensor {
    this.checkIndexSource("indexCopy", dim, index, source);
    return this.scatter(dim, this.indexAlong(dim, index, source), source);
  }
  /** `indexCopy()` in place. @category In-place */
  indexCopy_(dim: number, index: Tensor, source: Tensor): this {
    this.checkIndexSource("indexCopy_", dim, index, source);
    return this.scatter_(dim, this.indexAlong(dim, index, source), source);
  }
  private checkIndexSource(method: string, dim: number, index: Tensor, source: Tensor): void {
    const expected =
      this.ndim === 0 ? [] : this.shape.with(normalizeDim(dim, this.ndim), index.numel());
    if (!sameShape(expected, source.shape))
      throw new ShapeError(
        `${method}: Source does not fit: expected ${formatShape(expected)}, ` +
          `received ${formatShape(source.shape)}`,
      );
  }
  private indexFilling(dim: number, index: Tensor, value: number | Tensor): [Tensor, Tensor] {
    const count = index.numel();
    const shape = this.ndim === 0 ? [] : this.shape.with(normalizeDim(dim, this.ndim), count);
    const one = typeof value === "number" ? this.newFull([], value) : value.to(this.dtype);
    const source = one.expand(shape);
    return [this.indexAlong(dim, index, source), source];
  }
  /** x with one value (a number or a 0-d tensor) at each index of `dim`. @category Indexing */
  indexFill(dim: number, index: Tensor, value: number | Tensor): Tensor {
    return this.scatter(dim, ...this.indexFilling(dim, index, value));
  }
  /** `indexFill()` in place. @category In-place */
  indexFill_(dim: number, index: Tensor, value: number | Tensor): this {
    return this.scatter_(dim, ...this.indexFilling(dim, index, value));
  }
  /** The elements at positions of the flattened tensor, in the index's shape. @category Indexing */
  take(index: Tensor): Tensor {
    return this.self()
      .reshape([-1])
      .indexSelect(0, index.reshape([-1]))
      .view(index.shape);
  }
  /** x with `source` written, or added, at positions of the flattened tensor. @category Indexing */
  put(
    index: Tensor,
    source: Tensor,
    { accumulate = false }: { readonly accumulate?: boolean } = {},
  ): Tensor {
    const flat = this.self().reshape([-1]);
    const [at, values] = [index.reshape([-1]), source.reshape([-1])];
    const written = accumulate ? flat.indexAdd(0, at, values) : flat.indexCopy(0, at, values);
    return written.view(this.shape);
  }
  /** `gather()` with the other dims broadcast; without `dim`, from the flattened tensor. @category Indexing */
  takeAlongDim(index: Tensor, dim?: number): Tensor {
    if (dim === undefined)
      return this.self()
        .reshape([-1])
        .gather(0, index.reshape([-1]));
    const d = normalizeDim(dim, this.ndim, "takeAlongDim");
    if (index.ndim !== this.ndim)
      throw new ShapeError(
        `takeAlongDim: Ranks differ: expected an index of ${this.ndim} dims, received ${index.ndim}`,
      );
    const shape = broadcastShapes(this.shape.with(d, 1), index.shape.with(d, 1));
    const input = this.expand(shape.with(d, this.size(d)));
    return input.gather(d, index.expand(shape.with(d, index.size(d))));
  }
  /** The elements in reverse order along `dims`. @category Indexing */
  flip(dims: readonly number[]): Tensor {
    const normal = dims.length === 0 ? [] : normalizeDims(dims, this.ndim, "flip");
    return dispatch(ops.flipOp, [this.self()], { dims: this.ndim === 0 ? [] : normal });
  }
  /** x with `source` written at one index of `dim`. @category Indexing */
  selectScatter(source: Tensor, dim: number, index: number): Tensor {
    const place = { view: views.selectOp, attrs: { dim, index } };
    return dispatch(views.viewScatterOp, [this.self(), source], place as never);
  }
}
