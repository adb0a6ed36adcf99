// Activations and their gradients over contiguous floats, as functions of the input. Counts are rounded up to four vectors;
// `to` may be an operand. The options of an activation come as `p` and `q`.
import { splat } from "./common";
import { areNear, at, exp4, HALF, ONE, sigmoid4, sigmoidCall, sigmoidNear4, tanh4, ZERO } from "./math";
import { expm14, log1p4, normal4 } from "./special";

const GELU: i32 = 0;
const GELU_TANH: i32 = 1;
const SILU: i32 = 2;
const MISH: i32 = 3;
const LOG_SIGMOID: i32 = 4;
const SOFTPLUS: i32 = 5;
const LEAKY_RELU: i32 = 6;
const CLAMP: i32 = 8;
const HARDSWISH: i32 = 9;
const HARDSIGMOID: i32 = 10;
const THRESHOLD: i32 = 11;
const HARDSHRINK: i32 = 12;
const SOFTSHRINK: i32 = 13;

const ROOT = memory.data<f32>([0.79788456080286536]);
const CUBIC = memory.data<f32>([0.044715]);
const CUBIC_3 = memory.data<f32>([0.134145]);
const DENSITY = memory.data<f32>([0.39894228040143268]);
const THREE = memory.data<f32>([3]);
const SIX = memory.data<f32>([6]);
const SIXTH = memory.data<f32>([0.16666667163372040]);

/** ln(1 + e^x) without overflow. */
@inline
function softplus4(x: v128): v128 {
  const positive = f32x4.max(x, splat(0));
  return f32x4.add(positive, log1p4(exp4(f32x4.neg(f32x4.abs(x)))));
}

/** tanh(sqrt(2 / pi) (x + 0.044715 x^3)) */
@inline
function geluTanh4(x: v128): v128 {
  const cube = f32x4.mul(f32x4.mul(at(CUBIC), x), x);
  return tanh4(f32x4.mul(f32x4.mul(at(ROOT), x), f32x4.add(cube, at(ONE))));
}

/** x within 0 and 6; NaN stays. */
@inline
function sixClamp(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, at(ZERO)), at(SIX));
}

@inline
function apply(f: i32, x: v128, p: v128, q: v128): v128 {
  if (f == GELU) return f32x4.mul(x, normal4(x));
  if (f == GELU_TANH) return f32x4.mul(f32x4.mul(at(HALF), x), f32x4.add(geluTanh4(x), at(ONE)));
  if (f == MISH) return f32x4.mul(x, tanh4(softplus4(x)));
  if (f == LOG_SIGMOID) return f32x4.neg(softplus4(f32x4.neg(x)));
  // p is beta, q the threshold.
  if (f == SOFTPLUS) {
    const scaled = f32x4.mul(x, p);
    const soft = f32x4.div(log1p4(exp4(scaled)), p);
    return v128.bitselect(x, soft, f32x4.gt(scaled, q));
  }
  if (f == LEAKY_RELU) return v128.bitselect(x, f32x4.mul(x, p), f32x4.gt(x, splat(0)));
  // The limits are numbers; NaN stays.
  if (f == CLAMP) return f32x4.pmin(f32x4.pmax(x, p), q);
  if (f == HARDSWISH) return f32x4.div(f32x4.mul(x, sixClamp(f32x4.add(x, at(THREE)))), at(SIX));
  if (f == HARDSIGMOID) return f32x4.div(sixClamp(f32x4.add(x, at(THREE))), at(SIX));
  // p is lambda.
  if (f == HARDSHRINK) return v128.andnot(x, f32x4.le(f32x4.abs(x), p));
  if (f == SOFTSHRINK) {
    const above = v128.and(f32x4.gt(x, p), f32x4.sub(x, p));
    return v128.or(above, v128.and(f32x4.lt(x, f32x4.neg(p)), f32x4.add(x, p)));
  }
  // p is the threshold, q the value.
  return v128.bitselect(q, x, f32x4.le(x, p));
}

@inline
function each(f: i32, to: usize, from: usize, count: i32, p0: f32, q0: f32): void {
  const p = splat(p0);
  const q = splat(q0);
  const end = from + ((<usize>count) << 2);
  for (; from < end; from += 32) {
    const y0 = apply(f, v128.load(from), p, q);
    const y1 = apply(f, v128.load(from, 16), p, q);
    v128.store(to, y0);
    v128.store(to, y1, 16);
    to += 32;
  }
}

export function gelu(to: usize, x: usize, n: i32, p: f32, q: f32): void { each(GELU, to, x, n, p, q); }
export function geluTanh(to: usize, x: usize, n: i32, p: f32, q: f32): void { each(GELU_TANH, to, x, n, p, q); }
/** Four vectors whose exponentials are all normal take the short way. */
export function silu(to: usize, x: usize, n: i32, p: f32, q: f32): void {
  const end = x + ((<usize>n) << 2);
  for (; x < end; x += 64) {
    const x0 = v128.load(x), x1 = v128.load(x, 16), x2 = v128.load(x, 32), x3 = v128.load(x, 48);
    let y0: v128, y1: v128, y2: v128, y3: v128;
    if (areNear(x0, x1, x2, x3)) {
      y0 = sigmoidNear4(x0);
      y1 = sigmoidNear4(x1);
      y2 = sigmoidNear4(x2);
      y3 = sigmoidNear4(x3);
    } else {
      y0 = sigmoidCall(x0);
      y1 = sigmoidCall(x1);
      y2 = sigmoidCall(x2);
      y3 = sigmoidCall(x3);
    }
    v128.store(to, f32x4.mul(x0, y0));
    v128.store(to, f32x4.mul(x1, y1), 16);
    v128.store(to, f32x4.mul(x2, y2), 32);
    v128.store(to, f32x4.mul(x3, y3), 48);
    to += 64;
  }
}
export function mish(to: usize, x: usize, n: i32, p: f32, q: f32): void { each(MISH, to, x, n, p, q); }
export function logsigmoid(to: usize, x: usize, n: i32, p: f32, q: f32): void { each(LOG_SIGMOID, to, x, n, p, q); }
export function softplus(to: usize, x: usize, n: i32, p: f32, q: f32): void { each(SOFTPLUS, to, x, n, p, q); }
export function leakyRelu(to: usize, x: usize, n: i32, p: f32, q: f32): void { each(LEAKY_RELU, to, x, n, p, q); }
export function clamp(to: usize, x: usize, n: i32, p: f32, q: f32): void { each(CLAMP, to, x, n, p, q); }
export function hardswish(to: usize, x: usize, n: i32, p: f32, q: f32): void { each(HARDSWISH, to, x, n, p, q); }
export function hardsigmoid(to: usize, x: usize, n: i32, p: f32, q: f32): void { each(HARDSIGMOID, to, x, n, p, q); }
export function hardshrink(to: usize, x: usize, n: i32, p: f32, q: f32): void { each(HARDSHRINK, to, x, n, p, q); }
export function softshrink(to: usize, x: usize, n: i32, p: f32, q: f32): void { each(SOFTSHRINK, to, x, n, p, q); }
export function threshold(to: usize, x: usize, n: i32, p: f32, q: f32): void { each(THRESHOLD, to, x, n, p, q); }

/** ELU, SELU and CELU: scale x above 0, else negative (e^(inner x) - 1). */
export function elu(to: usize, from: usize, count: i32, scale: f32, negative: f32, inner: f32): void {
  const end = from + ((<usize>count) << 2);
  for (; from < end; from += 16) {
    const x = v128.load(from);
    const below = f32x4.mul(expm14(f32x4.mul(x, splat(inner))), splat(negative));
    v128.store(to, v128.bitselect(below, f32x4.mul(x, splat(scale)), f32x4.le(x, splat(0))));
    to += 16;
  }
}

/** g scale above 0, else g slope e^(inner x). */
export function eluGrad(
  to: usize, grad: usize, from: usize, count: i32, scale: f32, slope: f32, inner: f32,
): void {
  const end = from + ((<usize>count) << 2);
  for (; from < end; from += 16) {
    const x = v128.load(from);
    const g = v128.load(grad);
    const below = f32x4.mul(f32x4.mul(g, splat(slope)), exp4(f32x4.mul(x, splat(inner))));
    v128.store(to, v128.bitselect(below, f32x4.mul(g, splat(scale)), f32x4.le(x, splat(0))));
    grad += 16;
    to += 16;
  }
}

/** g where the mask is set, else 0. */
@inline
function where0(mask: v128, g: v128): v128 {
  return v128.and(mask, g);
}

@inline
function slope(f: i32, g: v128, x: v128, p: v128, q: v128): v128 {
  if (f == GELU) {
    const square = f32x4.mul(f32x4.mul(x, x), splat(-0.5));
    const density = f32x4.mul(exp4(square), at(DENSITY));
    return f32x4.mul(g, f32x4.add(normal4(x), f32x4.mul(x, density)));
  }
  if (f == GELU_TANH) {
    const t = geluTanh4(x);
    const inner = f32x4.mul(at(ROOT), f32x4.add(f32x4.mul(f32x4.mul(at(CUBIC_3), x), x), at(ONE)));
    const rest = f32x4.mul(f32x4.mul(x, f32x4.sub(at(ONE), f32x4.mul(t, t))), inner);
    return f32x4.mul(f32x4.mul(g, at(HALF)), f32x4.add(f32x4.add(t, at(ONE)), rest));
  }
  if (f == SILU) {
    const s = sigmoid4(x);
    return f32x4.mul(f32x4.mul(g, s), f32x4.add(f32x4.mul(x, f32x4.sub(at(ONE), s)), at(ONE)));
  }
  if (f == MISH) {
    const t = tanh4(softplus4(x));
    const rest = f32x4.mul(f32x4.mul(x, sigmoid4(x)), f32x4.sub(at(ONE), f32x4.mul(t, t)));
    return f32x4.mul(g, f32x4.add(t, rest));
  }
  if (f == LOG_SIGMOID) return f32x4.mul(g, sigmoid4(f32x4.neg(x)));
  if (f == SOFTPLUS) {
    const scaled = f32x4.mul(x, p);
    return v128.bitselect(g, f32x4.mul(g, sigmoid4(scaled)), f32x4.gt(scaled, q));
  }
  if (f == LEAKY_RELU) return v128.bitselect(g, f32x4.mul(g, p), f32x4.gt(x, splat(0)));
  // 0 at the bounds too; NaN passes.
  if (f == CLAMP) return v128.andnot(g, v128.or(f32x4.le(x, p), f32x4.ge(x, q)));
  if (f == HARDSWISH) {
    const middle = f32x4.mul(g, f32x4.add(f32x4.div(x, at(THREE)), at(HALF)));
    const upper = v128.bitselect(middle, g, f32x4.le(x, at(THREE)));
    return v128.andnot(upper, f32x4.lt(x, splat(-3)));
  }
  if (f == HARDSIGMOID) {
    const inside = v128.and(f32x4.gt(x, splat(-3)), f32x4.lt(x, at(THREE)));
    return where0(inside, f32x4.mul(g, at(SIXTH)));
  }
  if (f == HARDSHRINK) return v128.andnot(g, f32x4.le(f32x4.abs(x), p));
  return v128.andnot(g, f32x4.le(x, p));
}

@inline
function slopes(f: i32, to: usize, grad: usize, from: usize, count: i32, p0: f32, q0: f32): void {
  const p = splat(p0);
  const q = splat(q0);
  const end = from + ((<usize>count) << 2);
  for (; from < end; from += 32) {
    const y0 = slope(f, v128.load(grad), v128.load(from), p, q);
    const y1 = slope(f, v128.load(grad, 16), v128.load(from, 16), p, q);
    v128.store(to, y0);
    v128.store(to, y1, 16);
    grad += 32;
    to += 32;
  }
}

export function geluGrad(to: usize, g: usize, x: usize, n: i32, p: f32, q: f32): void {
  slopes(GELU, to, g, x, n, p, q);
}
export function geluTanhGrad(to: usize, g: usize, x: usize, n: i32, p: f32, q: f32): void {
  slopes(GELU_TANH, to, g, x, n, p, q);
}
export function siluGrad(to: usize, g: usize, x: usize, n: i32, p: f32, q: f32): void {
  slopes(SILU, to, g, x, n, p, q);
}
export function mishGrad(to: usize, g: usize, x: usize, n: i32, p: f32, q: f32): void {
  slopes(MISH, to, g, x, n, p, q);
}
export function logsigmoidGrad(to: usize, g: usize, x: usize, n: i32, p: f32, q: f32): void {
  slopes(LOG_SIGMOID, to, g, x, n, p, q);
}
export function softplusGrad(to: usize, g: usize, x: usize, n: i32, p: f32, q: f32): void {
  slopes(SOFTPLUS, to, g, x, n, p, q);
}
export function leakyReluGrad(to: usize, g: usize, x: usize, n: i32, p: f32, q: f32): void {
  slopes(LEAKY_RELU, to, g, x, n, p, q);
}
export function hardtanhGrad(to: usize, g: usize, x: usize, n: i32, p: f32, q: f32): void {
  slopes(CLAMP, to, g, x, n, p, q);
}
export function hardswishGrad(to: usize, g: usize, x: usize, n: i32, p: f32, q: f32): void {
  slopes(HARDSWISH, to, g, x, n, p, q);
}
export function hardsigmoidGrad(to: usize, g: usize, x: usize, n: i32, p: f32, q: f32): void {
  slopes(HARDSIGMOID, to, g, x, n, p, q);
}
export function hardshrinkGrad(to: usize, g: usize, x: usize, n: i32, p: f32, q: f32): void {
  slopes(HARDSHRINK, to, g, x, n, p, q);
}
export function thresholdGrad(to: usize, g: usize, x: usize, n: i32, p: f32, q: f32): void {
  slopes(THRESHOLD, to, g, x, n, p, q);
}
