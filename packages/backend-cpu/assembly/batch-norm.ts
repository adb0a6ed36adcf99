// Batch normalization over [images, channels, size] chunks: moments, normalization, and the gradient's sums.
import { splat, storeLanes } from "./common";

@inline
function sum64(v: v128): f64 {
  const pair = f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3)));
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** Floats summed in float32 before the sum goes into float64. */
const BLOCK_BYTES: usize = 1024;

/** The sum of (x - shift). */
function shiftedSum(from: usize, size: i32, shift: f32): f64 {
  const end = from + ((<usize>size) << 2);
  const s = splat(shift);
  let sum: f64 = 0;
  while (from + 16 <= end) {
    const stop = min(end, from + BLOCK_BYTES);
    let s0 = splat(0), s1 = s0;
    for (; from + 32 <= stop; from += 32) {
      s0 = f32x4.add(s0, f32x4.sub(v128.load(from), s));
      s1 = f32x4.add(s1, f32x4.sub(v128.load(from, 16), s));
    }
    for (; from + 16 <= stop; from += 16) s0 = f32x4.add(s0, f32x4.sub(v128.load(from), s));
    sum += sum64(f32x4.add(s0, s1));
  }
  for (; from < end; from += 4) sum += <f64>(load<f32>(from) - shift);
  return sum;
}

/** The sum of (x - shift)^2. */
function shiftedSquares(from: usize, size: i32, shift: f32): f64 {
  const end = from + ((<usize>size) << 2);
  const s = splat(shift);
  let sum: f64 = 0;
  while (from + 16 <= end) {
    const stop = min(end, from + BLOCK_BYTES);
    let s0 = splat(0), s1 = s0;
    for (; from + 32 <= stop; from += 32) {
      const d0 = f32x4.sub(v128.load(from), s);
      const d1 = f32x4.sub(v128.load(from, 16), s);
      s0 = f32x4.add(s0, f32x4.mul(d0, d0));
      s1 = f32x4.add(s1, f32x4.mul(d1, d1));
    }
    for (; from + 16 <= stop; from += 16) {
      const d0 = f32x4.sub(v128.load(from), s);
      s0 = f32x4.add(s0, f32x4.mul(d0, d0));
    }
    sum += sum64(f32x4.add(s0, s1));
  }
  for (; from < end; from += 4) {
    const d = <f64>(load<f32>(from) - shift);
    sum += d * d;
  }
  return sum;
}

/**
 * Merges each plane into moments[channel] = (count, mean, sum of squared deviations), three float64, by the formula of
 * Chan, Golub and LeVeque: delta = mean_b - mean_a, M2 = M2_a + M2_b + delta^2 n_a n_b / n.
 */
export function addMoments(moments: usize, from: usize, images: i32, channels: i32, size: i32): void {
  const n = <f64>size;
  for (let image = 0; image < images; image++) {
    let to = moments;
    for (let channel = 0; channel < channels; channel++) {
      const shift = <f32>(shiftedSum(from, size, 0) / n);
      const rest = shiftedSum(from, size, shift);
      const squares = shiftedSquares(from, size, shift) - (rest * rest) / n;
      const planeMean = <f64>shift + rest / n;
      const count = load<f64>(to);
      const mean = load<f64>(to, 8);
      const delta = planeMean - mean;
      const total = count + n;
      store<f64>(to, total);
      store<f64>(to, mean + (delta * n) / total, 8);
      store<f64>(to, load<f64>(to, 16) + squares + (delta * delta * count * n) / total, 16);
      to += 24;
      from += (<usize>size) << 2;
    }
  }
}

/** x = x * scale[channel] + shift[channel], in place. */
export function scaleChannels(x: usize, scale: usize, shift: usize, images: i32, channels: i32, size: i32): void {
  for (let image = 0; image < images; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const at = (<usize>channel) << 2;
      const a = v128.load32_splat(scale + at);
      const b = v128.load32_splat(shift + at);
      let i = 0;
      for (; i + 4 <= size; i += 4) {
        v128.store(x, f32x4.add(f32x4.mul(v128.load(x), a), b));
        x += 16;
      }
      if (i < size) {
        storeLanes(x, f32x4.add(f32x4.mul(v128.load(x), a), b), size - i);
        x += (<usize>(size - i)) << 2;
      }
    }
  }
}

/** sums[channel] += (sum of g, sum of g * (x - mean[channel])), two float64. */
export function addGradientSums(
  sums: usize, grad: usize, x: usize, mean: usize, images: i32, channels: i32, size: i32,
): void {
  for (let image = 0; image < images; image++) {
    let to = sums;
    for (let channel = 0; channel < channels; channel++) {
      const shift = load<f32>(mean + ((<usize>channel) << 2));
      const m = splat(shift);
      let total: f64 = 0;
      let dot: f64 = 0;
      const end = grad + ((<usize>size) << 2);
      while (grad + 16 <= end) {
        const stop = min(end, grad + BLOCK_BYTES);
        let s = splat(0), d = s;
        for (; grad + 16 <= stop; grad += 16) {
          const g = v128.load(grad);
          s = f32x4.add(s, g);
          d = f32x4.add(d, f32x4.mul(g, f32x4.sub(v128.load(x), m)));
          x += 16;
        }
        total += sum64(s);
        dot += sum64(d);
      }
      for (; grad < end; grad += 4) {
        const g = load<f32>(grad);
        total += <f64>g;
        dot += <f64>(g * (load<f32>(x) - shift));
        x += 4;
      }
      store<f64>(to, load<f64>(to) + total);
      store<f64>(to, load<f64>(to, 8) + dot, 8);
      to += 16;
    }
  }
}

/**
 * g = g * scale[channel] - (x - mean[channel]) * slope[channel] - shift[channel], in place. `terms` holds the four numbers of
 * each channel: shift, mean, slope, scale.
 */
export function normGradient(grad: usize, x: usize, terms: usize, images: i32, channels: i32, size: i32): void {
  for (let image = 0; image < images; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const at = terms + ((<usize>channel) << 4);
      const shift = v128.load32_splat(at);
      const mean = v128.load32_splat(at, 4);
      const slope = v128.load32_splat(at, 8);
      const scale = v128.load32_splat(at, 12);
      let i = 0;
      for (; i + 4 <= size; i += 4) {
        v128.store(grad, gradientOf(v128.load(grad), v128.load(x), shift, mean, slope, scale));
        x += 16;
        grad += 16;
      }
      if (i < size) {
        const count = size - i;
        storeLanes(grad, gradientOf(v128.load(grad), v128.load(x), shift, mean, slope, scale), count);
        x += (<usize>count) << 2;
        grad += (<usize>count) << 2;
      }
    }
  }
}

@inline
function gradientOf(g: v128, x: v128, shift: v128, mean: v128, slope: v128, scale: v128): v128 {
  return f32x4.sub(f32x4.sub(f32x4.mul(g, scale), f32x4.mul(f32x4.sub(x, mean), slope)), shift);
}
