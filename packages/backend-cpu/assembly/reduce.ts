// Sums, maxima and minima over rows or columns. Kernels add to accumulators that the caller has set, so that a reduction may
// come in chunks. Sums run in float32 for at most 32 steps a lane, then go into float64. NaN wins in max and min.
import { madd, maxLanes, minLanes, splat } from "./common";

/** The sum of the lanes, in float64. */
@inline
function sumLanes64(v: v128): f64 {
  const pair = f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3)));
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** sums[row] += the sum of `columns` contiguous floats, for each of `rows`; the sums are float64. */
export function addRowSums(sums: usize, from: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++) {
    const end = from + ((<usize>columns) << 2);
    let sum: f64 = 0;
    while (from + 64 <= end) {
      const stop = min(end, from + 2048);
      let s0 = splat(0), s1 = s0, s2 = s0, s3 = s0;
      for (; from + 64 <= stop; from += 64) {
        s0 = f32x4.add(s0, v128.load(from));
        s1 = f32x4.add(s1, v128.load(from, 16));
        s2 = f32x4.add(s2, v128.load(from, 32));
        s3 = f32x4.add(s3, v128.load(from, 48));
      }
      sum += sumLanes64(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
    }
    for (; from < end; from += 4) sum += <f64>load<f32>(from);
    const to = sums + ((<usize>row) << 3);
    store<f64>(to, load<f64>(to) + sum);
  }
}

/** sums[o * stride + i] += the sum over r of from[o][r][i], contiguous; the sums are float64, stride >= inner rounded up to 4. */
export function addColumnSums(sums: usize, stride: i32, from: usize, outer: i32, reduce: i32, inner: i32): void {
  const rowBytes = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i += 4) {
      const to = sums + ((<usize>i) << 3);
      let low = v128.load(to);
      let high = v128.load(to, 16);
      let at = from + ((<usize>i) << 2);
      for (let r = 0; r < reduce; ) {
        const stop = min(reduce, r + 32);
        let sum = splat(0);
        for (; r < stop; r++) {
          sum = f32x4.add(sum, v128.load(at));
          at += rowBytes;
        }
        low = f64x2.add(low, f64x2.promote_low_f32x4(sum));
        high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(sum, sum, 2, 3, 2, 3)));
      }
      v128.store(to, low);
      v128.store(to, high, 16);
    }
    sums += (<usize>stride) << 3;
    from += rowBytes * reduce;
  }
}

@inline
function pick(largest: bool, a: v128, b: v128): v128 {
  if (largest) return f32x4.max(a, b);
  return f32x4.min(a, b);
}

@inline
function extremeRows(largest: bool, to: usize, from: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++) {
    const end = from + ((<usize>columns) << 2);
    let best = load<f32>(to);
    let b0 = splat(best), b1 = b0;
    // pmax and pmin take one instruction but lose a NaN that is not the first operand: those are noted beside.
    let lost = splat(0);
    for (; from + 32 <= end; from += 32) {
      const x0 = v128.load(from), x1 = v128.load(from, 16);
      b0 = largest ? f32x4.pmax(b0, x0) : f32x4.pmin(b0, x0);
      b1 = largest ? f32x4.pmax(b1, x1) : f32x4.pmin(b1, x1);
      lost = v128.or(lost, v128.or(f32x4.ne(x0, x0), f32x4.ne(x1, x1)));
    }
    b0 = pick(largest, b0, b1);
    best = largest ? maxLanes(b0) : minLanes(b0);
    if (v128.any_true(lost)) best = <f32>NaN;
    for (; from < end; from += 4) {
      const value = load<f32>(from);
      best = largest ? max(best, value) : min(best, value);
    }
    store<f32>(to, best);
    to += 4;
  }
}

/** best[row] = max(best[row], `columns` contiguous floats), for each of `rows`. */
export function maxRows(best: usize, from: usize, rows: i32, columns: i32): void {
  extremeRows(true, best, from, rows, columns);
}

export function minRows(best: usize, from: usize, rows: i32, columns: i32): void {
  extremeRows(false, best, from, rows, columns);
}

@inline
function extremeColumns(largest: bool, to: usize, stride: i32, from: usize, outer: i32, reduce: i32, inner: i32): void {
  const rowBytes = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i += 4) {
      const slot = to + ((<usize>i) << 2);
      let best = v128.load(slot);
      let at = from + ((<usize>i) << 2);
      for (let r = 0; r < reduce; r++) {
        best = pick(largest, best, v128.load(at));
        at += rowBytes;
      }
      v128.store(slot, best);
    }
    to += (<usize>stride) << 2;
    from += rowBytes * reduce;
  }
}

/** best[o * stride + i] = max(itself, from[o][r][i] over r); stride >= inner rounded up to 4. */
export function maxColumns(best: usize, stride: i32, from: usize, outer: i32, reduce: i32, inner: i32): void {
  extremeColumns(true, best, stride, from, outer, reduce, inner);
}

export function minColumns(best: usize, stride: i32, from: usize, outer: i32, reduce: i32, inner: i32): void {
  extremeColumns(false, best, stride, from, outer, reduce, inner);
}

/** sum += the sum of the squares of a - b over `count` floats; the sum is a float64. */
export function addSquaredDifferences(sum: usize, a: usize, b: usize, count: i32): void {
  const end = a + ((<usize>count) << 2);
  let total: f64 = load<f64>(sum);
  while (a + 64 <= end) {
    const stop = min(end, a + 2048);
    let s0 = splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (; a + 64 <= stop; a += 64) {
      const d0 = f32x4.sub(v128.load(a), v128.load(b)), d1 = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
      const d2 = f32x4.sub(v128.load(a, 32), v128.load(b, 32)), d3 = f32x4.sub(v128.load(a, 48), v128.load(b, 48));
      s0 = madd(d0, d0, s0);
      s1 = madd(d1, d1, s1);
      s2 = madd(d2, d2, s2);
      s3 = madd(d3, d3, s3);
      b += 64;
    }
    total += sumLanes64(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  }
  for (; a < end; a += 4) {
    const d = <f64>load<f32>(a) - <f64>load<f32>(b);
    total += d * d;
    b += 4;
  }
  store<f64>(sum, total);
}

/** Where x is better than `best`: larger or smaller, or the first NaN. */
@inline
function better(largest: bool, x: v128, best: v128): v128 {
  const beats = largest ? f32x4.gt(x, best) : f32x4.lt(x, best);
  return v128.or(beats, v128.andnot(f32x4.ne(x, x), f32x4.ne(best, best)));
}

/**
 * The first best of the floats from[o][r][i] over r, which count from `start`, where it is better than best[o * stride + i]:
 * that becomes it, and index[o * stride + i] its place. The stride is at least inner, rounded up to 4.
 */
@inline
function arg(
  largest: bool, best: usize, index: usize, stride: i32, from: usize, outer: i32, reduce: i32, inner: i32, start: i32,
): void {
  const rowBytes = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i += 4) {
      const slot = (<usize>i) << 2;
      let top = v128.load(best + slot), place = v128.load(index + slot);
      let at = from + slot;
      for (let r = 0; r < reduce; r++) {
        const x = v128.load(at);
        const wins = better(largest, x, top);
        top = v128.bitselect(x, top, wins);
        place = v128.bitselect(i32x4.splat(start + r), place, wins);
        at += rowBytes;
      }
      v128.store(best + slot, top);
      v128.store(index + slot, place);
    }
    best += (<usize>stride) << 2;
    index += (<usize>stride) << 2;
    from += rowBytes * reduce;
  }
}

export function argmaxColumns(
  best: usize, index: usize, stride: i32, from: usize, outer: i32, reduce: i32, inner: i32, start: i32,
): void {
  arg(true, best, index, stride, from, outer, reduce, inner, start);
}
export function argminColumns(
  best: usize, index: usize, stride: i32, from: usize, outer: i32, reduce: i32, inner: i32, start: i32,
): void {
  arg(false, best, index, stride, from, outer, reduce, inner, start);
}

@inline
function matches(nan: bool, x: v128, wanted: v128): v128 {
  return nan ? f32x4.ne(x, x) : f32x4.eq(x, wanted);
}

/** The place of the first of `count` floats that equals `value`, of NaN the first NaN; -1 if there is none. */
export function firstEqual(from: usize, count: i32, value: f32): i32 {
  const wanted = splat(value);
  const nan = value != value;
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    const x0 = v128.load(from), x1 = v128.load(from, 16), x2 = v128.load(from, 32), x3 = v128.load(from, 48);
    const low = v128.or(matches(nan, x0, wanted), matches(nan, x1, wanted));
    if (v128.any_true(v128.or(low, v128.or(matches(nan, x2, wanted), matches(nan, x3, wanted))))) break;
    from += 64;
  }
  for (; i < count; i++) {
    const x = load<f32>(from);
    if (nan ? x != x : x == value) return i;
    from += 4;
  }
  return -1;
}
