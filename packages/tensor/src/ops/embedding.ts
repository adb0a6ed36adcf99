// Looking up rows by index.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import { defineFusable, type Fusable, type TensorSpec } from "../op.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { requireIndex } from "./rules.ts";

/** What an embedding takes beside its table and indices. */
export interface EmbeddingAttrs {
  /** The row whose gradient stays 0. */
  readonly paddingIdx: number | undefined;
  /** Whether a row's gradient is divided by how often it was looked up. */
  readonly scaleGradByFreq: boolean;
}
interface EmbeddingGradAttrs extends EmbeddingAttrs {
  readonly numEmbeddings: number;
}

/** y[...] = w[index[...]]; dL/dw = g added to the rows, the padding row left out */
export const embeddingOp: Fusable<"embedding", readonly ["index", "weight"], EmbeddingAttrs> =
  defineFusable("embedding", {
    inputs: ["index", "weight"],
    saves: ["index"],
    infer: ([index, weight]): [TensorSpec] => {
      requireIndex(index, "Index");
      if (weight.shape.length !== 2)
        throw new ShapeError(
          `Weight is not a matrix: expected [rows, size], received ${formatShape(weight.shape)}`,
        );
      return [{ shape: [...index.shape, weight.shape[1] as number], dtype: weight.dtype }];
    },
    gradient: ({ grads: [g], inputs: [, weight], attrs, index }) => {
      const numEmbeddings = weight.shape[0] as number;
      return [undefined, dispatch(embeddingGradOp, [g, index], { ...attrs, numEmbeddings })];
    },
    decompose: ([index, weight]) => {
      const rows = weight.indexSelect(0, checked(index, weight.size(0)));
      return [rows.reshape([...index.shape, weight.size(1)])];
    },
  });

/** The indices as a vector; a negative one is out of range, it does not count from the end. */
function checked(index: Tensor, rows: number): Tensor {
  const flat = index.reshape([-1]);
  return flat.lt(0).where(rows, flat);
}

/** dL/dw[i] = the sum of g where index is i; its own gradient looks up again */
export const embeddingGradOp: Fusable<
  "embeddingGrad",
  readonly ["grad", "index"],
  EmbeddingGradAttrs
> = defineFusable("embeddingGrad", {
  inputs: ["grad", "index"],
  saves: ["index"],
  infer: ([grad], { numEmbeddings }): [TensorSpec] => [
    { shape: [numEmbeddings, grad.shape.at(-1) as number], dtype: grad.dtype },
  ],
  gradient: ({ grads: [g], attrs: { numEmbeddings: _, ...attrs }, index }) => {
    const weight = rowWeights(g, index, attrs);
    const rows = weight === undefined ? g : g.mul(weight.unsqueeze(1));
    // The rows are weighted already: a plain lookup, whose own gradient must not weight them again.
    const plain = { paddingIdx: undefined, scaleGradByFreq: false };
    return [dispatch(embeddingOp, [index, rows], plain), undefined];
  },
  decompose: ([g, index], { numEmbeddings, ...attrs }) => {
    const size = g.size(-1);
    const sums = g
      .newZeros([numEmbeddings, size])
      .indexAdd(0, checked(index, numEmbeddings), g.reshape([-1, size]));
    const weight = rowWeights(sums, index, attrs);
    const rows = weight === undefined ? sums : sums.mul(weight.unsqueeze(1));
    // 0 whatever the gradient was: 0 times NaN is not.
    if (attrs.paddingIdx !== undefined) rows.narrow(0, attrs.paddingIdx, 1).zero_();
    return [rows];
  },
});

/** What each row's gradient is multiplied by; `undefined` for 1. */
function rowWeights(
  rows: Tensor,
  index: Tensor,
  { paddingIdx, scaleGradByFreq }: EmbeddingAttrs,
): Tensor | undefined {
  if (paddingIdx === undefined && !scaleGradByFreq) return undefined;
  const count = rows.size(0);
  let weights = rows.newOnes([count]);
  if (scaleGradByFreq) {
    const flat = checked(index, count);
    const seen = rows.newZeros([count]).indexAdd(0, flat, rows.newOnes([flat.numel()]));
    weights = seen.clamp(1).reciprocal();
  }
  if (paddingIdx !== undefined) weights.narrow(0, paddingIdx, 1).zero_();
  return weights;
}
