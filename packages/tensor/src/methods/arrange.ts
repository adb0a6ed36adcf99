// Methods that repeat, turn, pad or cut out parts of a tensor.
import { dispatch, dispatchInto } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import { cat } from "../ops/join.ts";
import { padOp, trilOp, triuOp } from "../ops/pad.ts";
import { diagonalOp, embed, unfoldOp } from "../ops/view.ts";
import { formatShape, normalizeDim, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { uploaded } from "./convert.ts";
import type { DiagonalOptions } from "./slice.ts";
import { SortMethods } from "./sort.ts";
import { listOf, type SizeList } from "./view.ts";

/** Options of `pad()`. */
export interface PadOptions {
  /** What comes around: one value, the mirrored or the nearest elements, or the opposite side. */
  readonly mode?: "constant" | "reflect" | "replicate" | "circular";
  /** The value of constant padding; 0 unless said. */
  readonly value?: number;
}

export abstract class ArrangeMethods extends SortMethods {
  /**
   * The tensor repeated: `times[i]` times along dim i, with new dims in front where there are more
   * repeats than dims.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.repeat.html
   * @category Arranging
   */
  repeat(times: Shape): Tensor;
  repeat(...times: number[]): Tensor;
  repeat(...times: SizeList): Tensor {
    const repeats = listOf(times);
    const lead = repeats.length - this.ndim;
    if (lead < 0)
      throw new ShapeError(
        `repeat: Too few repeats: expected one for each of ${this.ndim} dims, received ${repeats.length}`,
      );
    const sizes = [...new Array<number>(lead).fill(1), ...this.shape];
    // [s0, s1] -> [1, s0, 1, s1] -> [r0, s0, r1, s1] -> [r0 * s0, r1 * s1]
    const split = this.self().reshape(sizes.flatMap((size) => [1, size]));
    const wide = split.expand(sizes.flatMap((size, i) => [repeats[i] as number, size]));
    return wide.reshape(sizes.map((size, i) => size * (repeats[i] as number))).own(this.self());
  }
  /** A tensor that shares nothing with `source`: itself, or a copy where it is a view of it. @internal */
  own(source: Tensor): Tensor {
    return this.storage === source.storage ? this.clone() : this.self();
  }
  /** `repeat()` with ones in front where there are fewer repeats than dims. @category Arranging */
  tile(times: Shape): Tensor;
  tile(...times: number[]): Tensor;
  tile(...times: SizeList): Tensor {
    const repeats = listOf(times);
    const lead = Math.max(0, this.ndim - repeats.length);
    return this.repeat([...new Array<number>(lead).fill(1), ...repeats]);
  }
  /** Each element (or slice of `dim`) `repeats` times in a row. @category Arranging */
  repeatInterleave(repeats: number, dim?: number): Tensor {
    const x = dim === undefined ? this.self().reshape([-1]) : this.self();
    const d = dim === undefined ? 0 : normalizeDim(dim, this.ndim, "repeatInterleave");
    const wide = x.unsqueeze(d + 1).expand(x.shape.toSpliced(d + 1, 0, repeats));
    return wide.reshape(x.shape.with(d, x.size(d) * repeats)).own(this.self());
  }
  /**
   * The elements moved by `shifts` along `dims`, those that leave coming back on the other side.
   *
   * @param shifts - one, or one for each dim
   * @param dims - without it, the flattened tensor is rolled
   * @see https://pytorch.org/docs/stable/generated/torch.roll.html
   * @category Arranging
   */
  roll(shifts: number | Shape, dims?: number | Shape): Tensor {
    const steps = [shifts].flat();
    if (dims === undefined) {
      return this.self()
        .reshape([-1])
        .roll(steps[0] as number, 0)
        .view(this.shape);
    }
    const along = [dims].flat();
    if (along.length !== steps.length)
      throw new ShapeError(
        `roll: Shifts and dims do not pair up: expected ${along.length} shifts, received ${steps.length}`,
      );
    const rolled = along.reduce((t: Tensor, dim, i) => {
      const size = t.ndim === 0 ? 0 : t.size(dim);
      if (size === 0) return t;
      const shift = (((steps[i] as number) % size) + size) % size;
      if (shift === 0) return t;
      return cat([t.narrow(dim, size - shift, shift), t.narrow(dim, 0, size - shift)], dim);
    }, this.self());
    return rolled.own(this.self());
  }
  /** Turned by `k` quarters from the first of `dims` toward the second. @category Arranging */
  rot90(k = 1, dims: readonly [number, number] = [0, 1]): Tensor {
    const [a, b] = dims;
    const quarter = ((k % 4) + 4) % 4;
    if (quarter === 0) return this.clone();
    if (quarter === 2) return this.flip([a, b]);
    return quarter === 1 ? this.flip([b]).transpose(a, b) : this.flip([a]).transpose(a, b);
  }
  /** Columns in reverse order: `flip([1])`. @category Arranging */
  fliplr(): Tensor {
    return this.flip([1]);
  }
  /** Rows in reverse order: `flip([0])`. @category Arranging */
  flipud(): Tensor {
    return this.flip([0]);
  }
  /** The lower triangle of the last two dims, up to the diagonal `k` above the main one; else 0. @category Arranging */
  tril(k = 0): Tensor {
    return dispatch(trilOp, [this.self()], { diagonal: k });
  }
  /** `tril()` in place. @category In-place */
  tril_(k = 0): this {
    dispatchInto(trilOp, [this.self()], { diagonal: k }, this.self());
    return this;
  }
  /** The upper triangle of the last two dims, from the diagonal `k` above the main one; else 0. @category Arranging */
  triu(k = 0): Tensor {
    return dispatch(triuOp, [this.self()], { diagonal: k });
  }
  /** `triu()` in place. @category In-place */
  triu_(k = 0): this {
    dispatchInto(triuOp, [this.self()], { diagonal: k }, this.self());
    return this;
  }
  /** A vector as a diagonal matrix, or a matrix's diagonal as a vector; `k` above the main one. @category Arranging */
  diag(k = 0): Tensor {
    if (this.ndim === 1) return this.diagEmbed({ offset: k });
    if (this.ndim === 2) return this.diagonal({ offset: k }).clone();
    throw new ShapeError(`diag: Rank does not fit: expected 1 or 2 dims, received ${this.ndim}`);
  }
  /** The flattened elements as a diagonal matrix. @category Arranging */
  diagflat(k = 0): Tensor {
    return this.self().reshape([-1]).diagEmbed({ offset: k });
  }
  /** Matrices whose diagonals are the last dim of this tensor. @category Arranging */
  diagEmbed({ offset = 0, dim1 = -2, dim2 = -1 }: DiagonalOptions = {}): Tensor {
    const rank = this.ndim + 1;
    const [a, b] = [normalizeDim(dim1, rank, "diagEmbed"), normalizeDim(dim2, rank, "diagEmbed")];
    const size = this.size(-1) + Math.abs(offset);
    const others = this.shape.slice(0, -1);
    const shape = Array.from({ length: rank }, (_, i) =>
      i === a || i === b ? size : (others.shift() as number),
    );
    return embed(this.self(), shape, diagonalOp, { offset, dim1: a, dim2: b });
  }
  /**
   * All windows of `size` elements along `dim`, `step` apart, in a new last dim: a view.
   *
   * **Shapes**: `[..., n, ...] -> [..., (n - size) / step + 1, ..., size]`
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.unfold.html
   * @category View
   */
  unfold(dim: number, size: number, step: number): Tensor {
    return dispatch(unfoldOp, [this.self()], { dim, size, step });
  }
  /**
   * The tensor with elements around it: `[left, right, top, bottom, ...]`, from the last dim outward.
   * Negative constant padding takes elements away.
   *
   * @param padding - two numbers for each padded dim, the last dim first
   * @param options - `mode`, constant unless said, and its `value`
   * @throws {ShapeError} where reflected padding reaches the size of its dim
   * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
   * @category Arranging
   * @example
   * import assert from "node:assert/strict";
   * import { setDefaultDevice, tensor } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * const x = tensor([[1, 2, 3]]);
   * assert.deepEqual(x.pad([1, 2]).tolistSync(), [[0, 1, 2, 3, 0, 0]]);
   * assert.deepEqual(x.pad([2, 1], { mode: "reflect" }).tolistSync(), [[3, 2, 1, 2, 3, 2]]);
   */
  pad(padding: Shape, { mode = "constant", value = 0 }: PadOptions = {}): Tensor {
    if (padding.length % 2 !== 0 || padding.length > 2 * this.ndim)
      throw new ShapeError(
        `pad: Padding does not fit: expected two numbers for each of at most ${this.ndim} dims, ` +
          `received ${formatShape(padding)}`,
      );
    const last = this.ndim - 1;
    const of = (side: 0 | 1) => this.shape.map((_, dim) => padding[2 * (last - dim) + side] ?? 0);
    if (mode === "constant") return this.padEach(of(0), of(1), value);
    const [before, after] = [of(0), of(1)];
    return this.shape.reduce((t: Tensor, size, dim) => {
      const [low, high] = [before[dim] as number, after[dim] as number];
      if (low === 0 && high === 0) return t;
      const places = paddedPlaces(mode, size, low, high);
      return t.indexSelect(dim, uploaded(t.device, "int32", [places.length], places));
    }, this.self());
  }
  /** Constant padding before and after every dim. @internal */
  padEach(before: Shape, after: Shape, value = 0): Tensor {
    return dispatch(padOp, [this.self()], { before, after, value });
  }
}

/** Which element each place along a padded dim shows. */
function paddedPlaces(
  mode: "reflect" | "replicate" | "circular",
  size: number,
  low: number,
  high: number,
): Int32Array {
  const limit =
    mode === "reflect" ? size - 1 : mode === "circular" ? size : Number.MAX_SAFE_INTEGER;
  if (low > limit || high > limit || size === 0)
    throw new ShapeError(
      `pad: Padding is too wide for mode ${mode}: expected at most ${limit} for a dim of size ` +
        `${size}, received ${low} and ${high}`,
    );
  const place = (i: number): number => {
    if (mode === "replicate") return Math.min(Math.max(i, 0), size - 1);
    if (mode === "circular") return (i + size) % size;
    return i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
  };
  return Int32Array.from({ length: Math.max(0, low + size + high) }, (_, i) => place(i - low));
}
