// Values counted into buckets as in torch.utils.tensorboard: NumPy's histogram, its ends trimmed.
import type { HistogramProto } from "./event.ts";

/**
 * `"tensorflow"`: exponential edges; a number: that many equal bins; a list: the edges
 * themselves.
 */
export type Bins = "tensorflow" | number | readonly number[];

/** Options of `makeHistogram`. */
export interface HistogramOptions {
  /** How the range is cut. Default `"tensorflow"`. */
  readonly bins?: Bins;
  /** Neighbouring bins are merged until at most about this many are left. Default: no limit. */
  readonly maxBins?: number;
}

let tensorflowEdges: readonly number[] | undefined;

/** Edges that grow by 10% from 1e-12 to 1e20, the same below zero, and zero. */
function defaultEdges(): readonly number[] {
  if (tensorflowEdges !== undefined) return tensorflowEdges;
  const positive: number[] = [];
  for (let edge = 1e-12; edge < 1e20; edge *= 1.1) positive.push(edge);
  const negative = positive.map((edge) => -edge).reverse();
  tensorflowEdges = [...negative, 0, ...positive];
  return tensorflowEdges;
}

/**
 * The histogram of `values`: counts in half-open bins `[edge, next)`, the last one closed. Values
 * outside all bins, NaN among them, are in `num`, `sum` and so on, but in no bucket. Bins that hold
 * nothing are dropped at both ends, except one on the left, whose limit tells where the first
 * bucket begins.
 *
 * @param values - The numbers, in any order; at least one.
 * @param options - `bins` and `maxBins`.
 * @throws RangeError if there is no value, no value in any bin, or if the edges do not increase.
 * @see https://pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_histogram
 * @example
 * import assert from "node:assert/strict";
 * import { makeHistogram } from "@tead/summary";
 * const { bucketLimit, bucket } = makeHistogram([1, 2, 2, 9], { bins: [0, 1, 2, 3, 4] });
 * assert.deepEqual(bucketLimit, [1, 2, 3]);
 * assert.deepEqual(bucket, [0, 1, 2]);
 */
export function makeHistogram(
  values: ArrayLike<number>,
  { bins = "tensorflow", maxBins }: HistogramOptions = {},
): HistogramProto {
  const moments = measure(values);
  let limits = edgesOf(bins, moments);
  let counts = count(values, limits);
  if (maxBins !== undefined) [counts, limits] = merge(counts, limits, checkMaxBins(maxBins));
  const start = counts.findIndex((n) => n > 0);
  let end = counts.length;
  while (end > 0 && counts[end - 1] === 0) end--;
  if (start < 0) {
    throw new RangeError(
      `makeHistogram: Cannot count values: all ${moments.num} lie outside the bins ` +
        "(NaN, infinite or too large)",
    );
  }
  return {
    ...moments,
    bucketLimit: limits.slice(start, end + 1),
    bucket: start > 0 ? counts.slice(start - 1, end) : [0, ...counts.slice(0, end)],
  };
}

type Moments = Omit<HistogramProto, "bucketLimit" | "bucket">;

function measure(values: ArrayLike<number>): Moments {
  if (values.length === 0) {
    throw new RangeError("makeHistogram: Cannot count values: expected at least 1, received none");
  }
  let min = values[0]!;
  let max = min;
  let sum = 0;
  let sumSquares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    sumSquares += value * value;
  }
  return { min, max, num: values.length, sum, sumSquares };
}

function edgesOf(bins: Bins, { min, max }: Moments): readonly number[] {
  if (bins === "tensorflow") return defaultEdges();
  if (typeof bins === "number") return equalEdges(bins, min, max);
  const falls = bins.findIndex((edge, i) => i > 0 && !(edge >= bins[i - 1]!));
  if (bins.length < 2 || falls > 0) {
    const received = falls > 0 ? `${bins[falls - 1]} before ${bins[falls]}` : `${bins.length}`;
    throw new RangeError(
      `makeHistogram: Cannot use bins: expected at least 2 increasing edges, received ${received}`,
    );
  }
  return bins;
}

/** edge[i] = low + i * (high - low) / bins */
function equalEdges(bins: number, min: number, max: number): number[] {
  if (!Number.isSafeInteger(bins) || bins < 1) {
    throw new RangeError(
      `makeHistogram: Cannot use bins=${bins}: expected a positive integer, edges or "tensorflow"`,
    );
  }
  if (!Number.isFinite(min) || !Number.isFinite(max)) {
    throw new RangeError(
      `makeHistogram: Cannot cut [${min}, ${max}] into ${bins} bins: expected finite values`,
    );
  }
  const low = min === max ? min - 0.5 : min;
  const high = min === max ? max + 0.5 : max;
  const step = (high - low) / bins;
  const edges = Array.from({ length: bins + 1 }, (_, i) => i * step + low);
  edges[bins] = high;
  return edges;
}

function count(values: ArrayLike<number>, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  const first = edges[0]!;
  const last = edges[edges.length - 1]!;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= first && value <= last)) continue;
    // Number of edges at or below the value; its bin is the one before.
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (edges[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    counts[Math.min(low, counts.length) - 1]!++;
  }
  return counts;
}

/** Merges runs of `floor(bins / maxBins)` neighbours. */
function merge(
  counts: number[],
  limits: readonly number[],
  maxBins: number,
): [number[], readonly number[]] {
  if (counts.length <= maxBins) return [counts, limits];
  const run = Math.floor(counts.length / maxBins);
  const merged: number[] = [];
  const edges: number[] = [];
  for (let start = 0; start < counts.length; start += run) {
    merged.push(counts.slice(start, start + run).reduce((a, b) => a + b, 0));
    edges.push(limits[start]!);
  }
  edges.push(limits[limits.length - 1]!);
  return [merged, edges];
}

function checkMaxBins(maxBins: number): number {
  if (Number.isSafeInteger(maxBins) && maxBins >= 1) return maxBins;
  throw new RangeError(`makeHistogram: Cannot use maxBins=${maxBins}: expected a positive integer`);
}
