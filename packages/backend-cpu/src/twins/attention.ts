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

/** Which weights dropout keeps, and what they are multiplied by: dense bytes 1 and 0, [heads, queries, keys]. */
export interface KeptWeights {
  readonly data: Uint8Array;
  readonly scale: number;
}

/** What attention reads. */
export interface AttentionIn {
  readonly query: Heads;
  readonly key: Heads;
  readonly value: Heads;
  readonly mask: ScoreMask | undefined;
  readonly kept?: KeptWeights | undefined;
}
/** What it writes: matrices [queries, columns], and [heads, queries], dense. */
export interface AttentionOut {
  readonly output: Heads;
  readonly logsumexp: Float32Array;
}

/** What a mask adds to a score. */
export function maskAt(mask: ScoreMask, head: number, query: number, key: number): number {
  const at = (mask.starts[head] as number) + query * mask.row + key * mask.column;
  const value = mask.data[at] as number;
  if (!mask.isBool) return value;
  return value !== 0 ? 0 : Number.NEGATIVE_INFINITY;
}

/** What a weight is multiplied by. */
const factorAt = (kept: KeptWeights | undefined, at: number): number =>
  kept === undefined ? 1 : (kept.data[at] as number) * kept.scale;

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

/** softmax(scale Q K^T + mask) V, weights dropped where some are; 0 for a query that sees nothing. */
export function attentionF32(
  { output, logsumexp }: AttentionOut,
  operands: AttentionIn,
  sizes: AttentionSizes,
): void {
  const { queries, keys, columns } = sizes;
  const { value, kept } = operands;
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
        const share = weight * factorAt(kept, (head * queries + i) * keys + j);
        for (let c = 0; c < columns; c++)
          sums[c] = (sums[c] as number) + share * (value.data[from + c] as number);
      }
      const to = rowAt(output, head, i);
      for (let c = 0; c < columns; c++)
        output.data[to + c] = total === 0 ? 0 : (sums[c] as number) / total;
      logsumexp[head * queries + i] = largest + Math.log(total);
    }
}

/** What the gradient reads. */
export interface AttentionGradIn extends AttentionIn {
  readonly grad: Heads;
  readonly output: Heads;
  readonly logsumexp: Float32Array;
}
/** What it writes. */
export interface AttentionGradOut {
  readonly gradQuery: Heads;
  readonly gradKey: Heads;
  readonly gradValue: Heads;
}

/** Writes the rows of one head. */
function writeHead(to: Heads, head: number, values: Float64Array, rows: number): void {
  const columns = values.length / Math.max(rows, 1);
  for (let i = 0; i < rows; i++)
    to.data.set(values.subarray(i * columns, (i + 1) * columns), rowAt(to, head, i));
}

/**
 * P = exp(score - logsumexp); A = P, dropped; D = P (dropped(g V^T) - sum(g y));
 * dV = A^T g; dQ = scale D K; dK = scale D^T Q
 */
export function attentionGradF32(
  out: AttentionGradOut,
  operands: AttentionGradIn,
  sizes: AttentionSizes,
): void {
  const { queries, keys, features, columns, scale } = sizes;
  const { query, key, value, kept, grad, output, logsumexp } = operands;
  const scores = new Float64Array(keys);
  const dQuery = new Float64Array(queries * features);
  const dKey = new Float64Array(keys * features);
  const dValue = new Float64Array(keys * columns);
  for (let head = 0; head < query.starts.length; head++) {
    dQuery.fill(0);
    dKey.fill(0);
    dValue.fill(0);
    for (let i = 0; i < queries; i++) {
      score(scores, operands, head, i, sizes);
      const log = logsumexp[head * queries + i] as number;
      const shift = log === Number.NEGATIVE_INFINITY ? 0 : log;
      const [from, q] = [rowAt(grad, head, i), rowAt(query, head, i)];
      const total = dot(grad, from, output, rowAt(output, head, i), columns);
      for (let j = 0; j < seenBy(i, sizes); j++) {
        const weight = Math.exp((scores[j] as number) - shift);
        const factor = factorAt(kept, (head * queries + i) * keys + j);
        const given = factor * dot(grad, from, value, rowAt(value, head, j), columns);
        const slope = weight * (given - total);
        const k = rowAt(key, head, j);
        for (let c = 0; c < columns; c++) {
          const at = j * columns + c;
          dValue[at] = (dValue[at] as number) + weight * factor * (grad.data[from + c] as number);
        }
        for (let f = 0; f < features; f++) {
          const [at, own] = [j * features + f, i * features + f];
          dQuery[own] = (dQuery[own] as number) + scale * slope * (key.data[k + f] as number);
          dKey[at] = (dKey[at] as number) + scale * slope * (query.data[q + f] as number);
        }
      }
    }
    writeHead(out.gradQuery, head, dQuery, queries);
    writeHead(out.gradKey, head, dKey, keys);
    writeHead(out.gradValue, head, dValue, keys);
  }
}
