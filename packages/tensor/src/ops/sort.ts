// Sorting along a dim. What else ranks (kthvalue, median, quantiles) is composed of it.
import {
  defineFusable,
  definePrimitive,
  type Fusable,
  type Primitive,
  type TensorSpec,
} from "../op.ts";

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
