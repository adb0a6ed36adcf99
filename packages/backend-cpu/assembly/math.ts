// Elementary functions on four floats, inlined into the kernels that use them. Polynomials are those of Cephes
// (S. L. Moshier), with ranges extended to denormals. They use no fused multiply-add, so that both builds agree to the bit.
// Constants lie in memory: engines build an immediate vector anew in every iteration, and a load is cheaper than that.

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
  return f32x4.add(f32x4.mul(y, x), at(constant));
}

const EXP_HIGH = memory.data<f32>([89]);
const EXP_LOW = memory.data<f32>([-104]);
/** 1.5 * 2^23: adding it rounds a small float to an integer, which then stands in the low bits. */
export const ROUNDER = memory.data<f32>([12582912]);
export const ROUNDER_BITS = memory.data<i32>([0x4b400000]);
const BIAS = memory.data<i32>([127]);
export const EXP_0 = memory.data<f32>([1.98756915e-4]);
export const EXP_1 = memory.data<f32>([1.3981999507e-3]);
export const EXP_2 = memory.data<f32>([8.3334519073e-3]);
export const EXP_3 = memory.data<f32>([4.1665795894e-2]);
export const EXP_4 = memory.data<f32>([1.6666665459e-1]);
export const EXP_5 = memory.data<f32>([5.0000001201e-1]);

/** 2^n, n within -126 to 127. */
@inline
export function power2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, at(BIAS)), 23);
}

/** e^x: within 2 ulp, also where the result is denormal. */
@inline
export function exp4(x: v128): v128 {
  // pmin and pmax keep a NaN that is their first operand.
  const clamped = f32x4.pmax(f32x4.pmin(x, at(EXP_HIGH)), at(EXP_LOW));
  const rounded = f32x4.add(f32x4.mul(clamped, at(LOG2E)), at(ROUNDER));
  const n = f32x4.sub(rounded, at(ROUNDER));
  let r = f32x4.sub(clamped, f32x4.mul(n, at(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, at(LN2_LOW)));
  let y = horner(at(EXP_0), r, EXP_1);
  y = horner(y, r, EXP_2);
  y = horner(y, r, EXP_3);
  y = horner(y, r, EXP_4);
  y = horner(y, r, EXP_5);
  y = f32x4.add(f32x4.add(f32x4.mul(y, f32x4.mul(r, r)), r), at(ONE));
  // 2^n in two factors: n runs from -150 to 128.
  const whole = i32x4.sub(rounded, at(ROUNDER_BITS));
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(y, power2(half)), power2(i32x4.sub(whole, half)));
}

const ZERO = memory.data<f32>([0]);
export const INFINITE = memory.data<f32>([Infinity]);
const MINUS_INFINITE = memory.data<f32>([-Infinity]);
const SMALLEST_NORMAL = memory.data<f32>([1.17549435e-38]);
const TWO_TO_23 = memory.data<f32>([8388608]);
const TWENTY_THREE = memory.data<f32>([23]);
const LOG_BIAS = memory.data<i32>([126]);
const MANTISSA = memory.data<i32>([0x007fffff]);
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

/** ln x: within 2 ulp; -Infinity for 0, NaN below. */
@inline
export function log4(x: v128): v128 {
  const small = f32x4.lt(x, at(SMALLEST_NORMAL));
  const scaled = v128.bitselect(f32x4.mul(x, at(TWO_TO_23)), x, small);
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(scaled, 23), at(LOG_BIAS)));
  e = f32x4.sub(e, v128.and(small, at(TWENTY_THREE)));
  let m = v128.or(v128.and(scaled, at(MANTISSA)), at(HALF_BITS));
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
  y = f32x4.add(y, f32x4.mul(e, at(LN2_LOW)));
  y = f32x4.sub(y, f32x4.mul(z, at(HALF)));
  y = f32x4.add(f32x4.add(m, y), f32x4.mul(e, at(LN2_HIGH)));
  // +Infinity and NaN stay as they are; 0 gives -Infinity; what is below, NaN.
  y = v128.bitselect(y, x, f32x4.lt(x, at(INFINITE)));
  y = v128.bitselect(at(MINUS_INFINITE), y, f32x4.eq(x, at(ZERO)));
  return v128.or(y, f32x4.lt(x, at(ZERO)));
}

export const SIGN = memory.data<f32>([-0.0]);
const TANH_SMALL = memory.data<f32>([0.625]);
const TANH_0 = memory.data<f32>([-5.70498872745e-3]);
const TANH_1 = memory.data<f32>([2.06390887954e-2]);
const TANH_2 = memory.data<f32>([-5.37397155531e-2]);
const TANH_3 = memory.data<f32>([1.33314422036e-1]);
const TANH_4 = memory.data<f32>([-3.33332819422e-1]);

/** tanh x: within 2 ulp. */
@inline
export function tanh4(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = horner(at(TANH_0), z, TANH_1);
  p = horner(p, z, TANH_2);
  p = horner(p, z, TANH_3);
  p = horner(p, z, TANH_4);
  p = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const e = exp4(f32x4.add(size, size));
  const q = f32x4.sub(at(ONE), f32x4.div(at(TWO), f32x4.add(e, at(ONE))));
  const signed = v128.or(q, v128.and(x, at(SIGN)));
  return v128.bitselect(p, signed, f32x4.lt(size, at(TANH_SMALL)));
}

/** 1 / (1 + e^-x): within 3 ulp, also where the result is denormal. */
@inline
export function sigmoid4(x: v128): v128 {
  const e = exp4(v128.or(x, at(SIGN)));
  const top = v128.bitselect(e, at(ONE), f32x4.lt(x, at(ZERO)));
  return f32x4.div(top, f32x4.add(at(ONE), e));
}
