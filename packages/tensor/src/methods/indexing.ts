// Reading and writing elements by index.
import { dispatch, dispatchInto } from "../dispatch.ts";
import * as ops from "../ops/indexing.ts";
import * as views from "../ops/view.ts";
import { normalizeDim, normalizeDims } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { MatmulMethods } from "./matmul.ts";

export abstract class IndexingMethods extends MatmulMethods {
  /** y[..., i, ...] = x[..., index[i], ...] along `dim`. @category Indexing */
  indexSelect(dim: number, index: Tensor): Tensor {
    return dispatch(ops.indexSelectOp, [this.self(), index], { dim: normalizeDim(dim, this.ndim) });
  }
  /** y[i][j] = x[index[i][j]][j] for dim 0, and so on. @category Indexing */
  gather(dim: number, index: Tensor): Tensor {
    return dispatch(ops.gatherOp, [this.self(), index], { dim: normalizeDim(dim, this.ndim) });
  }
  #source(index: Tensor, source: Tensor | number): Tensor {
    return typeof source === "number" ? this.newFull(index.shape, source) : source;
  }
  /** x with source[i][j] written at [index[i][j]][j] for dim 0, and so on. @category Indexing */
  scatter(dim: number, index: Tensor, source: Tensor | number): Tensor {
    const inputs = [this.self(), index, this.#source(index, source)] as const;
    return dispatch(ops.scatterOp, inputs, { dim: normalizeDim(dim, this.ndim) });
  }
  /** `scatter()` in place. @category In-place */
  scatter_(dim: number, index: Tensor, source: Tensor | number): this {
    const inputs = [this.self(), index, this.#source(index, source)] as const;
    dispatchInto(ops.scatterOp, inputs, { dim: normalizeDim(dim, this.ndim) }, this.self());
    return this;
  }
  /** x with source[i][j] added at [index[i][j]][j] for dim 0, and so on. @category Indexing */
  scatterAdd(dim: number, index: Tensor, source: Tensor): Tensor {
    const attrs = { dim: normalizeDim(dim, this.ndim) };
    return dispatch(ops.scatterAddOp, [this.self(), index, source], attrs);
  }
  /** `scatterAdd()` in place. @category In-place */
  scatterAdd_(dim: number, index: Tensor, source: Tensor): this {
    const attrs = { dim: normalizeDim(dim, this.ndim) };
    dispatchInto(ops.scatterAddOp, [this.self(), index, source], attrs, this.self());
    return this;
  }
  /** x with source[..., i, ...] added at index[i] along `dim`. @category Indexing */
  indexAdd(dim: number, index: Tensor, source: Tensor): Tensor {
    const attrs = { dim: normalizeDim(dim, this.ndim) };
    return dispatch(ops.indexAddOp, [this.self(), index, source], attrs);
  }
  /** The elements in reverse order along `dims`. @category Indexing */
  flip(dims: readonly number[]): Tensor {
    const normal = dims.length === 0 ? [] : normalizeDims(dims, this.ndim);
    return dispatch(ops.flipOp, [this.self()], { dims: this.ndim === 0 ? [] : normal });
  }
  /** x with `source` written at one index of `dim`. @category Indexing */
  selectScatter(source: Tensor, dim: number, index: number): Tensor {
    const place = { view: views.selectOp, attrs: { dim, index } };
    return dispatch(views.viewScatterOp, [this.self(), source], place as never);
  }
}
