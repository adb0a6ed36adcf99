// Sorting along a dim. What else ranks (topk, kthvalue, median, quantiles) is composed of it.
import { definePrimitive, type Primitive, type TensorSpec } from "../op.ts";

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
