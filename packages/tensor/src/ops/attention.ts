// Scaled dot-product attention as one op, so that a backend need never hold the whole matrix of
// scores: what it keeps for its gradient is one number a query.
import { dispatch } from "../dispatch.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import {
  defineFusable,
  type Fusable,
  type OperandSpec,
  type TensorSpec,
  throughDecomposition,
} from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { requireFloat, requireSameDType } from "./rules.ts";

/** How scores come about. */
export interface AttentionAttrs {
  /** The factor on the products of queries and keys. */
  readonly scale: number;
  /** Whether query i sees keys 0 to i only. */
  readonly causal: boolean;
}

type AttentionInputs = readonly ["query", "key", "value", "mask?"];
type AttentionOutputs = readonly ["output", "logsumexp"];
type GradInputs = readonly [
  ...["grad", "query", "key", "value", "mask?"],
  ...["output", "logsumexp"],
];
type GradOutputs = readonly ["gradQuery", "gradKey", "gradValue"];

function requireShape(what: string, { shape }: OperandSpec, expected: readonly number[]): void {
  if (!sameShape(shape, expected))
    throw new ShapeError(
      `${what} does not fit: expected ${formatShape(expected)}, received ${formatShape(shape)}`,
    );
}

/** Checks query [..., L, E], key [..., S, E], value [..., S, Ev] and mask [..., L, S]; gives output and logsumexp. */
function inferAttention(
  query: OperandSpec,
  key: OperandSpec,
  value: OperandSpec,
  mask: OperandSpec | undefined,
): [output: TensorSpec, logsumexp: TensorSpec] {
  requireFloat(query, "Query");
  requireSameDType([query, key, value]);
  for (const [name, { shape }] of Object.entries({ Query: query, Key: key, Value: value }))
    if (shape.length < 2)
      throw new ShapeError(
        `${name} has the wrong rank: expected at least 2 dims, received ${shape.length}`,
      );
  const batch = query.shape.slice(0, -2);
  const [queries, features] = query.shape.slice(-2) as [number, number];
  const [keys] = key.shape.slice(-2) as [number];
  const columns = value.shape.at(-1) as number;
  requireShape("Key", key, [...batch, keys, features]);
  requireShape("Value", value, [...batch, keys, columns]);
  if (mask !== undefined) {
    requireShape("Mask", mask, [...batch, queries, keys]);
    if (mask.dtype !== "bool" && mask.dtype !== query.dtype)
      throw new DTypeError(
        `Mask has the wrong dtype: expected bool or ${query.dtype}, received ${mask.dtype}`,
      );
  }
  const { dtype } = query;
  return [
    { shape: [...batch, queries, columns], dtype },
    { shape: [...batch, queries], dtype },
  ];
}

type Operands = readonly [query: Tensor, key: Tensor, value: Tensor, mask: Tensor | undefined];
const hidden = Number.NEGATIVE_INFINITY;

/** The scores [..., L, S], -Infinity where a query does not see a key. */
function score([query, key, , mask]: Operands, { scale, causal }: AttentionAttrs): Tensor {
  let scores = query.mul(scale).matmul(key.transpose(-2, -1));
  if (mask !== undefined)
    scores = mask.dtype === "bool" ? mask.where(scores, hidden) : scores.add(mask);
  if (!causal) return scores;
  const later = query.newOnes([query.size(-2), key.size(-2)], { dtype: "bool" }).triu(1);
  return scores.maskedFill(later, hidden);
}

/** The weights [..., L, S], 0 throughout where a query sees no key, and each query's logsumexp. */
function weigh(scores: Tensor): readonly [weights: Tensor, logsumexp: Tensor] {
  const largest = scores.amax(-1, { keepDim: true });
  // A query that sees nothing is let see everything, and then gets 0: no NaN comes up.
  const unseen = largest.eq(hidden);
  const weights = unseen.where(0, scores).softmax(-1);
  const logsumexp = largest.sub(weights.amax(-1, { keepDim: true }).log()).squeeze(-1);
  return [unseen.where(0, weights), logsumexp];
}

const isEmpty = (query: Tensor, key: Tensor): boolean => query.numel() * key.size(-2) === 0;

/**
 * With P the weights and D = g V^T - sum(g y): dL/dV = P^T g, dL/dQ = scale (P D) K,
 * dL/dK = scale (P D)^T Q, and P D is the mask's. What comes for the logsumexp adds to D.
 */
function attentionGradient(
  { grad, gradLog }: { readonly grad: Tensor; readonly gradLog?: Tensor | undefined },
  [query, key, value]: Operands,
  weights: Tensor,
  output: Tensor,
  { scale }: AttentionAttrs,
): [query: Tensor, key: Tensor, value: Tensor, mask: Tensor] {
  let centered = grad
    .matmul(value.transpose(-2, -1))
    .sub(grad.mul(output).sum(-1, { keepDim: true }));
  if (gradLog !== undefined) centered = centered.add(gradLog.unsqueeze(-1));
  const gradScores = weights.mul(centered);
  const scaled = gradScores.mul(scale);
  return [
    scaled.matmul(key),
    scaled.transpose(-2, -1).matmul(query),
    weights.transpose(-2, -1).matmul(grad),
    gradScores,
  ];
}

/**
 * softmax(scale * Q K^T + mask) V over the last two dims, and the logarithm of what each query's
 * weights were divided by. A bool mask is true where a query sees a key; a query that sees no key
 * gives 0. It is open whether NaN at a key that a query does not see reaches the query.
 */
export const attentionOp: Fusable<"attention", AttentionInputs, AttentionAttrs, AttentionOutputs> =
  defineFusable("attention", {
    inputs: ["query", "key", "value", "mask?"],
    outputs: ["output", "logsumexp"],
    saves: ["query", "key", "value", "mask", "output", "logsumexp"],
    infer: ([query, key, value, mask]) => inferAttention(query, key, value, mask),
    gradient: ({ grads, attrs, needs, query, key, value, mask, output, logsumexp }) => {
      const [grad = output.zerosLike(), gradLog] = grads;
      if (gradLog !== undefined || needs[3]) {
        const operands = [query, key, value, mask] as const;
        const scores = score(operands, attrs);
        const weights = isEmpty(query, key) ? scores : weigh(scores)[0];
        return attentionGradient({ grad, gradLog }, operands, weights, output, attrs);
      }
      const saved = [query, key, value, mask, output, logsumexp] as const;
      return [...dispatch(attentionGradOp, [grad, ...saved], attrs), undefined];
    },
    decompose: ([query, key, value, mask], attrs) => {
      if (isEmpty(query, key)) {
        const rows = query.shape.slice(0, -1);
        return [query.newZeros([...rows, value.size(-1)]), query.newFull(rows, hidden)];
      }
      const [weights, logsumexp] = weigh(score([query, key, value, mask], attrs));
      return [weights.matmul(value), logsumexp];
    },
  });

/** The gradients of `attention` for query, key and value. */
export const attentionGradOp: Fusable<"attentionGrad", GradInputs, AttentionAttrs, GradOutputs> =
  defineFusable("attentionGrad", {
    inputs: ["grad", "query", "key", "value", "mask?", "output", "logsumexp"],
    outputs: ["gradQuery", "gradKey", "gradValue"],
    infer: (all): [TensorSpec, TensorSpec, TensorSpec] => {
      const [grad, query, key, value, mask, output, logsumexp] = all;
      const [result, rows] = inferAttention(query, key, value, mask);
      requireSameDType([query, grad, output, logsumexp]);
      requireShape("Gradient", grad, result.shape);
      requireShape("Output", output, result.shape);
      requireShape("Logsumexp", logsumexp, rows.shape);
      const like = ({ shape, dtype }: OperandSpec): TensorSpec => ({ shape, dtype });
      return [like(query), like(key), like(value)];
    },
    gradient: throughDecomposition,
    decompose: ([grad, query, key, value, mask, output, logsumexp], attrs) => {
      const operands = [query, key, value, mask] as const;
      const shift = logsumexp.eq(hidden).where(0, logsumexp).unsqueeze(-1);
      const weights = score(operands, attrs).sub(shift).exp();
      const [gradQuery, gradKey, gradValue] = attentionGradient(
        ...([{ grad }, operands, weights, output, attrs] as const),
      );
      return [gradQuery, gradKey, gradValue];
    },
  });
