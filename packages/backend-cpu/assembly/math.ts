// Elementary functions on four floats, inlined into the kernels that use them. Most polynomials are those of Cephes
// (S. L. Moshier), with ranges extended to denormals.
// Constants lie in memory: engines build an immediate vector anew in every iteration, and a load is cheaper than that.
import { madd } from "./common";

export const ONE = memory.data<f32>([1]);
const TWO = memory.data<f32>([2]);
export const HALF = memory.data<f32>([0.5]);
export const LOG2E = memory.data<f32>([1.44269504088896341]);
export const LN2_HIGH = memory.data<f32>([0.693359375]);
export const LN2_LOW = memory.data<f32>([-2.1219444e-4]);

@inline
export function at(constant: usize): v128 {
  return v128.load32_splat(constant);
}

/** y * x + constant */
@inline
export function horner(y: v128, x: v128, constant: usize): v128 {
  return madd(y, x, at(constant));
}

/** c - a * b, in one rounding where madd has one. */
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  else return f32x4.sub(c, f32x4.mul(a, b));
}

/** Lanes of a where the mask is set, else of b; a mask's lanes are all ones or all zeros. */
@inline
export function select(a: v128, b: v128, mask: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_laneselect(a, b, mask);
  else return v128.bitselect(a, b, mask);
}

const EXP_HIGH = memory.data<f32>([89]);
const EXP_LOW = memory.data<f32>([-104]);
/** 1.5 * 2^23: adding it rounds a small float to an integer, which then stands in the low bits. */
export const ROUNDER = memory.data<f32>([12582912]);
export const ROUNDER_BITS = memory.data<i32>([0x4b400000]);
const BIAS = memory.data<i32>([127]);
// (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2, to 3e-9 of e^r.
const EXP_0 = memory.data<f32>([1.3814540579915047e-3]);
const EXP_1 = memory.data<f32>([8.36874544620514e-3]);
const EXP_2 = memory.data<f32>([4.166838899254799e-2]);
const EXP_3 = memory.data<f32>([1.666652113199234e-1]);
const EXP_4 = memory.data<f32>([4.999999403953552e-1]);

/** 2^n, n within -126 to 127. */
@inline
export function power2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, at(BIAS)), 23);
}

/** x / ln 2 rounded to an integer n, plus ROUNDER: n stands in the low bits. */
@inline
export function expTurns(x: v128): v128 {
  return madd(x, at(LOG2E), at(ROUNDER));
}

/** x - n ln 2 */
@inline
export function expRest(x: v128, n: v128): v128 {
  return nmadd(n, at(LN2_LOW), nmadd(n, at(LN2_HIGH), x));
}

/** e^r - 1 for |r| <= ln(2) / 2. */
@inline
export function expm1Rest(r: v128): v128 {
  let y = horner(at(EXP_0), r, EXP_1);
  y = horner(y, r, EXP_2);
  y = horner(y, r, EXP_3);
  y = horner(y, r, EXP_4);
  return madd(y, f32x4.mul(r, r), r);
}

/** y 2^n for n from -150 to 128, in two factors. */
@inline
export function scale(y: v128, n: v128): v128 {
  const half = i32x4.shr_s(n, 1);
  return f32x4.mul(f32x4.mul(y, power2(half)), power2(i32x4.sub(n, half)));
}

/** e^x: within 2 ulp, also where the result is denormal. */
@inline
export function exp4(x: v128): v128 {
  // pmin and pmax keep a NaN that is their first operand.
  const clamped = f32x4.pmax(f32x4.pmin(x, at(EXP_HIGH)), at(EXP_LOW));
  const rounded = expTurns(clamped);
  const r = expRest(clamped, f32x4.sub(rounded, at(ROUNDER)));
  return scale(f32x4.add(expm1Rest(r), at(ONE)), i32x4.sub(rounded, at(ROUNDER_BITS)));
}

/** The same as a call: where it is rare. */
export function expCall(x: v128): v128 {
  return exp4(x);
}

/** Up to here e^x and e^-x are normal, and 2^n is one factor. */
const NEAR = memory.data<f32>([86.9]);

/** e^x for |x| <= NEAR, and NaN: within 2 ulp, in two thirds of the operations. */
@inline
export function expNear4(x: v128): v128 {
  const rounded = expTurns(x);
  const r = expRest(x, f32x4.sub(rounded, at(ROUNDER)));
  // 2^n as the bits of 1 with n added to the exponent; the low bits of ROUNDER vanish.
  const power = i32x4.add(i32x4.shl(rounded, 23), at(ONE));
  return f32x4.mul(f32x4.add(expm1Rest(r), at(ONE)), power);
}

/** Bits of the size of x, which are in the order of the sizes; NaN is above all numbers. */
@inline
function sizeBits(x: v128): v128 {
  return f32x4.abs(x);
}

/** Whether the elements of four vectors are all within NEAR. */
@inline
export function areNear(a: v128, b: v128, c: v128, d: v128): bool {
  const largest = i32x4.max_s(i32x4.max_s(sizeBits(a), sizeBits(b)), i32x4.max_s(sizeBits(c), sizeBits(d)));
  return !v128.any_true(i32x4.gt_s(largest, at(NEAR)));
}

export const ZERO = memory.data<f32>([0]);
export const INFINITE = memory.data<f32>([Infinity]);
const MINUS_INFINITE = memory.data<f32>([-Infinity]);
const SMALLEST_NORMAL = memory.data<f32>([1.17549435e-38]);
const TWO_TO_23 = memory.data<f32>([8388608]);
const TWENTY_THREE = memory.data<f32>([23]);
const LOG_BIAS = memory.data<i32>([126]);
export const MANTISSA_BITS = memory.data<i32>([0x007fffff]);
const HALF_BITS = memory.data<i32>([0x3f000000]);
const SQRT_HALF = memory.data<f32>([0.707106781186547524]);
const LOG_0 = memory.data<f32>([7.0376836292e-2]);
const LOG_1 = memory.data<f32>([-1.151461031e-1]);
const LOG_2 = memory.data<f32>([1.1676998740e-1]);
const LOG_3 = memory.data<f32>([-1.2420140846e-1]);
const LOG_4 = memory.data<f32>([1.4249322787e-1]);
const LOG_5 = memory.data<f32>([-1.6668057665e-1]);
const LOG_6 = memory.data<f32>([2.0000714765e-1]);
const LOG_7 = memory.data<f32>([-2.4999993993e-1]);
const LOG_8 = memory.data<f32>([3.3333331174e-1]);

// log10(2) in two parts, of which the first has so few bits that its multiples are exact.
const LOG10_2_HIGH = memory.data<f32>([0.301025390625]);
const LOG10_2_LOW = memory.data<f32>([4.60503898119521e-6]);
const LOG10_E = memory.data<f32>([0.43429448190325183]);

/** The logarithm of x to base 2 or 10, else e: within 3 ulp; -Infinity for 0, NaN below. */
@inline
export function logarithm4(base: i32, x: v128): v128 {
  const small = f32x4.lt(x, at(SMALLEST_NORMAL));
  const scaled = select(f32x4.mul(x, at(TWO_TO_23)), x, small);
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(scaled, 23), at(LOG_BIAS)));
  e = f32x4.sub(e, v128.and(small, at(TWENTY_THREE)));
  let m = v128.or(v128.and(scaled, at(MANTISSA_BITS)), at(HALF_BITS));
  const low = f32x4.lt(m, at(SQRT_HALF));
  e = f32x4.sub(e, v128.and(low, at(ONE)));
  m = f32x4.add(f32x4.sub(m, at(ONE)), v128.and(low, m));
  const z = f32x4.mul(m, m);
  let y = horner(at(LOG_0), m, LOG_1);
  y = horner(y, m, LOG_2);
  y = horner(y, m, LOG_3);
  y = horner(y, m, LOG_4);
  y = horner(y, m, LOG_5);
  y = horner(y, m, LOG_6);
  y = horner(y, m, LOG_7);
  y = horner(y, m, LOG_8);
  y = f32x4.mul(y, f32x4.mul(m, z));
  if (base == 2 || base == 10) {
    y = f32x4.add(m, nmadd(z, at(HALF), y));
    if (base == 2) y = madd(y, at(LOG2E), e);
    else y = madd(e, at(LOG10_2_HIGH), madd(y, at(LOG10_E), f32x4.mul(e, at(LOG10_2_LOW))));
  } else {
    y = nmadd(z, at(HALF), madd(e, at(LN2_LOW), y));
    y = madd(e, at(LN2_HIGH), f32x4.add(m, y));
  }
  // +Infinity and NaN stay as they are; 0 gives -Infinity; what is below, NaN.
  y = select(y, x, f32x4.lt(x, at(INFINITE)));
  y = select(at(MINUS_INFINITE), y, f32x4.eq(x, at(ZERO)));
  return v128.or(y, f32x4.lt(x, at(ZERO)));
}

/** ln x: within 2 ulp; -Infinity for 0, NaN below. */
@inline
export function log4(x: v128): v128 {
  return logarithm4(0, x);
}

export const SIGN = memory.data<f32>([-0.0]);
const TANH_SMALL = memory.data<f32>([0.625]);
const TANH_0 = memory.data<f32>([-5.70498872745e-3]);
const TANH_1 = memory.data<f32>([2.06390887954e-2]);
const TANH_2 = memory.data<f32>([-5.37397155531e-2]);
const TANH_3 = memory.data<f32>([1.33314422036e-1]);
const TANH_4 = memory.data<f32>([-3.33332819422e-1]);

/** From here on tanh is 1 in float32. */
const TANH_LARGE = memory.data<f32>([10]);

/** tanh x: within 3 ulp. */
@inline
export function tanh4(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), at(TANH_LARGE));
  const z = f32x4.mul(x, x);
  let p = horner(at(TANH_0), z, TANH_1);
  p = horner(p, z, TANH_2);
  p = horner(p, z, TANH_3);
  p = horner(p, z, TANH_4);
  p = madd(f32x4.mul(p, z), x, x);
  const e = expNear4(f32x4.add(size, size));
  const q = f32x4.sub(at(ONE), f32x4.div(at(TWO), f32x4.add(e, at(ONE))));
  return v128.or(select(p, q, f32x4.lt(size, at(TANH_SMALL))), v128.and(x, at(SIGN)));
}

/** 1 / (1 + e^-x) where e is e^-|x|. */
@inline
function sigmoidOf(x: v128, e: v128): v128 {
  const top = select(e, at(ONE), f32x4.lt(x, at(ZERO)));
  return f32x4.div(top, f32x4.add(at(ONE), e));
}

/** 1 / (1 + e^-x): within 3 ulp, also where the result is denormal. */
@inline
export function sigmoid4(x: v128): v128 {
  return sigmoidOf(x, exp4(v128.or(x, at(SIGN))));
}

/** The same as a call. */
export function sigmoidCall(x: v128): v128 {
  return sigmoid4(x);
}

/** The same for |x| <= NEAR. */
@inline
export function sigmoidNear4(x: v128): v128 {
  return sigmoidOf(x, expNear4(v128.or(x, at(SIGN))));
}
