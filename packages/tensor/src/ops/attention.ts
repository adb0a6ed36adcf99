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
import { formatShape, type Shape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { maskedScaleOp } from "./dropout.ts";
import { requireFloat, requireSameDType } from "./rules.ts";

/** How scores come about. */
export interface AttentionAttrs {
  /** The factor on the products of queries and keys. */
  readonly scale: number;
  /** Whether query i sees keys 0 to i only. */
  readonly causal: boolean;
  /** The factor on the weights that `kept` keeps; 1 unless said. */
  readonly keptScale?: number;
  /**
   * Along which dim of query, key, value and output the rows lie, counted from the end: -2 unless
   * said, -3 for [..., L, heads, E]. The dims left but the last are the batch.
   */
  readonly rowDim?: number;
}

type AttentionInputs = readonly ["query", "key", "value", "mask?", "kept?"];
type AttentionOutputs = readonly ["output", "logsumexp"];
type GradInputs = readonly [
  ...["grad", "query", "key", "value", "mask?", "kept?"],
  ...["output", "logsumexp"],
];
type GradOutputs = readonly ["gradQuery", "gradKey", "gradValue"];

/** A shape with its rows before the last dim. */
function rowsLast(shape: Shape, { rowDim = -2 }: AttentionAttrs): Shape {
  if (rowDim === -2) return shape;
  const batch = shape.filter((_, dim) => dim !== shape.length + rowDim && dim !== shape.length - 1);
  return [...batch, shape.at(rowDim) as number, shape.at(-1) as number];
}

/** The same shape with its rows where `rowDim` has them. */
function rowsBack(shape: Shape, { rowDim = -2 }: AttentionAttrs): Shape {
  const others = [...shape.slice(0, -2), shape.at(-1) as number];
  return others.toSpliced(others.length + 1 + rowDim, 0, shape.at(-2) as number);
}

function requireShape(what: string, { shape }: OperandSpec, expected: readonly number[]): void {
  if (!sameShape(shape, expected))
    throw new ShapeError(
      `${what} does not fit: expected ${formatShape(expected)}, received ${formatShape(shape)}`,
    );
}

/**
 * Checks query [..., L, E], key [..., S, E], value [..., S, Ev], their rows along `rowDim`, mask and
 * kept [..., L, S]; gives output and logsumexp.
 */
function inferAttention(
  [query, key, value, mask, kept]: readonly [
    ...[query: OperandSpec, key: OperandSpec, value: OperandSpec],
    ...[mask: OperandSpec | undefined, kept: OperandSpec | undefined],
  ],
  attrs: AttentionAttrs,
): [output: TensorSpec, logsumexp: TensorSpec] {
  requireFloat(query, "Query");
  requireSameDType([query, key, value]);
  const rank = -(attrs.rowDim ?? -2);
  for (const [name, { shape }] of Object.entries({ Query: query, Key: key, Value: value }))
    if (shape.length < rank)
      throw new ShapeError(
        `${name} has the wrong rank: expected at least ${rank} dims, received ${shape.length}`,
      );
  const rows = rowsLast(query.shape, attrs);
  const batch = rows.slice(0, -2);
  const [queries, features] = rows.slice(-2) as [number, number];
  const keys = key.shape.at(-rank) as number;
  const columns = value.shape.at(-1) as number;
  const ofBatch = (...sizes: number[]): Shape => rowsBack([...batch, ...sizes], attrs);
  requireShape("Key", key, ofBatch(keys, features));
  requireShape("Value", value, ofBatch(keys, columns));
  const { dtype } = query;
  if (mask !== undefined) {
    requireShape("Mask", mask, [...batch, queries, keys]);
    if (mask.dtype !== "bool" && mask.dtype !== dtype)
      throw new DTypeError(
        `Mask has the wrong dtype: expected bool or ${dtype}, received ${mask.dtype}`,
      );
  }
  if (kept !== undefined) {
    requireShape("Kept", kept, [...batch, queries, keys]);
    if (kept.dtype !== "bool")
      throw new DTypeError(`Kept has the wrong dtype: expected bool, received ${kept.dtype}`);
  }
  return [
    { shape: ofBatch(queries, columns), dtype },
    { shape: [...batch, queries], dtype },
  ];
}

/** Query, key and value with their rows before the last dim, and what is [..., L, S]. */
interface Operands {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
  readonly mask: Tensor | undefined;
  readonly kept: Tensor | undefined;
}
const hidden = Number.NEGATIVE_INFINITY;

const toLast = (t: Tensor, { rowDim = -2 }: AttentionAttrs): Tensor =>
  rowDim === -2 ? t : t.movedim(rowDim, -2);
const toBack = (t: Tensor, { rowDim = -2 }: AttentionAttrs): Tensor =>
  rowDim === -2 ? t : t.movedim(-2, rowDim);

function operandsOf(
  [query, key, value, mask, kept]: readonly [
    ...[query: Tensor, key: Tensor, value: Tensor],
    ...[mask: Tensor | undefined, kept: Tensor | undefined],
  ],
  attrs: AttentionAttrs,
): Operands {
  const [q, k, v] = [query, key, value].map((t) => toLast(t, attrs)) as [Tensor, Tensor, Tensor];
  return { query: q, key: k, value: v, mask, kept };
}

/** What is left of weights, or of what comes for them, where some are dropped. */
const drop = (
  weights: Tensor,
  { kept }: Operands,
  { keptScale: scale = 1 }: AttentionAttrs,
): Tensor => (kept === undefined ? weights : dispatch(maskedScaleOp, [kept, weights], { scale }));

/** The scores [..., L, S], -Infinity where a query does not see a key. */
function score({ query, key, mask }: Operands, { scale, causal }: AttentionAttrs): Tensor {
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

const isEmpty = ({ query, key }: Operands): boolean => query.numel() * key.size(-2) === 0;

/**
 * With P the weights, A those that are kept and D = kept(g V^T) - sum(g y): dL/dV = A^T g,
 * dL/dQ = scale (P D) K, dL/dK = scale (P D)^T Q, and P D is the mask's. What comes for the logsumexp
 * adds to D.
 */
function attentionGradient(
  given: { readonly grad: Tensor; readonly output: Tensor; readonly gradLog?: Tensor | undefined },
  operands: Operands,
  weights: Tensor,
  attrs: AttentionAttrs,
): [query: Tensor, key: Tensor, value: Tensor, mask: Tensor] {
  const { query, key, value } = operands;
  const [grad, output] = [toLast(given.grad, attrs), toLast(given.output, attrs)];
  let centered = drop(grad.matmul(value.transpose(-2, -1)), operands, attrs).sub(
    grad.mul(output).sum(-1, { keepDim: true }),
  );
  if (given.gradLog !== undefined) centered = centered.add(given.gradLog.unsqueeze(-1));
  const gradScores = weights.mul(centered);
  const scaled = gradScores.mul(attrs.scale);
  return [
    toBack(scaled.matmul(key), attrs),
    toBack(scaled.transpose(-2, -1).matmul(query), attrs),
    toBack(drop(weights, operands, attrs).transpose(-2, -1).matmul(grad), attrs),
    gradScores,
  ];
}

/**
 * softmax(scale * Q K^T + mask) V over the rows along `rowDim` and the last dim, and the logarithm of
 * what each query's weights were divided by. A bool mask is true where a query sees a key; a query
 * that sees no key gives 0. Where `kept` is given, weights are multiplied by `keptScale` where it is
 * true and dropped elsewhere. It is open whether NaN at a key that a query does not see reaches the
 * query.
 */
export const attentionOp: Fusable<"attention", AttentionInputs, AttentionAttrs, AttentionOutputs> =
  defineFusable("attention", {
    inputs: ["query", "key", "value", "mask?", "kept?"],
    outputs: ["output", "logsumexp"],
    saves: ["query", "key", "value", "mask", "kept", "output", "logsumexp"],
    infer: (inputs, attrs) => inferAttention(inputs, attrs),
    gradient: ({ grads, attrs, needs, query, key, value, mask, kept, output, logsumexp }) => {
      const [grad = output.zerosLike(), gradLog] = grads;
      const inputs = [query, key, value, mask, kept] as const;
      if (gradLog === undefined && !needs[3]) {
        const saved = [output, logsumexp] as const;
        const [q, k, v] = dispatch(attentionGradOp, [grad, ...inputs, ...saved], attrs);
        return [q, k, v, undefined, undefined];
      }
      const operands = operandsOf(inputs, attrs);
      const scores = score(operands, attrs);
      const weights = isEmpty(operands) ? scores : weigh(scores)[0];
      const gradients = attentionGradient({ grad, output, gradLog }, operands, weights, attrs);
      return [...gradients, undefined];
    },
    decompose: (inputs, attrs) => {
      const operands = operandsOf(inputs, attrs);
      const { query, value } = operands;
      if (isEmpty(operands)) {
        const rows = query.shape.slice(0, -1);
        const shape = rowsBack([...rows, value.size(-1)], attrs);
        return [query.newZeros(shape), query.newFull(rows, hidden)];
      }
      const [weights, logsumexp] = weigh(score(operands, attrs));
      return [toBack(drop(weights, operands, attrs).matmul(value), attrs), logsumexp];
    },
  });

/** The gradients of `attention` for query, key and value. */
export const attentionGradOp: Fusable<"attentionGrad", GradInputs, AttentionAttrs, GradOutputs> =
  defineFusable("attentionGrad", {
    inputs: ["grad", "query", "key", "value", "mask?", "kept?", "output", "logsumexp"],
    outputs: ["gradQuery", "gradKey", "gradValue"],
    infer: ([grad, ...rest], attrs): [TensorSpec, TensorSpec, TensorSpec] => {
      const [query, key, value, mask, kept, output, logsumexp] = rest;
      const [result, rows] = inferAttention([query, key, value, mask, kept], attrs);
      requireSameDType([query, grad, output, logsumexp]);
      requireShape("Gradient", grad, result.shape);
      requireShape("Output", output, result.shape);
      requireShape("Logsumexp", logsumexp, rows.shape);
      const like = ({ shape, dtype }: OperandSpec): TensorSpec => ({ shape, dtype });
      return [like(query), like(key), like(value)];
    },
    gradient: throughDecomposition,
    decompose: ([grad, query, key, value, mask, kept, output, logsumexp], attrs) => {
      const operands = operandsOf([query, key, value, mask, kept], attrs);
      const shift = logsumexp.eq(hidden).where(0, logsumexp).unsqueeze(-1);
      const weights = score(operands, attrs).sub(shift).exp();
      const given = { grad, output };
      const [gradQuery, gradKey, gradValue] = attentionGradient(given, operands, weights, attrs);
      return [gradQuery, gradKey, gradValue];
    },
  });
