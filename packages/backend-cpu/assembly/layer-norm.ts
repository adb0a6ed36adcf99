// Layer norm over rows of contiguous floats, forward and backward. Sums run in float32 for at most 32 steps a lane, then go
// into float64. `to` may be the input.
import { loadLanes, madd, splat, storeLanes } from "./common";

@inline
function lanes64(v: v128): f64 {
  const pair = f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3)));
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

const SUM: i32 = 0;
const SQUARES: i32 = 1;

/** x, or the square of x - center. */
@inline
function term(f: i32, x: v128, center: v128): v128 {
  if (f == SUM) return x;
  const d = f32x4.sub(x, center);
  return f32x4.mul(d, d);
}

@inline
function total(f: i32, from: usize, columns: i32, center: v128): f64 {
  const end = from + ((<usize>columns) << 2);
  let sum: f64 = 0;
  while (from + 64 <= end) {
    const stop = min(end, from + 2048);
    let s0 = splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (; from + 64 <= stop; from += 64) {
      s0 = f32x4.add(s0, term(f, v128.load(from), center));
      s1 = f32x4.add(s1, term(f, v128.load(from, 16), center));
      s2 = f32x4.add(s2, term(f, v128.load(from, 32), center));
      s3 = f32x4.add(s3, term(f, v128.load(from, 48), center));
    }
    sum += lanes64(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  }
  for (; from < end; from += 4) {
    sum += <f64>f32x4.extract_lane(term(f, v128.load32_splat(from), center), 0);
  }
  return sum;
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias in each row; means and variances are floats. Weight and bias are
 * there always: ones and zeros where the layer has none.
 */
export function layerNorm(
  to: usize, from: usize, weight: usize, bias: usize, means: usize, variances: usize,
  rows: i32, columns: i32, eps: f64,
): void {
  const rowBytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    const mean = <f32>(total(SUM, from, columns, splat(0)) / <f64>columns);
    const center = splat(mean);
    const variance = total(SQUARES, from, columns, center) / <f64>columns;
    store<f32>(means, mean);
    store<f32>(variances, <f32>variance);
    const scale = splat(<f32>(1 / Math.sqrt(variance + eps)));
    let column = 0;
    let at: usize = 0;
    for (; column + 8 <= columns; column += 8) {
      const h0 = f32x4.mul(f32x4.sub(v128.load(from + at), center), scale);
      const h1 = f32x4.mul(f32x4.sub(v128.load(from + at, 16), center), scale);
      v128.store(to + at, madd(h0, v128.load(weight + at), v128.load(bias + at)));
      v128.store(to + at, madd(h1, v128.load(weight + at, 16), v128.load(bias + at, 16)), 16);
      at += 32;
    }
    for (; column + 4 <= columns; column += 4) {
      const h = f32x4.mul(f32x4.sub(v128.load(from + at), center), scale);
      v128.store(to + at, madd(h, v128.load(weight + at), v128.load(bias + at)));
      at += 16;
    }
    const rest = columns - column;
    if (rest > 0) {
      const h = f32x4.mul(f32x4.sub(loadLanes(from + at, rest, 0), center), scale);
      storeLanes(to + at, madd(h, v128.load(weight + at), v128.load(bias + at)), rest);
    }
    from += rowBytes;
    to += rowBytes;
    means += 4;
    variances += 4;
  }
}

/**
 * With h = (x - mean) / std and v = g weight: gradInput (in the place of g) = (v - mean(v) - h mean(v h)) / std in each row;
 * sums of g h and of g over the rows are added to two rows of floats.
 */
export function layerNormGrad(
  grad: usize, x: usize, weight: usize, means: usize, variances: usize, gradWeight: usize, gradBias: usize,
  rows: i32, columns: i32, eps: f64,
): void {
  const rowBytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    const center = v128.load32_splat(means);
    const scale = splat(<f32>(1 / Math.sqrt(<f64>load<f32>(variances) + eps)));
    let sum: f64 = 0, product: f64 = 0;
    let column = 0;
    let at: usize = 0;
    while (column + 4 <= columns) {
      const stop = min(columns, column + 256);
      let s = splat(0), t = s, s1 = s, t1 = s;
      for (; column + 8 <= stop; column += 8) {
        const g = v128.load(grad + at), g1 = v128.load(grad + at, 16);
        const h = f32x4.mul(f32x4.sub(v128.load(x + at), center), scale);
        const h1 = f32x4.mul(f32x4.sub(v128.load(x + at, 16), center), scale);
        const v = f32x4.mul(g, v128.load(weight + at)), v1 = f32x4.mul(g1, v128.load(weight + at, 16));
        s = f32x4.add(s, v);
        s1 = f32x4.add(s1, v1);
        t = madd(v, h, t);
        t1 = madd(v1, h1, t1);
        v128.store(gradWeight + at, madd(g, h, v128.load(gradWeight + at)));
        v128.store(gradWeight + at, madd(g1, h1, v128.load(gradWeight + at, 16)), 16);
        v128.store(gradBias + at, f32x4.add(v128.load(gradBias + at), g));
        v128.store(gradBias + at, f32x4.add(v128.load(gradBias + at, 16), g1), 16);
        at += 32;
      }
      for (; column + 4 <= stop; column += 4) {
        const g = v128.load(grad + at);
        const h = f32x4.mul(f32x4.sub(v128.load(x + at), center), scale);
        const v = f32x4.mul(g, v128.load(weight + at));
        s = f32x4.add(s, v);
        t = f32x4.add(t, f32x4.mul(v, h));
        v128.store(gradWeight + at, f32x4.add(v128.load(gradWeight + at), f32x4.mul(g, h)));
        v128.store(gradBias + at, f32x4.add(v128.load(gradBias + at), g));
        at += 16;
      }
      sum += lanes64(f32x4.add(s, s1));
      product += lanes64(f32x4.add(t, t1));
    }
    for (; column < columns; column++) {
      const g = load<f32>(grad + at);
      const h = (load<f32>(x + at) - load<f32>(means)) * f32x4.extract_lane(scale, 0);
      const v = g * load<f32>(weight + at);
      sum += <f64>v;
      product += <f64>(v * h);
      store<f32>(gradWeight + at, load<f32>(gradWeight + at) + g * h);
      store<f32>(gradBias + at, load<f32>(gradBias + at) + g);
      at += 4;
    }
    const meanV = splat(<f32>(sum / <f64>columns));
    const meanVH = splat(<f32>(product / <f64>columns));
    // (v - mean(v) - h mean(v h)) / std = v / std + (center - x) slope - offset
    const slope = f32x4.mul(f32x4.mul(meanVH, scale), scale);
    const offset = f32x4.mul(meanV, scale);
    at = 0;
    for (column = 0; column + 8 <= columns; column += 8) {
      const v0 = f32x4.mul(v128.load(grad + at), v128.load(weight + at));
      const v1 = f32x4.mul(v128.load(grad + at, 16), v128.load(weight + at, 16));
      const d0 = madd(f32x4.sub(center, v128.load(x + at)), slope, f32x4.sub(f32x4.mul(v0, scale), offset));
      const d1 = madd(f32x4.sub(center, v128.load(x + at, 16)), slope, f32x4.sub(f32x4.mul(v1, scale), offset));
      v128.store(grad + at, d0);
      v128.store(grad + at, d1, 16);
      at += 32;
    }
    for (; column < columns; column += 4) {
      const rest = columns - column;
      const h = f32x4.mul(f32x4.sub(loadLanes(x + at, rest, 0), center), scale);
      const v = f32x4.mul(loadLanes(grad + at, rest, 0), v128.load(weight + at));
      const d = f32x4.sub(f32x4.sub(v, meanV), f32x4.mul(h, meanVH));
      storeLanes(grad + at, f32x4.mul(d, scale), rest);
      at += 16;
    }
    grad += rowBytes;
    x += rowBytes;
    means += 4;
    variances += 4;
  }
}

/** sums[i] += floats[i], which become 0; the sums are float64. */
export function flushSums(sums: usize, floats: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    store<f64>(sums, load<f64>(sums) + <f64>load<f32>(floats));
    store<f32>(floats, 0);
    sums += 8;
    floats += 4;
  }
}
