// Winograd's transforms in one dimension: F(4, 3) at the points 0, ±√½, ±√2, ∞ and F(4, 5) at 0, ±½, ±1, ±2, ∞. A line is 6 (8)
// vectors for the smaller (larger) kernel: `size`. Steps are bytes. docs/decisions/0009-winograd.md derives the numbers.
import { madd } from "./common";

const H: f32 = 0.7071067811865476;
const R: f32 = 1.4142135623730951;

@inline
function scale(x: v128, by: f32): v128 {
  return f32x4.mul(x, f32x4.splat(by));
}

/** a + b x */
@inline
function plus(a: v128, b: f32, x: v128): v128 {
  return madd(f32x4.splat(b), x, a);
}

/** The vector at `index`: a constant step becomes part of the instruction. */
@inline
function item(from: usize, step: usize, index: usize): v128 {
  if (isConstant(step)) return v128.load(from, step * index);
  return v128.load(from + step * index);
}

@inline
function setItem(to: usize, step: usize, index: usize, value: v128): void {
  if (isConstant(step)) v128.store(to, value, step * index);
  else v128.store(to + step * index, value);
}

/** Stores even + odd at `index`, even - odd after it. */
@inline
function storePair(to: usize, step: usize, index: usize, even: v128, odd: v128): void {
  setItem(to, step, index, f32x4.add(even, odd));
  setItem(to, step, index + 1, f32x4.sub(even, odd));
}

@inline
function inputLine6(from: usize, fromStep: usize, to: usize, step: usize): void {
  const d0 = v128.load(from), d1 = item(from, fromStep, 1);
  const d2 = item(from, fromStep, 2), d3 = item(from, fromStep, 3);
  const d4 = item(from, fromStep, 4), d5 = item(from, fromStep, 5);
  v128.store(to, f32x4.add(plus(d4, -2.5, d2), d0));
  storePair(to, step, 1, plus(d4, -2, d2), scale(plus(d3, -2, d1), H));
  storePair(to, step, 3, plus(d4, -0.5, d2), scale(plus(d3, -0.5, d1), R));
  setItem(to, step, 5, f32x4.add(plus(d5, -2.5, d3), d1));
}

@inline
function inputLine8(from: usize, fromStep: usize, to: usize, step: usize): void {
  const d0 = v128.load(from), d1 = item(from, fromStep, 1);
  const d2 = item(from, fromStep, 2), d3 = item(from, fromStep, 3);
  const d4 = item(from, fromStep, 4), d5 = item(from, fromStep, 5);
  const d6 = item(from, fromStep, 6), d7 = item(from, fromStep, 7);
  v128.store(to, plus(f32x4.sub(d6, d0), 5.25, f32x4.sub(d2, d4)));
  storePair(to, step, 1, plus(plus(d6, -5, d4), 4, d2), scale(plus(plus(d5, -5, d3), 4, d1), 0.5));
  storePair(to, step, 3, f32x4.add(plus(d6, -4.25, d4), d2), f32x4.add(plus(d5, -4.25, d3), d1));
  const even = plus(plus(d6, -1.25, d4), 0.25, d2);
  storePair(to, step, 5, even, scale(plus(plus(d5, -1.25, d3), 0.25, d1), 2));
  setItem(to, step, 7, plus(f32x4.sub(d7, d1), 5.25, f32x4.sub(d3, d5)));
}

/** Bᵀ d: `size` values of the image to `size` products' operands. */
@inline
export function inputLine(size: i32, from: usize, fromStep: usize, to: usize, step: usize): void {
  if (size == 6) inputLine6(from, fromStep, to, step);
  else inputLine8(from, fromStep, to, step);
}

/** Aᵀ m: `size` products to 4 outputs. */
@inline
export function outputLine(size: i32, from: usize, fromStep: usize, to: usize, step: usize): void {
  const m0 = v128.load(from), m1 = item(from, fromStep, 1);
  const m2 = item(from, fromStep, 2), m3 = item(from, fromStep, 3);
  const m4 = item(from, fromStep, 4), m5 = item(from, fromStep, 5);
  const s1 = f32x4.add(m1, m2), d1 = f32x4.sub(m1, m2);
  const s2 = f32x4.add(m3, m4), d2 = f32x4.sub(m3, m4);
  if (size == 6) {
    v128.store(to, f32x4.add(f32x4.add(m0, s1), s2));
    setItem(to, step, 1, plus(scale(d1, H), R, d2));
    setItem(to, step, 2, plus(scale(s1, 0.5), 2, s2));
    setItem(to, step, 3, plus(plus(m5, <f32>0.3535533905932738, d1), <f32>2.8284271247461903, d2));
    return;
  }
  const m6 = item(from, fromStep, 6), m7 = item(from, fromStep, 7);
  const s3 = f32x4.add(m5, m6), d3 = f32x4.sub(m5, m6);
  v128.store(to, f32x4.add(f32x4.add(m0, s1), f32x4.add(s2, s3)));
  setItem(to, step, 1, plus(plus(d2, 0.5, d1), 2, d3));
  setItem(to, step, 2, plus(plus(s2, 0.25, s1), 4, s3));
  setItem(to, step, 3, f32x4.add(plus(plus(d2, 0.125, d1), 8, d3), m7));
}

/** A y, the transpose of `outputLine`: 4 output gradients to `size` values. */
@inline
export function gradientLine(size: i32, from: usize, fromStep: usize, to: usize, step: usize): void {
  const y0 = v128.load(from), y1 = item(from, fromStep, 1);
  const y2 = item(from, fromStep, 2), y3 = item(from, fromStep, 3);
  v128.store(to, y0);
  if (size == 6) {
    storePair(to, step, 1, plus(y0, 0.5, y2), scale(plus(y1, 0.5, y3), H));
    storePair(to, step, 3, plus(y0, 2, y2), scale(plus(y1, 2, y3), R));
    setItem(to, step, 5, y3);
    return;
  }
  storePair(to, step, 1, plus(y0, 0.25, y2), scale(plus(y1, 0.25, y3), 0.5));
  storePair(to, step, 3, f32x4.add(y0, y2), f32x4.add(y1, y3));
  storePair(to, step, 5, plus(y0, 4, y2), scale(plus(y1, 4, y3), 2));
  setItem(to, step, 7, y3);
}

/** G g: 3 (5) values of the kernel to `size`. */
@inline
export function filterLine(size: i32, from: usize, fromStep: usize, to: usize, step: usize): void {
  const g0 = v128.load(from), g1 = item(from, fromStep, 1), g2 = item(from, fromStep, 2);
  if (size == 6) {
    v128.store(to, g0);
    const even = scale(plus(g0, 0.5, g2), <f32>(-2.0 / 3.0));
    storePair(to, step, 1, even, scale(g1, <f32>(-0.7071067811865476 / 1.5)));
    storePair(to, step, 3, scale(plus(g0, 2, g2), <f32>(1.0 / 6.0)), scale(g1, <f32>(1.4142135623730951 / 6.0)));
    setItem(to, step, 5, g2);
    return;
  }
  const g3 = item(from, fromStep, 3), g4 = item(from, fromStep, 4);
  v128.store(to, f32x4.neg(g0));
  const half: f32 = <f32>(1.0 / 1.40625);
  const even = scale(plus(plus(g0, 0.25, g2), 0.0625, g4), half);
  storePair(to, step, 1, even, scale(plus(g1, 0.25, g3), half * 0.5));
  const one: f32 = <f32>(-1.0 / 4.5);
  storePair(to, step, 3, scale(f32x4.add(f32x4.add(g0, g2), g4), one), scale(f32x4.add(g1, g3), one));
  const two: f32 = <f32>(1.0 / 90.0);
  storePair(to, step, 5, scale(plus(plus(g0, 4, g2), 16, g4), two), scale(plus(g1, 4, g3), two * 2));
  setItem(to, step, 7, g4);
}

/** Gᵀ u, the transpose of `filterLine`: `size` values to 3 (5) of the kernel's gradient. */
@inline
export function filterGradientLine(size: i32, from: usize, fromStep: usize, to: usize, step: usize): void {
  const u0 = v128.load(from), u1 = item(from, fromStep, 1);
  const u2 = item(from, fromStep, 2), u3 = item(from, fromStep, 3);
  const u4 = item(from, fromStep, 4), u5 = item(from, fromStep, 5);
  if (size == 6) {
    const s1 = scale(f32x4.add(u1, u2), <f32>(-2.0 / 3.0)), s2 = scale(f32x4.add(u3, u4), <f32>(1.0 / 6.0));
    const d1 = f32x4.sub(u1, u2), d2 = f32x4.sub(u3, u4);
    v128.store(to, f32x4.add(u0, f32x4.add(s1, s2)));
    setItem(to, step, 1, plus(scale(d1, <f32>(-0.7071067811865476 / 1.5)), <f32>(1.4142135623730951 / 6.0), d2));
    setItem(to, step, 2, plus(plus(u5, 0.5, s1), 2, s2));
    return;
  }
  const u6 = item(from, fromStep, 6), u7 = item(from, fromStep, 7);
  const half: f32 = <f32>(1.0 / 1.40625), one: f32 = <f32>(-1.0 / 4.5), two: f32 = <f32>(1.0 / 90.0);
  const s1 = scale(f32x4.add(u1, u2), half), d1 = scale(f32x4.sub(u1, u2), half * 0.5);
  const s2 = scale(f32x4.add(u3, u4), one), d2 = scale(f32x4.sub(u3, u4), one);
  const s3 = scale(f32x4.add(u5, u6), two), d3 = scale(f32x4.sub(u5, u6), two * 2);
  v128.store(to, f32x4.add(f32x4.sub(s1, u0), f32x4.add(s2, s3)));
  setItem(to, step, 1, f32x4.add(f32x4.add(d1, d2), d3));
  setItem(to, step, 2, plus(plus(s2, 0.25, s1), 4, s3));
  setItem(to, step, 3, plus(plus(d2, 0.25, d1), 4, d3));
  setItem(to, step, 4, f32x4.add(plus(plus(s2, 0.0625, s1), 16, s3), u7));
}
