// Powers, hyperbolic functions and their inverses, and erfc, of four floats.
import { madd } from "./common";
import {
  at, exp4, expm1Rest, HALF, horner, INFINITE, MANTISSA_BITS, ONE, ROUNDER, ROUNDER_BITS, scale, select, SIGN,
  ZERO,
} from "./math";
import { erf4, log1p4, tail4 } from "./special";

const LN2 = memory.data<f32>([0.69314718055994531]);
const EXP2_HIGH = memory.data<f32>([129]);
const EXP2_LOW = memory.data<f32>([-151]);

/** 2^x: within 2 ulp, exact for integers. */
@inline
export function exp24(x: v128): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(x, at(EXP2_HIGH)), at(EXP2_LOW));
  const rounded = f32x4.add(clamped, at(ROUNDER));
  const r = f32x4.mul(f32x4.sub(clamped, f32x4.sub(rounded, at(ROUNDER))), at(LN2));
  return scale(f32x4.add(expm1Rest(r), at(ONE)), i32x4.sub(rounded, at(ROUNDER_BITS)));
}

const QUARTER = memory.data<f32>([0.25]);
const SINH_0 = memory.data<f32>([2.7557319e-6]);
const SINH_1 = memory.data<f32>([1.9841270e-4]);
const SINH_2 = memory.data<f32>([8.3333333e-3]);
const SINH_3 = memory.data<f32>([1.6666667e-1]);

/** sinh or cosh x: within 5 ulp, also where e^x is infinite. */
@inline
export function hyperbolic4(cosine: bool, x: v128): v128 {
  const size = f32x4.abs(x);
  const root = exp4(f32x4.mul(size, at(HALF)));
  const e = f32x4.mul(f32x4.mul(root, at(HALF)), root);
  const rest = f32x4.div(at(QUARTER), e);
  if (cosine) return f32x4.add(e, rest);
  const z = f32x4.mul(x, x);
  let p = horner(at(SINH_0), z, SINH_1);
  p = horner(p, z, SINH_2);
  p = horner(p, z, SINH_3);
  p = madd(f32x4.mul(p, z), x, x);
  return select(p, v128.or(f32x4.sub(e, rest), v128.and(x, at(SIGN))), f32x4.lt(size, at(ONE)));
}

const HUGE = memory.data<f32>([1e10]);

/** asinh x: within 5 ulp. */
@inline
export function asinh4(x: v128): v128 {
  const size = f32x4.abs(x);
  const far = f32x4.gt(size, at(HUGE));
  const square = f32x4.mul(size, size);
  const root = f32x4.sqrt(f32x4.add(square, at(ONE)));
  const inner = f32x4.add(size, f32x4.div(square, f32x4.add(root, at(ONE))));
  // Where the square is infinite, or 1 lost beside it: ln(2 x).
  const y = log1p4(select(size, inner, far));
  return v128.or(f32x4.add(y, v128.and(far, at(LN2))), v128.and(x, at(SIGN)));
}

/** acosh x: within 5 ulp; NaN below 1. */
@inline
export function acosh4(x: v128): v128 {
  const t = f32x4.sub(x, at(ONE));
  const far = f32x4.gt(x, at(HUGE));
  const inner = f32x4.add(t, f32x4.sqrt(madd(t, t, f32x4.add(t, t))));
  const y = f32x4.add(log1p4(select(x, inner, far)), v128.and(far, at(LN2)));
  return v128.or(y, f32x4.lt(x, at(ONE)));
}

/** atanh x: within 5 ulp; NaN beyond 1. */
@inline
export function atanh4(x: v128): v128 {
  const size = f32x4.abs(x);
  const y = log1p4(f32x4.div(f32x4.add(size, size), f32x4.sub(at(ONE), size)));
  return v128.or(f32x4.mul(y, at(HALF)), v128.and(x, at(SIGN)));
}

/** 1 - erf x: within 8 ulp. */
@inline
export function erfc4(x: v128): v128 {
  const size = f32x4.abs(x);
  const tail = tail4(size);
  const outer = select(f32x4.sub(f32x4.add(at(ONE), at(ONE)), tail), tail, f32x4.lt(x, at(ZERO)));
  return select(f32x4.sub(at(ONE), erf4(x)), outer, f32x4.lt(size, at(HALF)));
}

const SMALLEST_NORMAL = memory.data<f32>([1.17549435e-38]);
const TWO_TO_23 = memory.data<f32>([8388608]);
const TWENTY_THREE = memory.data<i32>([23]);
const LOG_BIAS = memory.data<i32>([126]);
const HALF_BITS = memory.data<i32>([0x3f000000]);
const SQRT_HALF = memory.data<f32>([0.707106781186547524]);

// log2(m) = t times this polynomial in t^2, t = (m - 1) / (m + 1), to 4e-12.
const LOG_0 = memory.data<f64>([0.3407803653425593]);
const LOG_1 = memory.data<f64>([0.4116700500041999]);
const LOG_2 = memory.data<f64>([0.5770836287217245]);
const LOG_3 = memory.data<f64>([0.9617966731157904]);
const LOG_4 = memory.data<f64>([2.8853900817902645]);
const ONE_64 = memory.data<f64>([1]);
const LN2_64 = memory.data<f64>([0.69314718055994531]);
const POWER_HIGH = memory.data<f64>([140]);
const POWER_LOW = memory.data<f64>([-160]);
// e^r for |r| <= ln(2) / 2, to 2e-9.
const EXP_0 = memory.data<f64>([0.0013843606795780287]);
const EXP_1 = memory.data<f64>([0.00837419572854332]);
const EXP_2 = memory.data<f64>([0.04166800473008847]);
const EXP_3 = memory.data<f64>([0.16666430799077797]);
const EXP_4 = memory.data<f64>([0.49999994191609215]);
const EXP_5 = memory.data<f64>([1.0000000322588962]);

@inline
function at64(constant: usize): v128 {
  return v128.load64_splat(constant);
}

@inline
function horner64(y: v128, x: v128, constant: usize): v128 {
  return f64x2.add(f64x2.mul(y, x), at64(constant));
}

/** y (e + log2 m) of two numbers in float64, within what 2^ tells from 0 and Infinity. */
@inline
function logTimes(m: v128, e: v128, y: v128): v128 {
  const t = f64x2.div(f64x2.sub(m, at64(ONE_64)), f64x2.add(m, at64(ONE_64)));
  const z = f64x2.mul(t, t);
  let p = horner64(at64(LOG_0), z, LOG_1);
  p = horner64(p, z, LOG_2);
  p = horner64(p, z, LOG_3);
  p = horner64(p, z, LOG_4);
  const v = f64x2.mul(y, f64x2.add(e, f64x2.mul(p, t)));
  return f64x2.pmax(f64x2.pmin(v, at64(POWER_HIGH)), at64(POWER_LOW));
}

/** 2^f, |f| <= 1 / 2, of two numbers in float64. */
@inline
function exp2Rest(f: v128): v128 {
  const r = f64x2.mul(f, at64(LN2_64));
  let p = horner64(at64(EXP_0), r, EXP_1);
  p = horner64(p, r, EXP_2);
  p = horner64(p, r, EXP_3);
  p = horner64(p, r, EXP_4);
  p = horner64(p, r, EXP_5);
  return f64x2.add(f64x2.mul(p, r), at64(ONE_64));
}

@inline
function highHalf(v: v128): v128 {
  return v128.shuffle<i64>(v, v, 1, 1);
}

/** x^y as C's powf: within 1 ulp. */
@inline
export function power4(x: v128, y: v128): v128 {
  const size = f32x4.abs(x);
  const small = f32x4.lt(size, at(SMALLEST_NORMAL));
  const scaled = select(f32x4.mul(size, at(TWO_TO_23)), size, small);
  let e = i32x4.sub(i32x4.shr_u(scaled, 23), at(LOG_BIAS));
  e = i32x4.sub(e, v128.and(small, at(TWENTY_THREE)));
  let m = v128.or(v128.and(scaled, at(MANTISSA_BITS)), at(HALF_BITS));
  const low = f32x4.lt(m, at(SQRT_HALF));
  e = i32x4.add(e, low);
  m = f32x4.add(m, v128.and(low, m));
  const v0 = logTimes(f64x2.promote_low_f32x4(m), f64x2.convert_low_i32x4_s(e), f64x2.promote_low_f32x4(y));
  const v1 = logTimes(
    f64x2.promote_low_f32x4(highHalf(m)), f64x2.convert_low_i32x4_s(highHalf(e)), f64x2.promote_low_f32x4(highHalf(y)),
  );
  const n0 = f64x2.nearest(v0), n1 = f64x2.nearest(v1);
  const p0 = f32x4.demote_f64x2_zero(exp2Rest(f64x2.sub(v0, n0)));
  const p1 = f32x4.demote_f64x2_zero(exp2Rest(f64x2.sub(v1, n1)));
  const p = v128.shuffle<i64>(p0, p1, 0, 2);
  const n = v128.shuffle<i64>(i32x4.trunc_sat_f64x2_s_zero(n0), i32x4.trunc_sat_f64x2_s_zero(n1), 0, 2);
  let result = scale(p, n);
  // 0 and Infinity to powers above and below 0.
  const endless = f32x4.eq(size, at(INFINITE));
  const edge = v128.or(endless, f32x4.eq(size, at(ZERO)));
  const grows = v128.xor(f32x4.lt(y, at(ZERO)), endless);
  result = select(v128.and(grows, at(INFINITE)), result, edge);
  // Below 0: the sign of odd integers, nothing between integers.
  const half = f32x4.mul(y, at(HALF));
  const whole = f32x4.eq(f32x4.trunc(y), y);
  const odd = v128.and(whole, f32x4.ne(f32x4.trunc(half), half));
  result = v128.or(result, v128.and(v128.and(x, odd), at(SIGN)));
  const below = v128.andnot(f32x4.lt(x, at(ZERO)), v128.or(whole, endless));
  result = v128.or(result, v128.or(below, v128.or(f32x4.ne(x, x), f32x4.ne(y, y))));
  const one = v128.or(
    v128.or(f32x4.eq(y, at(ZERO)), f32x4.eq(x, at(ONE))),
    v128.and(f32x4.eq(size, at(ONE)), f32x4.eq(f32x4.abs(y), at(INFINITE))),
  );
  return select(at(ONE), result, one);
}

/** sqrt(x^2 + y^2): within 1 ulp; an infinite side wins, even over NaN. */
@inline
export function hypot4(x: v128, y: v128): v128 {
  const low = f32x4.demote_f64x2_zero(hypotenuse(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)));
  const x1 = f64x2.promote_low_f32x4(highHalf(x)), y1 = f64x2.promote_low_f32x4(highHalf(y));
  const result = v128.shuffle<i64>(low, f32x4.demote_f64x2_zero(hypotenuse(x1, y1)), 0, 2);
  const endless = v128.or(f32x4.eq(f32x4.abs(x), at(INFINITE)), f32x4.eq(f32x4.abs(y), at(INFINITE)));
  return select(at(INFINITE), result, endless);
}

/** Of floats in float64, whose squares neither overflow nor vanish there. */
@inline
function hypotenuse(x: v128, y: v128): v128 {
  return f64x2.sqrt(f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y)));
}

/** ln(e^x + e^y): within 3 ulp of the larger of x, y and the result. */
@inline
export function logaddexp4(x: v128, y: v128): v128 {
  const apart = f32x4.abs(f32x4.sub(x, y));
  const more = log1p4(exp4(f32x4.neg(apart)));
  // Both infinite, of one sign: nothing is added.
  return f32x4.add(f32x4.max(x, y), v128.andnot(more, f32x4.ne(apart, apart)));
}
