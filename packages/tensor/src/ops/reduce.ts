// Reductions over dims. `dims` are normalized by the methods; an empty list reduces nothing.
import { type DType, isFloat } from "../dtype.ts";
import {
  defineFusable,
  definePrimitive,
  type Fusable,
  nonDifferentiable,
  type OperandSpec,
  type Primitive,
  type TensorSpec,
} from "../op.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./join.ts";
import { checkReducible, type NoAttrs, requireFloat } from "./rules.ts";

/** What a reduction takes. */
export interface ReduceAttrs {
  /** Dims counted from the front. */
  readonly dims: readonly number[];
  readonly keepDim: boolean;
}
interface TypedReduceAttrs extends ReduceAttrs {
  readonly dtype: DType;
}

/** The shape that is left when `dims`, counted from the front, are reduced. */
export function reducedShape(shape: Shape, dims: readonly number[], keepDim: boolean): number[] {
  if (keepDim) return shape.map((size, i) => (dims.includes(i) ? 1 : size));
  if (dims.length >= shape.length) return [];
  // What sums the gradient of a bias.
  if (shape.length === 2 && dims.length === 1) return [shape[1 - (dims[0] as number)] as number];
  return shape.filter((_, i) => !dims.includes(i));
}

/** A reduced tensor with its dims back as size 1, so that it broadcasts over the input. */
export function restoreDims(reduced: Tensor, { dims, keepDim }: ReduceAttrs): Tensor {
  if (keepDim) return reduced;
  const shape = [...reduced.shape];
  for (const dim of dims.toSorted((a, b) => a - b)) shape.splice(dim, 0, 1);
  return dims.length === 0 ? reduced : reduced.view(shape);
}

/** The dtype of a sum: bools and integers count in int32, int64 stays. */
export function sumDType(dtype: DType): DType {
  return isFloat(dtype) || dtype === "int64" ? dtype : "int32";
}

/** y = sum of x over `dims`; dL/dx = g everywhere */
export const sumOp: Primitive<"sum", readonly ["input"], TypedReduceAttrs> = definePrimitive(
  "sum",
  {
    inputs: ["input"],
    infer: ([{ shape }], { dims, keepDim, dtype }): [TensorSpec] => [
      { shape: reducedShape(shape, dims, keepDim), dtype },
    ],
    gradient: ({ grads: [g], inputs: [input], attrs }) => [
      restoreDims(g, attrs).expand(input.shape),
    ],
  },
);

/** y = mean of x over `dims`; dL/dx = g / count */
export const meanOp: Fusable<"mean", readonly ["input"], ReduceAttrs> = defineFusable("mean", {
  inputs: ["input"],
  infer: ([input], { dims, keepDim }): [TensorSpec] => {
    requireFloat(input, "Input of mean");
    return [{ shape: reducedShape(input.shape, dims, keepDim), dtype: input.dtype }];
  },
  gradient: ({ grads: [g], inputs: [input], attrs }) => [
    restoreDims(g, attrs).expand(input.shape).div(countOf(input.shape, attrs.dims)),
  ],
  decompose: ([x], { dims, keepDim }) => [x.sum(dims, { keepDim }).div(countOf(x.shape, dims))],
});

/** How many elements each result is made of. */
export function countOf(shape: Shape, dims: readonly number[]): number {
  return dims.reduce((count, dim) => count * (shape[dim] as number), 1);
}

/** y = product of x along `dim`; dL/dx = g times the product of all others */
export const prodOp: Primitive<"prod", readonly ["input"], TypedReduceAttrs> = definePrimitive(
  "prod",
  {
    inputs: ["input"],
    saves: ["input"],
    infer: ([{ shape }], { dims, keepDim, dtype }): [TensorSpec] => [
      { shape: reducedShape(shape, dims, keepDim), dtype },
    ],
    gradient: ({ grads: [g], attrs, input: x }) => [prodGradient(g, x, attrs)],
  },
);

// With the dims flattened to one last dim, the product of the others is the exclusive cumulative
// product from the left times the one from the right: exact where elements are 0.
function prodGradient(g: Tensor, x: Tensor, attrs: ReduceAttrs): Tensor {
  const rank = x.shape.length;
  if (rank === 0) return g;
  const { dims } = attrs;
  const kept = x.shape.map((_, i) => i).filter((i) => !dims.includes(i));
  const order = [...kept, ...dims];
  const moved = x.permute(order);
  const rows = moved.reshape([...kept.map((i) => x.shape[i] as number), -1]);
  const others = productOfOthers(rows);
  const inverse = order.map((_, i) => order.indexOf(i));
  return others.reshape(moved.shape).permute(inverse).mul(restoreDims(g, attrs));
}

function productOfOthers(rows: Tensor): Tensor {
  const last = rows.shape.length - 1;
  const size = rows.shape[last] as number;
  if (size <= 1) return rows.onesLike();
  const one = rows.newOnes(rows.shape.with(last, 1));
  const left = cat([one, rows.narrow(last, 0, size - 1)], last).cumprod(last);
  const reversed = rows.narrow(last, 1, size - 1).flip([last]);
  const right = cat([one, reversed], last).cumprod(last).flip([last]);
  return left.mul(right);
}

const extremum = <const N extends "amax" | "amin">(
  name: N,
): Primitive<N, readonly ["input"], ReduceAttrs> =>
  definePrimitive(name, {
    inputs: ["input"],
    saves: ["input", "output"],
    infer: ([input], { dims, keepDim }): [TensorSpec] => {
      checkReducible(input, dims);
      return [{ shape: reducedShape(input.shape, dims, keepDim), dtype: input.dtype }];
    },
    // Ties share the gradient evenly, as in PyTorch.
    gradient: ({ grads: [g], attrs, input: x, output: y }) => {
      const mask = x.eq(restoreDims(y, attrs));
      const count = mask.sum(attrs.dims, { keepDim: true });
      return [mask.where(restoreDims(g, attrs).div(count), 0)];
    },
  });
/** y = largest x over `dims`; NaN wins */
export const amaxOp: Primitive<"amax", readonly ["input"], ReduceAttrs> = extremum("amax");
/** y = smallest x over `dims`; NaN wins */
export const aminOp: Primitive<"amin", readonly ["input"], ReduceAttrs> = extremum("amin");

interface ArgAttrs {
  readonly dim: number;
  readonly keepDim: boolean;
}
const argExtremum = <const N extends string>(name: N): Primitive<N, readonly ["input"], ArgAttrs> =>
  definePrimitive(name, {
    inputs: ["input"],
    infer: ([input], { dim, keepDim }): [TensorSpec] => {
      checkReducible(input, [dim]);
      return [{ shape: reducedShape(input.shape, [dim], keepDim), dtype: "int32" }];
    },
    gradient: nonDifferentiable,
  });
/** The index of the first largest element along `dim`; NaN wins. */
export const argmaxOp: Primitive<"argmax", readonly ["input"], ArgAttrs> = argExtremum("argmax");
/** The index of the first smallest element along `dim`; NaN wins. */
export const argminOp: Primitive<"argmin", readonly ["input"], ArgAttrs> = argExtremum("argmin");

interface ScanAttrs {
  readonly dim: number;
  readonly dtype: DType;
}
const scanSpec = ([{ shape }]: readonly [OperandSpec], { dtype }: ScanAttrs): [TensorSpec] => [
  { shape, dtype },
];

/** y[i] = x[0] + ... + x[i] along `dim`; dL/dx[i] = g[i] + ... + g[last] */
export const cumsumOp: Primitive<"cumsum", readonly ["input"], ScanAttrs> = definePrimitive(
  "cumsum",
  {
    inputs: ["input"],
    infer: scanSpec,
    gradient: ({ grads: [g], attrs: { dim } }) => [reverseCumsum(g, dim)],
  },
);

function reverseCumsum(g: Tensor, dim: number): Tensor {
  return g.shape.length === 0 ? g : g.flip([dim]).cumsum(dim).flip([dim]);
}

/** y[i] = x[0] * ... * x[i] along `dim`; dL/dx[i] = sum over j >= i of g[j] * y[j] / x[i] */
export const cumprodOp: Primitive<"cumprod", readonly ["input"], ScanAttrs> = definePrimitive(
  "cumprod",
  {
    inputs: ["input"],
    saves: ["input", "output"],
    infer: scanSpec,
    gradient: ({ grads: [g], attrs: { dim }, input: x, output: y }) => [
      cumprodGradient(g, x, y, dim),
    ],
  },
);

// Where x is 0, y / x is the product of the others: products that start after i, times the
// product before i, summed by a matrix [i, j] of products over (i, j]. Only taken when needed
// cannot be seen without reading, so always: size^2 memory along the dim.
function cumprodGradient(g: Tensor, x: Tensor, y: Tensor, dim: number): Tensor {
  if (x.shape.length === 0) return g;
  const size = x.shape[dim] as number;
  if (size <= 1) return g;
  const last = x.shape.length - 1;
  const rows = x.transpose(dim, last);
  const gRows = g.transpose(dim, last);
  const yRows = y.transpose(dim, last);
  // T[..., i, j] = x[j] for j > i, else 1; its cumulative product is prod of x over (i, j].
  const index = x.newArange(size);
  const after = index.unsqueeze(0).gt(index.unsqueeze(1));
  const products = after.where(rows.unsqueeze(-2), 1).cumprod(last + 1);
  const upper = index.unsqueeze(0).ge(index.unsqueeze(1));
  const one = x.newOnes(rows.shape.with(last, 1));
  const before = cat([one, yRows.narrow(last, 0, size - 1)], last);
  const sums = upper.where(gRows.unsqueeze(-2).mul(products), 0).sum(-1);
  return before.mul(sums).transpose(dim, last);
}

/** y = the lower median of all elements; ties share the gradient evenly; NaN wins */
export const medianOp: Fusable<"median", readonly ["input"], NoAttrs> = defineFusable("median", {
  inputs: ["input"],
  saves: ["input", "output"],
  infer: ([input]): [TensorSpec] => [{ shape: [], dtype: input.dtype }],
  gradient: ({ grads: [g], input: x, output: y }) => {
    const mask = x.eq(y).logicalOr(x.isnan().logicalAnd(y.isnan()));
    return [mask.where(g.div(mask.sum()), 0)];
  },
  decompose: ([x]) => [x.reshape([-1]).median(0).values],
});
