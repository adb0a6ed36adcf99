// Methods that show a part of the same storage.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import * as ops from "../ops/view.ts";
import { normalizeDim, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { ScanMethods } from "./scan.ts";

/** A range along one dim: `start` to `end`, every `step`. */
export interface SliceRange {
  /** The first index; negative counts from the end. */
  readonly start?: number;
  /** One past the last; negative counts from the end. */
  readonly end?: number;
  readonly step?: number;
}

export interface DiagonalOptions {
  /** How far above (or, negative, below) the main diagonal. */
  readonly offset?: number;
  readonly dim1?: number;
  readonly dim2?: number;
}

export abstract class SliceMethods extends ScanMethods {
  /** One index of `dim`, which goes away. @category View */
  select(dim: number, index: number): Tensor {
    return dispatch(ops.selectOp, [this.self()], { dim, index });
  }
  /** `length` indices of `dim` from `start`. @category View */
  narrow(dim: number, start: number, length: number): Tensor {
    const d = normalizeDim(dim, this.ndim, "narrow");
    const size = this.size(d);
    const first = start < 0 ? start + size : start;
    if (
      !Number.isInteger(first) ||
      first < 0 ||
      !Number.isInteger(length) ||
      length < 0 ||
      first + length > size
    )
      throw new ShapeError(
        `narrow: Range is out of bounds: expected start and length within ${size}, ` +
          `received start ${start}, length ${length}`,
      );
    return dispatch(ops.sliceOp, [this.self()], {
      dim: d,
      start: first,
      end: first + length,
      step: 1,
    });
  }
  /** Indices start, start + step, ... before end of `dim`, bounds clamped as Python does. @category View */
  sliceDim(
    dim: number,
    { start = 0, end = Number.POSITIVE_INFINITY, step = 1 }: SliceRange = {},
  ): Tensor {
    const d = normalizeDim(dim, this.ndim, "sliceDim");
    const size = this.size(d);
    const clampTo = (i: number): number => Math.min(Math.max(i < 0 ? i + size : i, 0), size);
    const first = clampTo(start);
    return dispatch(ops.sliceOp, [this.self()], {
      dim: d,
      start: first,
      end: Math.max(first, clampTo(end)),
      step,
    });
  }
  /** The diagonal of two dims as a last dim. @category View */
  diagonal({ offset = 0, dim1 = 0, dim2 = 1 }: DiagonalOptions = {}): Tensor {
    return dispatch(ops.diagonalOp, [this.self()], { offset, dim1, dim2 });
  }
  /** Any geometry over the same storage. @category View */
  asStrided(shape: Shape, strides: readonly number[], offset: number = this.offset): Tensor {
    const reach = shape.reduce((sum, size, i) => sum + (size - 1) * (strides[i] ?? 0), offset);
    if (
      shape.length !== strides.length ||
      offset < 0 ||
      (!shape.includes(0) && reach >= this.storage.count)
    )
      throw new ShapeError(
        `asStrided: Geometry leaves the storage: expected the last element below ${this.storage.count}, ` +
          `received ${reach}`,
      );
    return dispatch(ops.asStridedOp, [this.self()], { shape, strides, offset });
  }
  /** One tensor for each index of `dim`. @category View */
  unbind(dim = 0): Tensor[] {
    return Array.from({ length: this.size(dim) }, (_, i) => oneOfSeveral(this.select(dim, i)));
  }
  /**
   * Pieces of `size` elements along `dim`, the last one shorter, or of the given sizes: views.
   *
   * @param size - the size of each piece, or all sizes
   * @param dim - 0 unless said
   * @throws {ShapeError} where the sizes do not add up
   * @see https://pytorch.org/docs/stable/generated/torch.split.html
   * @category View
   * @example
   * import assert from "node:assert/strict";
   * import { arange, setDefaultDevice } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * assert.deepEqual(arange(5).split(2).map((t) => t.tolistSync()), [[0, 1], [2, 3], [4]]);
   */
  split(size: number | Shape, dim = 0): Tensor[] {
    const total = this.size(dim);
    const sizes = typeof size === "number" ? evenSizes(total, size) : size;
    const sum = sizes.reduce((a, b) => a + b, 0);
    if (sum !== total)
      throw new ShapeError(
        `split: Sizes do not add up: expected a sum of ${total}, received ${sum}`,
      );
    let start = 0;
    return sizes.map((length) => {
      const piece = this.narrow(dim, start, length);
      start += length;
      return oneOfSeveral(piece);
    });
  }
  /** At most `chunks` pieces of equal size, the last one shorter. @category View */
  chunk(chunks: number, dim = 0): Tensor[] {
    const size = Math.max(1, Math.ceil(this.size(dim) / chunks));
    return this.split(size, dim);
  }
}

function evenSizes(total: number, size: number): number[] {
  if (!Number.isInteger(size) || size < 1)
    throw new ShapeError(
      `split: Size is out of range: expected an integer of at least 1, received ${size}`,
    );
  if (total === 0) return [0];
  return Array.from({ length: Math.ceil(total / size) }, (_, i) =>
    Math.min(size, total - i * size),
  );
}

/** Marks a view so that autograd refuses to write to it, as PyTorch does for such views. */
function oneOfSeveral(view: Tensor): Tensor {
  if (view.viewOf !== undefined) view.viewOf.creation = "multiOutput";
  return view;
}
