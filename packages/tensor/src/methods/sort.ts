// Order along a dim: sort, topk, quantile points, running extremes, searching in sorted values.
import { dispatch } from "../dispatch.ts";
import { isFloat } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { medianOp } from "../ops/reduce.ts";
import { cummaxOp, cumminOp, sortOp, topkOp } from "../ops/sort.ts";
import { normalizeDim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { MaskedMethods } from "./masked.ts";
import type { ReduceOptions, ValuesAndIndices } from "./reduce.ts";

/** Options of `sort()` and `argsort()`. */
export interface SortOptions {
  /** Largest first; false unless said. */
  readonly descending?: boolean;
  /** Accepted for PyTorch's sake: every sort here is stable. */
  readonly stable?: boolean;
}
/** Options of `topk()`. */
export interface TopkOptions {
  /** The largest elements, else the smallest; true unless said. */
  readonly largest?: boolean;
  /** Accepted for PyTorch's sake: the result is always sorted. */
  readonly sorted?: boolean;
}
/** Options of `searchsorted()` and `bucketize()`. */
export interface SearchOptions {
  /** Whether equal elements lie before the place found, else after; false unless said. */
  readonly right?: boolean;
}

export abstract class SortMethods extends MaskedMethods {
  /**
   * The elements in order along `dim` (the last unless said), and the int32 index that each had.
   * Equal elements keep their order; NaN counts as the greatest.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.sort.html
   * @category Sorting
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const { values, indices } = tensor([3, 1, 2]).sort(0, { descending: true });
   * assert.deepEqual(values.tolistSync(), [3, 2, 1]);
   * assert.deepEqual(indices.tolistSync(), [0, 2, 1]);
   */
  sort(options: SortOptions): ValuesAndIndices;
  sort(dim?: number, options?: SortOptions): ValuesAndIndices;
  sort(first: number | SortOptions = -1, second: SortOptions = {}): ValuesAndIndices {
    const [dim, { descending = false }] = typeof first === "number" ? [first, second] : [-1, first];
    const attrs = { dim: normalizeDim(dim, this.ndim, "sort"), descending };
    const [values, indices] = dispatch(sortOp, [this.self()], attrs);
    return { values, indices };
  }
  /** The int32 indices that put `dim` in order. @category Sorting */
  argsort(options: SortOptions): Tensor;
  argsort(dim?: number, options?: SortOptions): Tensor;
  argsort(first: number | SortOptions = -1, options?: SortOptions): Tensor {
    return (typeof first === "number" ? this.sort(first, options) : this.sort(first)).indices;
  }
  /** The elements in ascending order along dim 0. @category Sorting */
  msort(): Tensor {
    return this.sort(0).values;
  }
  /**
   * The `k` largest (or smallest) elements along `dim`, largest (smallest) first, and their indices.
   *
   * @throws {ShapeError} where `k` is more than the dim's size
   * @see https://pytorch.org/docs/stable/generated/torch.topk.html
   * @category Sorting
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const logits = tensor([[0.1, 0.7, 0.2], [0.5, 0.1, 0.4]]);
   * assert.deepEqual(logits.topk(2).indices.tolistSync(), [[1, 2], [0, 2]]);
   */
  topk(k: number, options: TopkOptions): ValuesAndIndices;
  topk(k: number, dim?: number, options?: TopkOptions): ValuesAndIndices;
  topk(k: number, first: number | TopkOptions = -1, second: TopkOptions = {}): ValuesAndIndices {
    const [dim, { largest = true }] = typeof first === "number" ? [first, second] : [-1, first];
    const size = this.ndim === 0 ? 1 : this.size(dim);
    if (!Number.isInteger(k) || k < 0 || k > size)
      throw new ShapeError(`topk: k is out of range: expected 0 to ${size}, received ${k}`);
    const count = this.ndim === 0 ? 1 : k;
    const attrs = { dim: normalizeDim(dim, this.ndim, "topk"), k: count, largest };
    const [values, indices] = dispatch(topkOp, [this.self()], attrs);
    return { values, indices };
  }
  /** The k-th smallest element along `dim`, counted from 1, and its index. @category Sorting */
  kthvalue(k: number, dim = -1, { keepDim = false }: ReduceOptions = {}): ValuesAndIndices {
    const size = this.ndim === 0 ? 1 : this.size(dim);
    if (!Number.isInteger(k) || k < 1 || k > size)
      throw new ShapeError(`kthvalue: k is out of range: expected 1 to ${size}, received ${k}`);
    return this.rankedBy(this.newFull([], k - 1, { dtype: "int32" }), dim, keepDim);
  }
  /** The elements of a rank (of shape [] or, with `dim` kept, of each row) along `dim`. */
  private rankedBy(rank: Tensor, dim: number, keepDim: boolean): ValuesAndIndices {
    const sorted = this.sort(dim);
    if (this.ndim === 0) return sorted;
    const d = normalizeDim(dim, this.ndim);
    const at = rank.expand(this.shape.with(d, 1));
    const values = sorted.values.gather(d, at);
    const indices = sorted.indices.gather(d, at);
    if (keepDim) return { values, indices };
    return { values: values.squeeze(d), indices: indices.squeeze(d) };
  }
  /**
   * The median: of all elements, or along `dim` with its index. Of an even number of elements it is
   * the lower of the two in the middle; NaN wins.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.median.html
   * @category Sorting
   */
  median(): Tensor;
  median(dim: number, options?: ReduceOptions): ValuesAndIndices;
  median(dim?: number, { keepDim = false }: ReduceOptions = {}): Tensor | ValuesAndIndices {
    if (dim === undefined) return dispatch(medianOp, [this.self()], {});
    const size = this.ndim === 0 ? 1 : this.size(dim);
    if (size === 0)
      throw new ShapeError("median: Cannot reduce an empty dim: expected at least one element");
    const middle = this.newFull([], Math.floor((size - 1) / 2), { dtype: "int32" });
    if (!isFloat(this.dtype) || this.ndim === 0) return this.rankedBy(middle, dim, keepDim);
    // The first NaN of a row stands after all numbers: their count is its rank.
    const numbers = this.isnan().logicalNot().sum(dim, { keepDim: true });
    const rank = numbers.lt(size).where(numbers, middle);
    return this.rankedBy(rank, dim, keepDim);
  }
  /** `median()` of the elements that are not NaN. @category Sorting */
  nanmedian(): Tensor;
  nanmedian(dim: number, options?: ReduceOptions): ValuesAndIndices;
  nanmedian(dim?: number, { keepDim = false }: ReduceOptions = {}): Tensor | ValuesAndIndices {
    if (dim === undefined) return this.self().reshape([-1]).nanmedian(0).values;
    if (!isFloat(this.dtype) || this.ndim === 0) return this.median(dim, { keepDim });
    const numbers = this.isnan().logicalNot().sum(dim, { keepDim: true });
    const rank = numbers.sub(1).clamp(0).div(2, { roundingMode: "floor" });
    return this.rankedBy(rank, dim, keepDim);
  }
  /** The largest element up to each place along `dim`, and the index of its last occurrence. @category Sorting */
  cummax(dim: number): ValuesAndIndices {
    return this.runningBy(cummaxOp, dim);
  }
  /** The smallest element up to each place along `dim`, and the index of its last occurrence. @category Sorting */
  cummin(dim: number): ValuesAndIndices {
    return this.runningBy(cumminOp, dim);
  }
  private runningBy(op: typeof cummaxOp | typeof cumminOp, dim: number): ValuesAndIndices {
    const d = normalizeDim(dim, this.ndim);
    const indices = dispatch(op as typeof cummaxOp, [this.self()], { dim: d });
    return { values: this.ndim === 0 ? this.clone() : this.gather(d, indices), indices };
  }
  /**
   * Where each value belongs in this sorted tensor: the int32 number of elements that lie before it.
   *
   * **Shapes**: `[n]` with values of any shape, or `[..., n]` with values `[..., m]`
   *
   * @see https://pytorch.org/docs/stable/generated/torch.searchsorted.html
   * @category Sorting
   */
  searchsorted(values: Tensor | number, { right = false }: SearchOptions = {}): Tensor {
    const sought = typeof values === "number" ? this.newFull([], values) : values;
    const rows = this.ndim === 1 ? this.self() : this.unsqueeze(-2);
    const column = sought.unsqueeze(-1);
    // NaN belongs at the end.
    const before = right ? rows.le(column) : rows.lt(column);
    return before.logicalOr(column.isnan()).sum(-1);
  }
  /** Which of the intervals between sorted `boundaries` each element falls into. @category Sorting */
  bucketize(boundaries: Tensor, options?: SearchOptions): Tensor {
    return boundaries.searchsorted(this.self(), options);
  }
}
