// Functions of several tensors: joining, splitting by position, grids, broadcasting.
import { ShapeError } from "./errors.ts";
import { cat } from "./ops/join.ts";
import { broadcastShapes, formatShape, normalizeDim, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** The tensor with at least `rank` dims, new ones in front. */
const raised = (t: Tensor, rank: number): Tensor =>
  t.ndim >= rank ? t : raised(t.unsqueeze(0), rank);

/** At least 1 dim: a 0-d tensor becomes `[1]`. @category Joining */
export function atleast1d(input: Tensor): Tensor {
  return raised(input, 1);
}
/** At least 2 dims: `[n]` becomes `[1, n]`. @category Joining */
export function atleast2d(input: Tensor): Tensor {
  return raised(input, 2);
}
/** At least 3 dims: `[n]` becomes `[1, n, 1]`, `[n, m]` becomes `[n, m, 1]`. @category Joining */
export function atleast3d(input: Tensor): Tensor {
  return input.ndim >= 3 ? input : raised(input, 2).unsqueeze(-1);
}

/**
 * Joins along columns: dim 1, or dim 0 for vectors.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.hstack.html
 * @category Joining
 */
export function hstack(tensors: readonly Tensor[]): Tensor {
  const parts = tensors.map(atleast1d);
  return cat(parts, parts[0]?.ndim === 1 ? 0 : 1);
}
/** Joins along rows, vectors being rows. @category Joining */
export function vstack(tensors: readonly Tensor[]): Tensor {
  return cat(tensors.map(atleast2d), 0);
}
/** Joins along a third dim. @category Joining */
export function dstack(tensors: readonly Tensor[]): Tensor {
  return cat(tensors.map(atleast3d), 2);
}
/** Joins along dim 1, vectors being columns. @category Joining */
export function columnStack(tensors: readonly Tensor[]): Tensor {
  return hstack(tensors.map((t) => (t.ndim <= 1 ? t.reshape([t.numel(), 1]) : t)));
}
/** Joins along dim 0: `vstack`. @category Joining */
export const rowStack: typeof vstack = vstack;

/** Matrices along the diagonal of one that is 0 elsewhere. @category Joining */
export function blockDiag(...tensors: readonly Tensor[]): Tensor {
  const deep = tensors.find((t) => t.ndim > 2);
  if (deep !== undefined)
    throw new ShapeError(
      `blockDiag: Tensor is no matrix: expected at most 2 dims, received ${formatShape(deep.shape)}`,
    );
  const blocks = tensors.map(atleast2d);
  const columns = blocks.reduce((sum, t) => sum + t.size(1), 0);
  let before = 0;
  const rows = blocks.map((t) => {
    const row = t.pad([before, columns - before - t.size(1)]);
    before += t.size(1);
    return row;
  });
  return cat(rows, 0);
}

/** The tensors expanded to their common shape, without copies. @category Joining */
export function broadcastTensors(...tensors: readonly Tensor[]): Tensor[] {
  const shape = broadcastShapes(...tensors.map((t) => t.shape));
  return tensors.map((t) => t.expand(shape));
}
/** The tensor expanded to `shape`: `Tensor.expand`. @category Joining */
export function broadcastTo(input: Tensor, shape: Shape): Tensor {
  return input.expand(shape);
}

/** Options of `meshgrid()`. */
export interface MeshgridOptions {
  /** `"ij"`: the first tensor runs along dim 0; `"xy"`: along dim 1. `"ij"` unless said. */
  readonly indexing?: "ij" | "xy";
}
/**
 * Coordinates of a grid: one tensor for each vector, all of the shape of their lengths.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.meshgrid.html
 * @category Joining
 * @example
 * import assert from "node:assert/strict";
 * import { arange, meshgrid, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const [y, x] = meshgrid([arange(2), arange(3)]);
 * assert.deepEqual(y?.tolistSync(), [[0, 0, 0], [1, 1, 1]]);
 * assert.deepEqual(x?.tolistSync(), [[0, 1, 2], [0, 1, 2]]);
 */
export function meshgrid(
  tensors: readonly Tensor[],
  { indexing = "ij" }: MeshgridOptions = {},
): Tensor[] {
  const long = tensors.find((t) => t.ndim > 1);
  if (long !== undefined)
    throw new ShapeError(
      `meshgrid: Tensor is no vector: expected at most 1 dim, received ${formatShape(long.shape)}`,
    );
  const swap = indexing === "xy" && tensors.length > 1;
  const vectors = tensors.map(atleast1d);
  if (swap) vectors.splice(0, 2, vectors[1] as Tensor, vectors[0] as Tensor);
  const shape = vectors.map((t) => t.numel());
  const grids = vectors.map((t, i) =>
    t.reshape(shape.map((size, j) => (i === j ? size : 1))).expand(shape),
  );
  if (swap) grids.splice(0, 2, grids[1] as Tensor, grids[0] as Tensor);
  return grids;
}
/** Every combination of one element of each vector, a row each. @category Joining */
export function cartesianProd(...tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 1) return tensors[0] as Tensor;
  const columns = meshgrid(tensors).map((t) => t.reshape([-1, 1]));
  return cat(columns, 1);
}

/**
 * Pieces of a dim: as many as a number says, nearly equal, or cut before each of the given indices.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.tensor_split.html
 * @category Joining
 */
export function tensorSplit(input: Tensor, sections: number | Shape, dim = 0): Tensor[] {
  const d = normalizeDim(dim, input.ndim, "tensorSplit");
  const size = input.size(d);
  if (typeof sections !== "number") {
    const cuts = [0, ...sections, size];
    return cuts.slice(1).map((end, i) => input.sliceDim(d, { start: cuts[i] as number, end }));
  }
  if (!Number.isInteger(sections) || sections < 1)
    throw new ShapeError(
      `tensorSplit: Sections are out of range: expected an integer of at least 1, received ${sections}`,
    );
  const base = Math.floor(size / sections);
  const longer = size % sections;
  const sizes = Array.from({ length: sections }, (_, i) => base + (i < longer ? 1 : 0));
  return input.split(sizes, d);
}

/** `tensorSplit()` along columns: dim 1, or dim 0 of a vector. @category Joining */
export function hsplit(input: Tensor, sections: number | Shape): Tensor[] {
  return tensorSplit(input, sections, input.ndim === 1 ? 0 : 1);
}
/** `tensorSplit()` along rows. @category Joining */
export function vsplit(input: Tensor, sections: number | Shape): Tensor[] {
  return tensorSplit(input, sections, 0);
}
/** `tensorSplit()` along the third dim. @category Joining */
export function dsplit(input: Tensor, sections: number | Shape): Tensor[] {
  return tensorSplit(input, sections, 2);
}

/**
 * Sums of products over several dims of each: the last `dims` of `a` with the first of `b`, or those
 * named.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.tensordot.html
 * @category Linear algebra
 */
export function tensordot(
  a: Tensor,
  b: Tensor,
  dims: number | readonly [Shape, Shape] = 2,
): Tensor {
  const [fromA, fromB] =
    typeof dims === "number"
      ? [
          Array.from({ length: dims }, (_, i) => a.ndim - dims + i),
          Array.from({ length: dims }, (_, i) => i),
        ]
      : dims.map((list, i) =>
          list.map((dim) => normalizeDim(dim, (i === 0 ? a : b).ndim, "tensordot")),
        );
  const inA = fromA as number[];
  const inB = fromB as number[];
  const restA = a.shape.map((_, i) => i).filter((i) => !inA.includes(i));
  const restB = b.shape.map((_, i) => i).filter((i) => !inB.includes(i));
  const inner = inA.reduce((n, dim) => n * a.size(dim), 1);
  const fits =
    inA.length === inB.length && inA.every((dim, i) => a.size(dim) === b.size(inB[i] ?? 0));
  if (!fits)
    throw new ShapeError(
      `tensordot: Sizes differ: expected those of dims ${formatShape(inA)} of ${formatShape(a.shape)} ` +
        `in dims ${formatShape(inB)} of ${formatShape(b.shape)}`,
    );
  const outer = (t: Tensor, rest: number[]): number[] => rest.map((dim) => t.size(dim));
  const rows = a.permute([...restA, ...inA]).reshape([numel(outer(a, restA)), inner]);
  const columns = b.permute([...inB, ...restB]).reshape([inner, numel(outer(b, restB))]);
  return rows.matmul(columns).reshape([...outer(a, restA), ...outer(b, restB)]);
}
const numel = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

/** The product of several matrices, in the order that takes the fewest multiplications. @category Linear algebra */
export function multiDot(matrices: readonly Tensor[]): Tensor {
  if (matrices.length === 0)
    throw new ShapeError("multiDot: Nothing to multiply: expected at least one matrix");
  const sizes = [rowsOf(matrices[0] as Tensor), ...matrices.map(columnsOf)];
  const count = matrices.length;
  const cost = new Map<string, { readonly price: number; readonly cut: number }>();
  const best = (from: number, to: number): { readonly price: number; readonly cut: number } => {
    if (from === to) return { price: 0, cut: from };
    const key = `${from},${to}`;
    const known = cost.get(key);
    if (known !== undefined) return known;
    let found = { price: Number.POSITIVE_INFINITY, cut: from };
    for (let cut = from; cut < to; cut++) {
      const last = (sizes[from] ?? 0) * (sizes[cut + 1] ?? 0) * (sizes[to + 1] ?? 0);
      const price = best(from, cut).price + best(cut + 1, to).price + last;
      if (price < found.price) found = { price, cut };
    }
    cost.set(key, found);
    return found;
  };
  const product = (from: number, to: number): Tensor => {
    if (from === to) return matrices[from] as Tensor;
    const { cut } = best(from, to);
    return product(from, cut).matmul(product(cut + 1, to));
  };
  return product(0, count - 1);
}
const rowsOf = (t: Tensor): number => (t.ndim === 1 ? 1 : t.size(0));
const columnsOf = (t: Tensor): number => (t.ndim === 1 ? 1 : t.size(1));
