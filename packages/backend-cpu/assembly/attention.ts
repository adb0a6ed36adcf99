// Scaled dot-product attention and its gradients, one head a task. Scores stand in panels of eight queries side by side, a row
// for each key, so that all that softmax does to them goes down the lanes; only a block of keys exists at a time.
import { scratch, splat } from "./common";
import { exp4, log4 } from "./math";
import { packPanels } from "./pack";
import { addProduct, setProduct } from "./tile";

/**
 * A job: int32 words that src/wasm/attention.ts writes. Addresses and distances are bytes; the address of an operand or of a
 * result of matrices is that of a table with the address of each head's. Rows of results are whole panels.
 */
@unmanaged
class Job {
  query!: i32; queryRow!: i32;
  key!: i32; keyRow!: i32;
  value!: i32; valueRow!: i32;
  /** Panels of eight queries [keys, 8] to be added to the scores, or 0; all one where the panels are 0 apart. */
  mask!: i32; maskPanel!: i32;
  /** Bytes 1 and 0, [heads, queries, keys]: which weights dropout keeps; or 0. */
  kept!: i32; keptScale!: f32;
  queries!: i32; keys!: i32; features!: i32; columns!: i32;
  causal!: i32;
  scale!: f32;
  output!: i32; outputRow!: i32;
  /** A float a query, [heads, queries]. */
  logs!: i32;
  /** A head's own room: for packed values, or packed keys. */
  room!: i32; roomStep!: i32;
  // Of the gradient alone.
  grad!: i32; gradRow!: i32;
  given!: i32; givenRow!: i32;
  gradQuery!: i32; gradQueryRow!: i32;
  gradKey!: i32; gradKeyRow!: i32;
  gradValue!: i32; gradValueRow!: i32;
}

/** Entry `task` of a table of addresses. */
@inline
function entry(table: i32, task: i32): usize {
  return <usize>load<i32>(<usize>table + ((<usize>task) << 2));
}

/** Keys at a time: scores of eight queries stay in the first-level cache. */
const KEYS: i32 = 512;
/** Keys at a time in the gradient, whose blocks are of 32 queries. */
const GRAD_KEYS: i32 = 256;
const GRAD_QUERIES: i32 = 32;
const HIDDEN: f32 = -Infinity;

/** How many queries a panel that starts with `query` shows a key to, as lanes: all from the key on. */
@inline
function visible(score: v128, key: i32, query: i32): v128 {
  const lanes = i32x4.add(i32x4.splat(query), i32x4(0, 1, 2, 3));
  return v128.bitselect(score, splat(HIDDEN), i32x4.ge_s(lanes, i32x4.splat(key)));
}

/** Scaled, masked scores of keys [first, first + count) to eight queries, in place, rows `rowBytes` apart. */
function mask(job: Job, scores: usize, rowBytes: usize, bias: usize, first: i32, count: i32, query: i32): void {
  const scale = splat(job.scale);
  for (let j = 0; j < count; j++) {
    let low = f32x4.mul(v128.load(scores), scale);
    let high = f32x4.mul(v128.load(scores, 16), scale);
    if (bias) {
      low = f32x4.add(low, v128.load(bias));
      high = f32x4.add(high, v128.load(bias, 16));
      bias += 32;
    }
    if (job.causal && first + j > query) {
      low = visible(low, first + j, query);
      high = visible(high, first + j, query + 4);
    }
    v128.store(scores, low);
    v128.store(scores, high, 16);
    scores += rowBytes;
  }
}

/** 0 where a query has seen nothing yet, whose largest score is -Infinity: nothing is NaN then. */
@inline
function shiftOf(largest: v128): v128 {
  return v128.andnot(largest, f32x4.eq(largest, splat(HIDDEN)));
}

/** to[row] = from[row] times the row's lane of `factors`, rows of `panels` panels; those of `from` are dense. */
function scaleRows(to: usize, rowBytes: usize, from: usize, rows: i32, panels: i32, factors: usize): void {
  const wide = (<usize>panels) << 5;
  for (let row = 0; row < rows; row++) {
    const factor = v128.load32_splat(factors + ((<usize>row) << 2));
    for (let at: usize = 0; at < wide; at += 16) v128.store(to + at, f32x4.mul(v128.load(from + at), factor));
    to += rowBytes;
    from += wide;
  }
}

/** Byte i of `a` and byte i of `b` for i from 0 to 7, then from 8 to 15. */
@inline
function lowBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
@inline
function highBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Bytes of `rows` (at most 8) rows as a panel [count, 8], whole vectors; lanes beyond the rows repeat the first. */
function packBytes(to: usize, from: usize, rowBytes: usize, rows: i32, count: i32): void {
  const r1 = rows > 1 ? rowBytes : 0, r2 = rows > 2 ? r1 + rowBytes : 0, r3 = rows > 3 ? r2 + rowBytes : 0;
  const r4 = rows > 4 ? r3 + rowBytes : 0, r5 = rows > 5 ? r4 + rowBytes : 0, r6 = rows > 6 ? r5 + rowBytes : 0;
  const r7 = rows > 7 ? r6 + rowBytes : 0;
  const end = from + <usize>count;
  for (; from < end; from += 16) {
    const x0 = v128.load(from), x1 = v128.load(from + r1), x2 = v128.load(from + r2), x3 = v128.load(from + r3);
    const x4 = v128.load(from + r4), x5 = v128.load(from + r5), x6 = v128.load(from + r6), x7 = v128.load(from + r7);
    // Rows 0 4, 2 6, then 0 2 4 6 of eight keys, and likewise the odd ones.
    const a = lowBytes(x0, x4), b = highBytes(x0, x4), c = lowBytes(x2, x6), d = highBytes(x2, x6);
    const e = lowBytes(x1, x5), f = highBytes(x1, x5), g = lowBytes(x3, x7), h = highBytes(x3, x7);
    const even0 = lowBytes(a, c), even1 = highBytes(a, c), even2 = lowBytes(b, d), even3 = highBytes(b, d);
    const odd0 = lowBytes(e, g), odd1 = highBytes(e, g), odd2 = lowBytes(f, h), odd3 = highBytes(f, h);
    v128.store(to, lowBytes(even0, odd0));
    v128.store(to, highBytes(even0, odd0), 16);
    v128.store(to, lowBytes(even1, odd1), 32);
    v128.store(to, highBytes(even1, odd1), 48);
    v128.store(to, lowBytes(even2, odd2), 64);
    v128.store(to, highBytes(even2, odd2), 80);
    v128.store(to, lowBytes(even3, odd3), 96);
    v128.store(to, highBytes(even3, odd3), 112);
    to += 128;
  }
}

/** Weights of `count` keys for eight queries times `scale` or 0, as their panel of bytes says. */
function drop(weights: usize, rowBytes: usize, bytes: usize, count: i32, scale: f32): void {
  const factor = splat(scale);
  for (let j = 0; j < count; j++) {
    const words = i16x8.extend_low_i8x16_u(v128.load64_zero(bytes));
    const low = f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words)), factor);
    const high = f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(words)), factor);
    v128.store(weights, f32x4.mul(v128.load(weights), low));
    v128.store(weights, f32x4.mul(v128.load(weights, 16), high), 16);
    weights += rowBytes;
    bytes += 8;
  }
}

/** One head: softmax(scale Q K^T + mask) V, some weights dropped, and the logarithm of each query's sum. */
export function attention(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const queries = job.queries, keys = job.keys, features = job.features, columns = job.columns;
  const key = entry(job.key, task);
  const values = <usize>(job.room + job.roomStep * task);
  const panels = (columns + 7) >> 3;
  const outBytes = (<usize>panels) << 5;
  packPanels(values, entry(job.value, task), 1, job.valueRow >> 2, columns, keys, 8);
  const factors = scratch + 32;
  const packed = scratch + 64;
  const scores = packed + ((<usize>features) << 5);
  const sums = scores + KEYS * 32;
  const keptPanel = sums + (outBytes << 3);
  const from = entry(job.query, task), to = entry(job.output, task);
  const biases = job.mask ? entry(job.mask, task) : 0;
  const kept = job.kept ? <usize>(job.kept + queries * keys * task) : 0;
  for (let query = 0; query < queries; query += 8) {
    const rows = min(8, queries - query);
    packPanels(packed, from + (<usize>(job.queryRow * query)), job.queryRow >> 2, 1, rows, features, 8);
    memory.fill(sums, 0, outBytes << 3);
    const seen = job.causal ? min(keys, query + rows) : keys;
    let largestLow = splat(HIDDEN), largestHigh = largestLow;
    let sumLow = splat(0), sumHigh = sumLow;
    for (let first = 0; first < seen; first += KEYS) {
      const count = min(KEYS, seen - first);
      setProduct(key + (<usize>(job.keyRow * first)), job.keyRow, 4, packed, 32, scores, 32, count, features);
      const bias = biases ? biases + (<usize>(job.maskPanel * (query >> 3) + 32 * first)) : 0;
      mask(job, scores, 32, bias, first, count, query);
      const end = scores + ((<usize>count) << 5);
      let nextLow = largestLow, nextHigh = largestHigh;
      for (let at = scores; at < end; at += 32) {
        nextLow = f32x4.max(nextLow, v128.load(at));
        nextHigh = f32x4.max(nextHigh, v128.load(at, 16));
      }
      const shiftLow = shiftOf(nextLow), shiftHigh = shiftOf(nextHigh);
      if (first > 0) {
        const low = exp4(f32x4.sub(largestLow, shiftLow)), high = exp4(f32x4.sub(largestHigh, shiftHigh));
        v128.store(factors, low);
        v128.store(factors, high, 16);
        scaleRows(sums, outBytes, sums, 8, panels, factors);
        sumLow = f32x4.mul(sumLow, low);
        sumHigh = f32x4.mul(sumHigh, high);
      }
      largestLow = nextLow;
      largestHigh = nextHigh;
      for (let at = scores; at < end; at += 32) {
        const low = exp4(f32x4.sub(v128.load(at), shiftLow)), high = exp4(f32x4.sub(v128.load(at, 16), shiftHigh));
        v128.store(at, low);
        v128.store(at, high, 16);
        sumLow = f32x4.add(sumLow, low);
        sumHigh = f32x4.add(sumHigh, high);
      }
      if (kept) {
        packBytes(keptPanel, kept + <usize>(keys * query + first), <usize>keys, rows, count);
        drop(scores, 32, keptPanel, count, job.keptScale);
      }
      addProduct(scores, 4, 32, values + ((<usize>first) << 5), 32, (<usize>keys) << 5, sums, outBytes, 8, panels, count);
    }
    // A query that saw nothing has a sum of 0, and gets 0.
    v128.store(factors, v128.andnot(f32x4.div(splat(1), sumLow), f32x4.eq(sumLow, splat(0))));
    v128.store(factors, v128.andnot(f32x4.div(splat(1), sumHigh), f32x4.eq(sumHigh, splat(0))), 16);
    scaleRows(to + (<usize>(job.outputRow * query)), <usize>job.outputRow, sums, rows, panels, factors);
    v128.store(factors, f32x4.add(largestLow, log4(sumLow)));
    v128.store(factors, f32x4.add(largestHigh, log4(sumHigh)), 16);
    memory.copy(<usize>job.logs + ((<usize>(queries * task + query)) << 2), factors, (<usize>rows) << 2);
  }
}

/** The sum over `count` of a * b, [count, 8] both, for each of eight lanes, to `to`. */
function dotLanes(to: usize, a: usize, b: usize, count: i32): void {
  let low = splat(0), high = low;
  for (let i = 0; i < count; i++) {
    low = f32x4.add(low, f32x4.mul(v128.load(a), v128.load(b)));
    high = f32x4.add(high, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
    a += 32;
    b += 32;
  }
  v128.store(to, low);
  v128.store(to, high, 16);
}

/** Scores become weights P and `slopes`, which hold g V^T, P (g V^T - sum(g y)), eight queries of `count` keys. */
function slope(scores: usize, slopes: usize, logs: usize, dots: usize, count: i32): void {
  const shiftLow = shiftOf(v128.load(logs)), shiftHigh = shiftOf(v128.load(logs, 16));
  const dotLow = v128.load(dots), dotHigh = v128.load(dots, 16);
  for (let j = 0; j < count; j++) {
    const low = exp4(f32x4.sub(v128.load(scores), shiftLow));
    const high = exp4(f32x4.sub(v128.load(scores, 16), shiftHigh));
    v128.store(scores, low);
    v128.store(scores, high, 16);
    v128.store(slopes, f32x4.mul(low, f32x4.sub(v128.load(slopes), dotLow)));
    v128.store(slopes, f32x4.mul(high, f32x4.sub(v128.load(slopes, 16), dotHigh)), 16);
    scores += 128;
    slopes += 128;
  }
}

/** One head's gradients. They start from 0, which the caller has seen to. */
export function attentionGrad(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const queries = job.queries, keys = job.keys, features = job.features, columns = job.columns;
  const query = entry(job.query, task);
  const key = entry(job.key, task);
  const value = entry(job.value, task);
  const grad = entry(job.grad, task);
  const given = entry(job.given, task);
  const featurePanels = (features + 7) >> 3, columnPanels = (columns + 7) >> 3;
  const gradQueryRow = <usize>job.gradQueryRow, gradKeyRow = <usize>job.gradKeyRow, gradValueRow = <usize>job.gradValueRow;
  const gradQuery = entry(job.gradQuery, task);
  const gradKey = entry(job.gradKey, task);
  const gradValue = entry(job.gradValue, task);
  const packedKeys = <usize>(job.room + job.roomStep * task);
  packPanels(packedKeys, key, 1, job.keyRow >> 2, features, keys, 8);
  // Four panels of queries: packed, with what comes for their outputs, its sums and logarithms.
  const dots = scratch + 32;
  const logs = dots + 128;
  const packed = logs + 128;
  const packedGrad = packed + ((<usize>features) << 7);
  const packedOut = packedGrad + ((<usize>columns) << 7);
  const scores = packedOut + ((<usize>columns) << 5);
  const slopes = scores + GRAD_KEYS * 128;
  const keptPanel = slopes + GRAD_KEYS * 128;
  const biases = job.mask ? entry(job.mask, task) : 0;
  const kept = job.kept ? <usize>(job.kept + queries * keys * task) : 0;
  for (let start = 0; start < queries; start += GRAD_QUERIES) {
    const rows = min(GRAD_QUERIES, queries - start);
    const used = (rows + 7) >> 3;
    for (let panel = 0; panel < used; panel++) {
      const first = start + 8 * panel;
      const count = min(8, queries - first);
      const gradPanel = packedGrad + ((<usize>(columns * panel)) << 5);
      packPanels(
        packed + ((<usize>(features * panel)) << 5), query + (<usize>(job.queryRow * first)), job.queryRow >> 2, 1,
        count, features, 8,
      );
      packPanels(gradPanel, grad + (<usize>(job.gradRow * first)), job.gradRow >> 2, 1, count, columns, 8);
      packPanels(packedOut, given + (<usize>(job.givenRow * first)), job.givenRow >> 2, 1, count, columns, 8);
      dotLanes(dots + ((<usize>panel) << 5), gradPanel, packedOut, columns);
      const logPanel = logs + ((<usize>panel) << 5);
      memory.fill(logPanel, 0, 32);
      memory.copy(logPanel, <usize>job.logs + ((<usize>(queries * task + first)) << 2), (<usize>count) << 2);
    }
    const seen = job.causal ? min(keys, start + rows) : keys;
    for (let first = 0; first < seen; first += GRAD_KEYS) {
      const count = min(GRAD_KEYS, seen - first);
      const keyBlock = key + (<usize>(job.keyRow * first));
      const valueBlock = value + (<usize>(job.valueRow * first));
      for (let panel = 0; panel < used; panel++) {
        const at = (<usize>panel) << 5;
        const place = (start >> 3) + panel;
        setProduct(keyBlock, job.keyRow, 4, packed + at * features, 32, scores + at, 128, count, features);
        setProduct(valueBlock, job.valueRow, 4, packedGrad + at * columns, 32, slopes + at, 128, count, columns);
        const bias = biases ? biases + (<usize>(job.maskPanel * place + 32 * first)) : 0;
        mask(job, scores + at, 128, bias, first, count, place << 3);
        if (kept) {
          const row = place << 3;
          packBytes(keptPanel, kept + <usize>(keys * row + first), <usize>keys, min(8, queries - row), count);
          drop(slopes + at, 128, keptPanel, count, job.keptScale);
        }
        slope(scores + at, slopes + at, logs + at, dots + at, count);
        if (kept) drop(scores + at, 128, keptPanel, count, job.keptScale);
      }
      const panelBytes = (<usize>keys) << 5;
      addProduct(
        slopes, 4, 128, packedKeys + ((<usize>first) << 5), 32, panelBytes,
        gradQuery + gradQueryRow * start, gradQueryRow, rows, featurePanels, count,
      );
      addProduct(
        slopes, 128, 4, query + (<usize>(job.queryRow * start)), job.queryRow, 32,
        gradKey + gradKeyRow * first, gradKeyRow, count, featurePanels, rows,
      );
      addProduct(
        scores, 128, 4, grad + (<usize>(job.gradRow * start)), job.gradRow, 32,
        gradValue + gradValueRow * first, gradValueRow, count, columnPanels, rows,
      );
    }
  }
  scaleAll(gradQuery, gradQueryRow, queries, featurePanels, job.scale);
  scaleAll(gradKey, gradKeyRow, keys, featurePanels, job.scale);
}

function scaleAll(at: usize, rowBytes: usize, rows: i32, panels: i32, scale: f32): void {
  const factor = splat(scale);
  const wide = (<usize>panels) << 5;
  for (let row = 0; row < rows; row++) {
    for (let i: usize = 0; i < wide; i += 16) v128.store(at + i, f32x4.mul(v128.load(at + i), factor));
    at += rowBytes;
  }
}
