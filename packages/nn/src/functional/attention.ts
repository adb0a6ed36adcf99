// Scaled dot-product attention: what queries take from values, by how well keys fit them.
import {
  broadcastShapes,
  DTypeError,
  dispatch,
  drawKept,
  dropout,
  type GeneratorOption,
  isFloat,
  ops,
  ShapeError,
  sameShape,
  type Tensor,
} from "@tead/tensor";

/** Options of {@link scaledDotProductAttention}. */
export interface AttentionOptions extends GeneratorOption {
  /**
   * Broadcastable to `[..., L, S]`. Where a bool mask is true, a query sees a key; a float mask is
   * added to the scores. A query that sees no key gives 0.
   */
  readonly attnMask?: Tensor;
  /** The probability of dropping a weight, whatever the mode. Default 0. */
  readonly dropoutP?: number;
  /** Whether query i sees keys 0 to i only. Not together with `attnMask`. Default false. */
  readonly isCausal?: boolean;
  /** The factor on the scores. Default 1/sqrt(E). */
  readonly scale?: number;
  /** Whether several query heads (dim -3) share a key head. Default false. */
  readonly enableGqa?: boolean;
}

/**
 * softmax(scale * Q K^T + mask) V
 *
 * **Shapes**: `query [..., L, E]`, `key [..., S, E]`, `value [..., S, Ev] -> [..., L, Ev]`; with
 * `enableGqa` key and value may have a divisor of query's size in dim -3.
 *
 * Operands have one float dtype, which the result has.
 *
 * @param query - What asks.
 * @param key - What is compared with it.
 * @param value - What is given for it.
 * @param options - `attnMask`, `dropoutP`, `isCausal`, `scale`, `enableGqa`, `generator`.
 * @throws ShapeError if the operands do not fit.
 * @throws DTypeError if the mask is neither bool nor of query's dtype.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const value = tensor([[1], [3], [5]], { dtype: "float32" });
 * const [query, key] = [zeros([3, 4]), zeros([3, 4])];
 * const seen = F.scaledDotProductAttention(query, key, value, { isCausal: true });
 * assert.deepEqual(seen.tolistSync(), [[1], [2], [3]]);
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  const { attnMask, dropoutP = 0, isCausal = false, enableGqa = false, generator } = options;
  checkAttention(query, key, value, options);
  const { scale = 1 / Math.sqrt(query.size(-1)) } = options;
  const heads = enableGqa ? query.size(-3) : undefined;
  const [k, v] = [repeatedHeads(key, heads), repeatedHeads(value, heads)];
  const how = { scale, causal: isCausal, mask: attnMask, p: dropoutP, generator };
  return attendWhole(query, k, v, how);
}

/** How `attendWhole` makes weights of scores. */
export interface AttendingWhole extends GeneratorOption {
  readonly scale: number;
  /** Whether query i sees keys 0 to i only. */
  readonly causal: boolean;
  /** True where a query sees a key, or what is added to the scores. */
  readonly mask?: Tensor | undefined;
  /** The probability of dropping a weight. */
  readonly p: number;
  /** Where the rows lie, from the end: -2 unless said. */
  readonly rowDim?: number;
}

/** Attention as one op, which need not hold the matrix of weights. A query that sees no key gives 0. */
export function attendWhole(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { scale, causal, mask, p, rowDim = -2, generator }: AttendingWhole,
): Tensor {
  const batchOf = (t: Tensor): number[] => t.shape.slice(0, -1).toSpliced(t.ndim + rowDim, 1);
  const batch = [query, key, value].map(batchOf).reduce((a, b) => [...broadcastShapes(a, b)]);
  const spread = (t: Tensor): Tensor => {
    if (sameShape(batchOf(t), batch)) return t;
    return t.expand([...batch, t.size(-1)].toSpliced(batch.length + 2 + rowDim, 0, t.size(rowDim)));
  };
  const [q, k, v] = [spread(query), spread(key), spread(value)];
  const weights = [...batch, query.size(rowDim), key.size(rowDim)];
  const kept = p > 0 && !weights.includes(0) ? drawKept(query, weights, p, generator) : undefined;
  const inputs = [q, k, v, mask?.expand(weights), kept?.mask] as const;
  return dispatch(ops.attentionOp, inputs, {
    scale,
    causal,
    rowDim,
    keptScale: kept?.scale ?? 1,
  })[0];
}

/** True where a key comes after the query. */
export function causalMask(like: Tensor, queries: number, keys: number): Tensor {
  return like.newOnes([queries, keys], { dtype: "bool" }).triu(1);
}

/** How scores become weights. */
export interface Attending extends GeneratorOption {
  readonly scale: number;
  /** True where a query does not see a key. */
  readonly blocked?: Tensor;
  /** What is added to the scores. */
  readonly added?: Tensor;
  /** The probability of dropping a weight. */
  readonly p: number;
}

/** The attention's result and its weights. A query that sees no key gives NaN. */
export function attend(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { scale, blocked, added, p, generator }: Attending,
): readonly [output: Tensor, weights: Tensor] {
  let scores = query.mul(scale).matmul(key.transpose(-2, -1));
  if (blocked !== undefined) scores = scores.maskedFill(blocked, Number.NEGATIVE_INFINITY);
  if (added !== undefined) scores = scores.add(added);
  const weights = scores.softmax(-1);
  const kept = p > 0 ? dropout(weights, p, { ...(generator && { generator }) }) : weights;
  return [kept.matmul(value), kept];
}

function repeatedHeads(t: Tensor, heads: number | undefined): Tensor {
  if (heads === undefined || t.size(-3) === heads) return t;
  return t.repeatInterleave(heads / t.size(-3), -3);
}

function checkAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { attnMask, isCausal = false, enableGqa = false, dropoutP = 0 }: AttentionOptions,
): void {
  const op = "scaledDotProductAttention";
  const refuse = (message: string): never => {
    const named = { query, key, value, ...(attnMask && { attnMask }) };
    const operands = Object.entries(named).map(([name, { shape, dtype, device }]) => ({
      name,
      shape,
      dtype,
      device: device.name,
    }));
    throw new ShapeError(message, { op, operands });
  };
  const rank = enableGqa ? 3 : 2;
  const flat = [query, key, value].find((t) => t.ndim < rank);
  if (flat !== undefined)
    refuse(`Operand has the wrong rank: expected at least ${rank} dims, received ${flat.ndim}`);
  if (key.size(-1) !== query.size(-1))
    refuse(`Key does not fit query: expected ${query.size(-1)} features, received ${key.size(-1)}`);
  if (value.size(-2) !== key.size(-2))
    refuse(`Value does not fit key: expected ${key.size(-2)} rows, received ${value.size(-2)}`);
  const uneven = [key, value].find((t) => enableGqa && query.size(-3) % t.size(-3) !== 0);
  if (uneven !== undefined)
    refuse(
      `Heads do not divide: expected a divisor of ${query.size(-3)} in dim -3, received ${uneven.size(-3)}`,
    );
  if (!(dropoutP >= 0 && dropoutP <= 1))
    throw new RangeError(
      `${op}: Option dropoutP is not valid: expected a probability from 0 to 1, received ${dropoutP}`,
    );
  if (attnMask === undefined) return;
  if (isCausal)
    throw new RangeError(
      `${op}: Option isCausal is not valid: expected false beside attnMask, received true\n` +
        "Hint: put the causal part into the mask",
    );
  if (attnMask.dtype !== "bool" && attnMask.dtype !== query.dtype)
    throw new DTypeError(
      `${op}: Mask has the wrong dtype: expected bool or ${query.dtype}, received ${attnMask.dtype}`,
      { hint: "bool masks are true where a query sees a key" },
    );
}

/** Refuses masks that are neither bool nor float: PyTorch has dropped those of bytes. */
export function checkMask(op: string, name: string, mask: Tensor | undefined): void {
  if (mask !== undefined && mask.dtype !== "bool" && !isFloat(mask.dtype))
    throw new DTypeError(
      `${op}: Mask ${name} has the wrong dtype: expected bool or a float dtype, received ${mask.dtype}`,
    );
}
