// Sorting along a dim, and running extremes. What else ranks (kthvalue, median, quantiles) is composed of sorting.
import {
  defineFusable,
  definePrimitive,
  type Fusable,
  nonDifferentiable,
  type Primitive,
  type TensorSpec,
} from "../op.ts";
import type { Tensor } from "../tensor.ts";
import type { DimAttrs } from "./indexing.ts";

/** What sorting takes. */
export interface SortAttrs {
  /** Counted from the front. */
  readonly dim: number;
  readonly descending: boolean;
}
type SortOutputs = readonly ["values", "indices"];

/**
 * The elements in order along `dim` and the int32 index that each had; equal ones keep their order,
 * NaN counts as the greatest. dL/dx = g put back at the indices.
 */
export const sortOp: Primitive<"sort", readonly ["input"], SortAttrs, SortOutputs> =
  definePrimitive("sort", {
    inputs: ["input"],
    outputs: ["values", "indices"],
    saves: ["indices"],
    infer: ([{ shape, dtype }]): readonly [TensorSpec, TensorSpec] => [
      { shape, dtype },
      { shape, dtype: "int32" },
    ],
    gradient: ({ grads: [g], indices, attrs: { dim } }) => [
      g === undefined ? undefined : g.zerosLike().scatter(dim, indices, g),
    ],
  });

/** What `topk()` takes. */
export interface TopkAttrs {
  /** Counted from the front. */
  readonly dim: number;
  /** How many elements, at most the size of `dim`. */
  readonly k: number;
  /** The largest, else the smallest. */
  readonly largest: boolean;
}

/** The first `k` of the sorted elements along `dim` and the int32 index that each had. */
export const topkOp: Fusable<"topk", readonly ["input"], TopkAttrs, SortOutputs> = defineFusable(
  "topk",
  {
    inputs: ["input"],
    outputs: ["values", "indices"],
    saves: ["indices"],
    infer: ([{ shape, dtype }], { dim, k }): readonly [TensorSpec, TensorSpec] => {
      const cut = shape.length === 0 ? [] : shape.with(dim, k);
      return [
        { shape: cut, dtype },
        { shape: cut, dtype: "int32" },
      ];
    },
    gradient: ({ grads: [g], inputs: [input], indices, attrs: { dim } }) => [
      g === undefined ? undefined : g.newZeros(input.shape).scatter(dim, indices, g),
    ],
    decompose: ([x], { dim, k, largest }) => {
      const { values, indices } = x.sort(dim, { descending: largest });
      if (x.ndim === 0) return [values, indices];
      return [values.narrow(dim, 0, k).clone(), indices.narrow(dim, 0, k).clone()];
    },
  },
);

type Running<N extends string> = Fusable<N, readonly ["input"], DimAttrs>;

const runningIndex = <const N extends string>(
  name: N,
  wins: (later: Tensor, earlier: Tensor) => Tensor,
): Running<N> =>
  defineFusable(name, {
    inputs: ["input"],
    infer: ([{ shape }]): [TensorSpec] => [{ shape, dtype: "int32" }],
    gradient: nonDifferentiable,
    // In log2(size) rounds, each place takes the better of itself and of the place 1, 2, 4, ... before.
    decompose: ([x], { dim }) => {
      if (x.ndim === 0) return [x.newZeros([], { dtype: "int32" })];
      const size = x.size(dim);
      const along = x.shape.map((_, i) => (i === dim ? size : 1));
      let best = x;
      let indices = x.newArange(size).view(along).expand(x.shape);
      for (let step = 1; step < size; step *= 2) {
        const later = (t: Tensor): Tensor => t.narrow(dim, step, size - step);
        const earlier = (t: Tensor): Tensor => t.narrow(dim, 0, size - step);
        const keep = wins(later(best), earlier(best)).logicalOr(later(best).isnan());
        const merged = keep.where(later(best), earlier(best));
        const mergedIndices = keep.where(later(indices), earlier(indices));
        best = prefixed(best, merged, dim, step);
        indices = prefixed(indices, mergedIndices, dim, step);
      }
      return [indices.clone()];
    },
  });

/** The first `step` places of `t` along `dim`, then `rest`. */
function prefixed(t: Tensor, rest: Tensor, dim: number, step: number): Tensor {
  const result = t.newEmpty(t.shape);
  result.narrow(dim, 0, step).copy_(t.narrow(dim, 0, step));
  result.narrow(dim, step, t.size(dim) - step).copy_(rest);
  return result;
}

/** Where the greatest element up to each place along `dim` stands, int32: the last of equal ones; NaN wins. */
export const cummaxOp: Running<"cummax"> = runningIndex("cummax", (later, earlier) =>
  later.ge(earlier),
);
/** Where the least element up to each place along `dim` stands, int32: the last of equal ones; NaN wins. */
export const cumminOp: Running<"cummin"> = runningIndex("cummin", (later, earlier) =>
  later.le(earlier),
);
