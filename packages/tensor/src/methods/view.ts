// Methods that show the same storage under another geometry.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import * as ops from "../ops/view.ts";
import { inferShape, normalizeDim, type Shape, sameShape, viewStrides } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { SliceMethods } from "./slice.ts";

/** SizeList or dims, in a list or one by one. */
export type SizeList = readonly number[] | readonly [Shape];

/** The list of what was given in a list or one by one. */
export function listOf(sizes: SizeList): Shape {
  const [first] = sizes;
  return typeof first === "object" ? first : (sizes as readonly number[]);
}

const swapped = { dims: [1, 0] };

export abstract class ViewMethods extends SliceMethods {
  /**
   * The same elements under another shape, given in a list or size by size, sharing memory; at most one
   * size may be -1.
   *
   * @throws {ShapeError} where the sizes do not fit, or strides cannot show the shape: then `reshape()` copies
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.view.html
   * @category View
   * @example
   * import assert from "node:assert/strict";
   * import { arange, setDefaultDevice } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const x = arange(6);
   * x.view([2, -1]).select(0, 1).fill_(0);
   * assert.deepEqual(x.tolistSync(), [0, 1, 2, 0, 0, 0]);
   */
  view(shape: Shape): Tensor;
  view(...shape: number[]): Tensor;
  view(...shape: SizeList): Tensor {
    const target = inferShape(listOf(shape), this.numel(), "view");
    return dispatch(ops.viewOp, [this.self()], { shape: target });
  }
  /**
   * The same elements under another shape: a view where strides allow, else a copy. At most one size may
   * be -1.
   *
   * @throws {ShapeError} where the sizes do not fit
   * @see https://pytorch.org/docs/stable/generated/torch.reshape.html
   * @category View
   */
  reshape(shape: Shape): Tensor;
  reshape(...shape: number[]): Tensor;
  reshape(...shape: SizeList): Tensor {
    const wanted = listOf(shape);
    if (sameShape(wanted, this.shape)) return this.self();
    const target = inferShape(wanted, this.numel(), "reshape");
    if (sameShape(target, this.shape)) return this.self();
    const viewable = viewStrides(this, target) !== undefined;
    const source = viewable ? this.self() : this.clone();
    return dispatch(ops.viewOp, [source], { shape: target });
  }
  /** `reshape()` to another tensor's shape. @category View */
  reshapeAs(other: Tensor): Tensor {
    return this.reshape(other.shape);
  }
  /** `view()` to another tensor's shape. @category View */
  viewAs(other: Tensor): Tensor {
    return this.view(other.shape);
  }
  /** All elements in one dim: `reshape([-1])`. @category View */
  ravel(): Tensor {
    return this.reshape([this.numel()]);
  }
  /** Dims `startDim` to `endDim` as one. @category View */
  flatten(startDim = 0, endDim = -1): Tensor {
    if (this.ndim === 0) return this.reshape([1]);
    const start = normalizeDim(startDim, this.ndim, "flatten");
    const end = normalizeDim(endDim, this.ndim, "flatten");
    if (start > end)
      throw new ShapeError(
        `flatten: Dims are out of order: expected startDim <= endDim, received ${startDim} and ${endDim}`,
      );
    const size = this.shape.slice(start, end + 1).reduce((product, n) => product * n, 1);
    return this.reshape(this.shape.toSpliced(start, end - start + 1, size));
  }
  /** One dim as several. @category View */
  unflatten(dim: number, sizes: Shape): Tensor {
    const d = normalizeDim(dim, this.ndim, "unflatten");
    return this.reshape(
      this.shape.toSpliced(d, 1, ...inferShape(sizes, this.size(d), "unflatten")),
    );
  }
  /**
   * Dims of size 1 repeated to `shape`, with new dims in front: a view of stride 0 that copies nothing.
   * It cannot be written in place.
   *
   * @param shape - -1 keeps a size
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.expand.html
   * @category View
   */
  expand(shape: Shape): Tensor;
  expand(...shape: number[]): Tensor;
  expand(...shape: SizeList): Tensor {
    const target = listOf(shape);
    if (sameShape(target, this.shape)) return this.self();
    return dispatch(ops.expandOp, [this.self()], { shape: target });
  }
  /** `expand()` to another tensor's shape. @category View */
  expandAs(other: Tensor): Tensor {
    return this.expand(other.shape);
  }
  /**
   * The dims in another order: a view.
   *
   * **Shapes**: `[s0, s1, s2].permute(2, 0, 1) -> [s2, s0, s1]`
   *
   * @param dims - every dim once, in a list or one by one
   * @see https://pytorch.org/docs/stable/generated/torch.permute.html
   * @category View
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, zeros } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * assert.deepEqual(zeros([8, 32, 32, 3]).permute(0, 3, 1, 2).shape, [8, 3, 32, 32]);
   */
  permute(dims: Shape): Tensor;
  permute(...dims: number[]): Tensor;
  permute(...dims: SizeList): Tensor {
    return dispatch(ops.permuteOp, [this.self()], { dims: listOf(dims) });
  }
  /** Two dims swapped. @category View */
  transpose(dim0: number, dim1: number): Tensor {
    if (this.ndim === 0) return this.self();
    const a = normalizeDim(dim0, this.ndim, "transpose");
    const b = normalizeDim(dim1, this.ndim, "transpose");
    const dims = this.shape.map((_, i) => (i === a ? b : i === b ? a : i));
    return this.permute(dims);
  }
  /** A matrix transposed; tensors of fewer dims as they are. @category View */
  t(): Tensor {
    if (this.ndim > 2)
      throw new ShapeError(
        `t: Tensor is not a matrix: expected at most 2 dims, received ${this.ndim}`,
        {
          hint: "use transpose(-2, -1) or mT",
        },
      );
    return this.ndim < 2 ? this.self() : dispatch(ops.permuteOp, [this.self()], swapped);
  }
  /** All dims in reverse order. @category View */
  get T(): Tensor {
    return this.permute(this.shape.map((_, i) => this.ndim - 1 - i));
  }
  /** The last two dims swapped. @category View */
  get mT(): Tensor {
    return this.transpose(-2, -1);
  }
  /** Dims moved to new places, the others in order. @category View */
  movedim(source: number | Shape, destination: number | Shape): Tensor {
    const from = [source].flat().map((dim) => normalizeDim(dim, this.ndim, "movedim"));
    const to = [destination].flat().map((dim) => normalizeDim(dim, this.ndim, "movedim"));
    if (
      from.length !== to.length ||
      new Set(from).size !== from.length ||
      new Set(to).size !== to.length
    )
      throw new ShapeError(
        "movedim: Dims do not pair up: expected as many distinct sources as destinations",
      );
    const rest = this.shape.map((_, i) => i).filter((i) => !from.includes(i));
    const dims = this.shape.map((_, i) => {
      const at = to.indexOf(i);
      return at < 0 ? (rest.shift() as number) : (from[at] as number);
    });
    return this.permute(dims);
  }
  /** A new dim of size 1 at `dim`. @category View */
  unsqueeze(dim: number): Tensor {
    const d = normalizeDim(dim, this.ndim + 1, "unsqueeze");
    return this.reshapeView(this.shape.toSpliced(d, 0, 1));
  }
  /** Without the given dims where their size is 1, or without all such. @category View */
  squeeze(dim?: number | Shape): Tensor {
    const gone =
      dim === undefined
        ? undefined
        : [dim].flat().map((d) => normalizeDim(d, this.ndim, "squeeze"));
    const shape = this.shape.filter(
      (size, i) => size !== 1 || (gone !== undefined && !gone.includes(i)),
    );
    return this.reshapeView(shape);
  }
  /** A view under a shape that strides can always show. @internal */
  protected reshapeView(shape: Shape): Tensor {
    return dispatch(ops.viewOp, [this.self()], { shape });
  }
  /** Summed to `shape`, of which this is a broadcast: what a broadcast's gradient is. @category Reduction */
  sumToSize(shape: Shape): Tensor {
    if (sameShape(shape, this.shape)) return this.self();
    const lead = this.ndim - shape.length;
    const dims = this.shape.flatMap((size, i) =>
      i < lead || (shape[i - lead] === 1 && size !== 1) ? [i] : [],
    );
    const summed = dims.length === 0 ? this.self() : this.sum(dims, { keepDim: true });
    return lead > 0 ? summed.view(shape) : summed;
  }
}
