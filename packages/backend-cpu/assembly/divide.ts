// Remainders and floored quotients of floats, exact as C's fmod is.
import { at, INFINITE, SIGN, ZERO } from "./math";
import { scratch } from "./common";

const FMOD: i32 = 0;
const REMAINDER: i32 = 1;
const FLOOR_DIVIDE: i32 = 2;

/** Below this float64 quotients of floats have the right whole part, and its product with the divisor is exact. */
const EXACT = memory.data<f64>([134217728]);

/** One pair in float64. */
function divideOne(op: i32, a: f64, b: f64): f64 {
  let r = a % b;
  if (op == FMOD) return r;
  const turns = r != 0 && r < 0 != b < 0;
  if (op == REMAINDER) return turns ? r + b : r;
  if (b == 0) return a / b;
  let q = (a - r) / b;
  if (turns) q -= 1;
  if (q == 0) return (a / b) * 0;
  const floor = Math.floor(q);
  return q - floor > 0.5 ? floor + 1 : floor;
}

function divideLanes(op: i32, to: usize, a: v128, b: v128): void {
  const lanes = scratch;
  v128.store(lanes, a);
  v128.store(lanes, b, 16);
  for (let i: usize = 0; i < 16; i += 4) {
    store<f32>(to + i, <f32>divideOne(op, <f64>load<f32>(lanes + i), <f64>load<f32>(lanes + i, 16)));
  }
}

/** The whole part of a / b, and its size where it is not exact. */
@inline
function whole(a: v128, b: v128): v128 {
  return f64x2.trunc(f64x2.div(a, b));
}

@inline
function inexact(q: v128): v128 {
  return v128.not(f64x2.lt(f64x2.abs(q), v128.load64_splat(EXACT)));
}

/** The result of two pairs of which q is the whole part of the quotient. */
@inline
function finish(op: i32, a: v128, b: v128, q: v128): v128 {
  const r = f64x2.sub(a, f64x2.mul(q, b));
  const zero = f64x2.splat(0);
  if (op == FMOD) return r;
  const turns = v128.and(f64x2.ne(r, zero), v128.xor(f64x2.lt(r, zero), f64x2.lt(b, zero)));
  if (op == REMAINDER) return f64x2.add(r, v128.and(turns, b));
  return f64x2.sub(q, v128.and(turns, f64x2.splat(1)));
}

@inline
function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}

@inline
function divide(op: i32, to: usize, a: usize, b: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to < end; to += 16) {
    const x = v128.load(a), y = v128.load(b);
    const x0 = f64x2.promote_low_f32x4(x), x1 = upper(x);
    const y0 = f64x2.promote_low_f32x4(y), y1 = upper(y);
    const q0 = whole(x0, y0), q1 = whole(x1, y1);
    const far = v128.or(v128.or(inexact(q0), inexact(q1)), f32x4.eq(f32x4.abs(y), at(INFINITE)));
    if (v128.any_true(far)) divideLanes(op, to, x, y);
    else {
      const low = f32x4.demote_f64x2_zero(finish(op, x0, y0, q0));
      const high = f32x4.demote_f64x2_zero(finish(op, x1, y1, q1));
      const result = v128.shuffle<i64>(low, high, 0, 2);
      // Zeros have the sign of the dividend, or of the quotient.
      const sign = op == FLOOR_DIVIDE ? v128.xor(x, y) : x;
      const zeros = v128.and(f32x4.eq(result, at(ZERO)), v128.and(sign, at(SIGN)));
      v128.store(to, v128.or(result, zeros));
    }
    a += 16;
    b += 16;
  }
}

export function fmod(to: usize, a: usize, b: usize, count: i32): void { divide(FMOD, to, a, b, count); }
export function remainder(to: usize, a: usize, b: usize, count: i32): void { divide(REMAINDER, to, a, b, count); }
export function floorDivide(to: usize, a: usize, b: usize, count: i32): void { divide(FLOOR_DIVIDE, to, a, b, count); }
