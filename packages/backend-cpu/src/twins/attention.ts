// The definitions of the attention kernels, and what runs for float64 and where WebAssembly SIMD is missing: plain loops, one
// query's scores at a time, sums in float64. Arrays may also be Float64Arrays.

/** Matrices of a batch in one array: where each begins, and their row length; columns lie side by side. */
export interface Heads {
  readonly data: Float32Array;
  readonly starts: readonly number[];
  readonly row: number;
}

/** What is added to the scores: floats, or 0 and -Infinity for bools that are true where a query sees a key. */
export interface ScoreMask {
  readonly data: ArrayLike<number>;
  readonly isBool: boolean;
  readonly starts: readonly number[];
  readonly row: number;
  readonly column: number;
}

/** The sizes of query [queries, features], key [keys, features] and value [keys, columns]. */
export interface AttentionSizes {
  readonly queries: number;
  readonly keys: number;
  readonly features: number;
  readonly columns: number;
  readonly scale: number;
  readonly causal: boolean;
}

/** What attention reads. */
export interface AttentionIn {
  readonly query: Heads;
  readonly key: Heads;
  readonly value: Heads;
  readonly mask: ScoreMask | undefined;
}
/** What it writes, dense: [heads, queries, columns] and [heads, queries]. */
export interface AttentionOut {
  readonly output: Float32Array;
  readonly logsumexp: Float32Array;
}

/** What a mask adds to a score. */
export function maskAt(mask: ScoreMask, head: number, query: number, key: number): number {
  const at = (mask.starts[head] as number) + query * mask.row + key * mask.column;
  const value = mask.data[at] as number;
  if (!mask.isBool) return value;
  return value !== 0 ? 0 : Number.NEGATIVE_INFINITY;
}

const dot = (a: Heads, from: number, b: Heads, other: number, count: number): number => {
  let sum = 0;
  for (let i = 0; i < count; i++)
    sum += (a.data[from + i] as number) * (b.data[other + i] as number);
  return sum;
};

const rowAt = ({ starts, row }: Heads, head: number, i: number): number =>
  (starts[head] as number) + i * row;

/** How many keys a query may see. */
const seenBy = (query: number, { causal, keys }: AttentionSizes): number =>
  causal ? Math.min(keys, query + 1) : keys;

/** One query's scores, those it may see; gives the largest. */
function score(
  scores: Float64Array,
  { query, key, mask }: AttentionIn,
  head: number,
  i: number,
  sizes: AttentionSizes,
): number {
  const from = rowAt(query, head, i);
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < seenBy(i, sizes); j++) {
    let s = dot(query, from, key, rowAt(key, head, j), sizes.features) * sizes.scale;
    if (mask !== undefined) s += maskAt(mask, head, i, j);
    scores[j] = s;
    largest = Math.max(largest, s);
  }
  return largest;
}

/** softmax(scale Q K^T + mask) V; 0 for a query that sees nothing. */
export function attentionF32(
  { output, logsumexp }: AttentionOut,
  operands: AttentionIn,
  sizes: AttentionSizes,
): void {
  const { queries, keys, columns } = sizes;
  const { value } = operands;
  const scores = new Float64Array(keys);
  const sums = new Float64Array(columns);
  for (let head = 0; head < value.starts.length; head++)
    for (let i = 0; i < queries; i++) {
      const largest = score(scores, operands, head, i, sizes);
      const shift = largest === Number.NEGATIVE_INFINITY ? 0 : largest;
      let total = 0;
      sums.fill(0);
      for (let j = 0; j < seenBy(i, sizes); j++) {
        const weight = Math.exp((scores[j] as number) - shift);
        const from = rowAt(value, head, j);
        total += weight;
        for (let c = 0; c < columns; c++)
          sums[c] = (sums[c] as number) + weight * (value.data[from + c] as number);
      }
      const row = head * queries + i;
      for (let c = 0; c < columns; c++)
        output[row * columns + c] = total === 0 ? 0 : (sums[c] as number) / total;
      logsumexp[row] = largest + Math.log(total);
    }
}

/** What the gradient reads. */
export interface AttentionGradIn extends AttentionIn {
  readonly grad: Heads;
  readonly output: Heads;
  readonly logsumexp: Float32Array;
}
/** What it writes, dense and zero before. */
export interface AttentionGradOut {
  readonly gradQuery: Float32Array;
  readonly gradKey: Float32Array;
  readonly gradValue: Float32Array;
}

/** P = exp(score - logsumexp); D = P (g V^T - sum(g y)); dV = P^T g; dQ = scale D K; dK = scale D^T Q */
export function attentionGradF32(
  out: AttentionGradOut,
  operands: AttentionGradIn,
  sizes: AttentionSizes,
): void {
  const { queries, keys, features, columns, scale } = sizes;
  const { query, key, value, grad, output, logsumexp } = operands;
  const scores = new Float64Array(keys);
  const dQuery = new Float64Array(features);
  const dKey = new Float64Array(keys * features);
  const dValue = new Float64Array(keys * columns);
  for (let head = 0; head < query.starts.length; head++) {
    dKey.fill(0);
    dValue.fill(0);
    for (let i = 0; i < queries; i++) {
      score(scores, operands, head, i, sizes);
      const log = logsumexp[head * queries + i] as number;
      const shift = log === Number.NEGATIVE_INFINITY ? 0 : log;
      const [from, q] = [rowAt(grad, head, i), rowAt(query, head, i)];
      const total = dot(grad, from, output, rowAt(output, head, i), columns);
      dQuery.fill(0);
      for (let j = 0; j < seenBy(i, sizes); j++) {
        const weight = Math.exp((scores[j] as number) - shift);
        const slope = weight * (dot(grad, from, value, rowAt(value, head, j), columns) - total);
        const k = rowAt(key, head, j);
        for (let c = 0; c < columns; c++) {
          const at = j * columns + c;
          dValue[at] = (dValue[at] as number) + weight * (grad.data[from + c] as number);
        }
        for (let f = 0; f < features; f++) {
          const at = j * features + f;
          dQuery[f] = (dQuery[f] as number) + scale * slope * (key.data[k + f] as number);
          dKey[at] = (dKey[at] as number) + scale * slope * (query.data[q + f] as number);
        }
      }
      out.gradQuery.set(dQuery, (head * queries + i) * features);
    }
    out.gradKey.set(dKey, head * keys * features);
    out.gradValue.set(dValue, head * keys * columns);
  }
}
