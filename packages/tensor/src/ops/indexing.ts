// Reading and writing elements by index tensors. Kernels check the index values.
import { ShapeError } from "../errors.ts";
import {
  defineFusable,
  definePrimitive,
  type Fusable,
  type OperandSpec,
  type Primitive,
  type TensorSpec,
} from "../op.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { requireIndex, requireSameDType } from "./rules.ts";

/** The dim that an indexing op works along. */
export interface DimAttrs {
  /** Counted from the front. */
  readonly dim: number;
}

function checkWithin(index: OperandSpec, input: OperandSpec, dim: number): void {
  const fits =
    index.shape.length === input.shape.length &&
    index.shape.every((size, i) => i === dim || size <= (input.shape[i] as number));
  if (!fits)
    throw new ShapeError(
      `Index does not fit: expected a shape within ${formatShape(input.shape)} but for dim ${dim}, ` +
        `received ${formatShape(index.shape)}`,
    );
}

/** y[..., i, ...] = x[..., index[i], ...] along `dim`; dL/dx = g added back at index */
export const indexSelectOp: Primitive<"indexSelect", readonly ["input", "index"], DimAttrs> =
  definePrimitive("indexSelect", {
    inputs: ["input", "index"],
    saves: ["index"],
    infer: ([input, index], { dim }): [TensorSpec] => {
      requireIndex(index, "Index");
      if (index.shape.length > 1)
        throw new ShapeError(
          `Index is not a vector: expected 1 dim, received ${index.shape.length}`,
        );
      const count = index.shape[0] ?? 1;
      const shape = input.shape.length === 0 ? [] : input.shape.with(dim, count);
      return [{ shape, dtype: input.dtype }];
    },
    gradient: ({ grads: [g], inputs: [input], index, attrs: { dim } }) => [
      g.newZeros(input.shape).indexAdd(dim, index, g),
      undefined,
    ],
  });

/** y[i][j] = x[index[i][j]][j] for dim 0, and so on; dL/dx = g scattered back by addition */
export const gatherOp: Primitive<"gather", readonly ["input", "index"], DimAttrs> = definePrimitive(
  "gather",
  {
    inputs: ["input", "index"],
    saves: ["index"],
    infer: ([input, index], { dim }): [TensorSpec] => {
      requireIndex(index, "Index");
      checkWithin(index, input, dim);
      return [{ shape: index.shape, dtype: input.dtype }];
    },
    gradient: ({ grads: [g], inputs: [input], index, attrs: { dim } }) => [
      g.newZeros(input.shape).scatterAdd(dim, index, g),
      undefined,
    ],
  },
);

function checkScatter(
  [input, index, source]: readonly [OperandSpec, OperandSpec, OperandSpec],
  dim: number,
): void {
  requireIndex(index, "Index");
  requireSameDType([input, source]);
  checkWithin(index, input, dim);
  const covered = index.shape.every((size, i) => size <= (source.shape[i] ?? 0));
  if (source.shape.length !== index.shape.length || !covered)
    throw new ShapeError(
      `Source is too small: expected at least ${formatShape(index.shape)}, received ${formatShape(source.shape)}`,
    );
}

type ScatterInputs = readonly ["input", "index", "source"];

/** y = x with y[index[i][j]][j] = source[i][j] for dim 0; the last of repeats wins */
export const scatterOp: Primitive<"scatter", ScatterInputs, DimAttrs> = definePrimitive("scatter", {
  inputs: ["input", "index", "source"],
  saves: ["index"],
  infer: (specs, { dim }): [TensorSpec] => {
    checkScatter(specs, dim);
    return [{ shape: specs[0].shape, dtype: specs[0].dtype }];
  },
  gradient: ({ grads: [g], inputs, needs, index, attrs: { dim } }) => [
    needs[0] ? g.scatter(dim, index, 0) : undefined,
    undefined,
    needs[2] ? padTo(g.gather(dim, index), inputs[2]) : undefined,
  ],
});

/** y = x with source[i][j] added to y[index[i][j]][j] for dim 0 */
export const scatterAddOp: Primitive<"scatterAdd", ScatterInputs, DimAttrs> = definePrimitive(
  "scatterAdd",
  {
    inputs: ["input", "index", "source"],
    saves: ["index"],
    infer: (specs, { dim }): [TensorSpec] => {
      checkScatter(specs, dim);
      return [{ shape: specs[0].shape, dtype: specs[0].dtype }];
    },
    gradient: ({ grads: [g], inputs, needs, index, attrs: { dim } }) => [
      g,
      undefined,
      needs[2] ? padTo(g.gather(dim, index), inputs[2]) : undefined,
    ],
  },
);

/** A gradient for the part of the source that the index covers; the rest got none. */
function padTo(gathered: Tensor, source: OperandSpec): Tensor {
  if (gathered.shape.join() === source.shape.join()) return gathered;
  const whole = gathered.newZeros(source.shape);
  const part = gathered.shape.reduce((t: Tensor, size, dim) => t.narrow(dim, 0, size), whole);
  part.copy_(gathered);
  return whole;
}

type IndexAddInputs = readonly ["input", "index", "source"];

/** y = x with source[..., i, ...] added at index[i] along `dim`; dL/dsource = g at index */
export const indexAddOp: Fusable<"indexAdd", IndexAddInputs, DimAttrs> = defineFusable("indexAdd", {
  inputs: ["input", "index", "source"],
  saves: ["index"],
  infer: ([input, index, source], { dim }): [TensorSpec] => {
    requireIndex(index, "Index");
    requireSameDType([input, source]);
    const expected = input.shape.length === 0 ? [] : input.shape.with(dim, index.shape[0] ?? 1);
    if (source.shape.join() !== expected.join())
      throw new ShapeError(
        `Source does not fit: expected ${formatShape(expected)}, received ${formatShape(source.shape)}`,
      );
    return [{ shape: input.shape, dtype: input.dtype }];
  },
  gradient: ({ grads: [g], needs, index, attrs: { dim } }) => [
    g,
    undefined,
    needs[2] ? g.indexSelect(dim, index) : undefined,
  ],
  decompose: ([input, index, source], { dim }) => {
    if (input.ndim === 0) return [input.scatterAdd(dim, index.reshape([]), source)];
    const along = index.reshape(input.shape.map((_, i) => (i === dim ? -1 : 1)));
    return [input.scatterAdd(dim, along.expand(source.shape), source)];
  },
});

/** The elements in reverse order along `dims`; dL/dx = g reversed */
export const flipOp: Fusable<"flip", readonly ["input"], { dims: readonly number[] }> =
  defineFusable("flip", {
    inputs: ["input"],
    infer: ([input]): [TensorSpec] => [{ shape: input.shape, dtype: input.dtype }],
    gradient: ({ grads: [g], attrs: { dims } }) => [g.flip(dims)],
    decompose: ([x], { dims }) => {
      const reverse = (t: Tensor, dim: number): Tensor =>
        t.indexSelect(dim, t.newArange(t.size(dim)).rsub(t.size(dim) - 1));
      return [dims.length === 0 ? x.clone() : dims.reduce(reverse, x)];
    },
  });
