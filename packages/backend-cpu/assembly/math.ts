// Elementary functions on four floats, inlined into the kernels that use them. Polynomials are those of Cephes
// (S. L. Moshier), with ranges extended to denormals. They use no fused multiply-add, so that both builds agree to the bit.
import { splat } from "./common";

const LOG2E: f32 = 1.44269504088896341;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
/** Adding it rounds a small float to an integer, which then stands in the low bits. */
const ROUNDER: f32 = 12582912.0;

// @ts-ignore: decorator
@inline
function horner(y: v128, x: v128, c: f32): v128 {
  return f32x4.add(f32x4.mul(y, x), splat(c));
}

// @ts-ignore: decorator
@inline
function power2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** e^x: within 1.5 ulp, also where the result is denormal. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const clamped = f32x4.max(f32x4.min(x, splat(89)), splat(-104));
  const rounded = f32x4.add(f32x4.mul(clamped, splat(LOG2E)), splat(ROUNDER));
  const n = f32x4.sub(rounded, splat(ROUNDER));
  let r = f32x4.sub(clamped, f32x4.mul(n, splat(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, splat(LN2_LOW)));
  let y = horner(splat(1.9875691500e-4), r, 1.3981999507e-3);
  y = horner(y, r, 8.3334519073e-3);
  y = horner(y, r, 4.1665795894e-2);
  y = horner(y, r, 1.6666665459e-1);
  y = horner(y, r, 5.0000001201e-1);
  y = f32x4.add(f32x4.add(f32x4.mul(y, f32x4.mul(r, r)), r), splat(1));
  // 2^n in two factors: n runs from -150 to 128.
  const whole = i32x4.sub(rounded, i32x4.splat(0x4b400000));
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(y, power2(half)), power2(i32x4.sub(whole, half)));
}

/** ln x: within 1.5 ulp; -Infinity for 0, NaN below. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const small = f32x4.lt(x, splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, splat(8388608)), x, small);
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(scaled, 23), i32x4.splat(126)));
  e = f32x4.sub(e, v128.and(small, splat(23)));
  let m = v128.or(v128.and(scaled, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(m, splat(0.707106781186547524));
  e = f32x4.sub(e, v128.and(low, splat(1)));
  m = f32x4.add(f32x4.sub(m, splat(1)), v128.and(low, m));
  const z = f32x4.mul(m, m);
  let y = horner(splat(7.0376836292e-2), m, -1.1514610310e-1);
  y = horner(y, m, 1.1676998740e-1);
  y = horner(y, m, -1.2420140846e-1);
  y = horner(y, m, 1.4249322787e-1);
  y = horner(y, m, -1.6668057665e-1);
  y = horner(y, m, 2.0000714765e-1);
  y = horner(y, m, -2.4999993993e-1);
  y = horner(y, m, 3.3333331174e-1);
  y = f32x4.mul(y, f32x4.mul(m, z));
  y = f32x4.add(y, f32x4.mul(e, splat(LN2_LOW)));
  y = f32x4.sub(y, f32x4.mul(z, splat(0.5)));
  y = f32x4.add(f32x4.add(m, y), f32x4.mul(e, splat(LN2_HIGH)));
  // +Infinity and NaN stay as they are; 0 gives -Infinity; what is below, NaN.
  const finite = f32x4.lt(x, splat(Infinity));
  y = v128.bitselect(y, x, finite);
  y = v128.bitselect(splat(-Infinity), y, f32x4.eq(x, splat(0)));
  return v128.or(y, f32x4.lt(x, splat(0)));
}

/** tanh x: within 2 ulp. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = horner(splat(-5.70498872745e-3), z, 2.06390887954e-2);
  p = horner(p, z, -5.37397155531e-2);
  p = horner(p, z, 1.33314422036e-1);
  p = horner(p, z, -3.33332819422e-1);
  p = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const e = exp4(f32x4.add(size, size));
  const q = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(e, splat(1))));
  const signed = v128.or(q, v128.and(x, splat(-0.0)));
  return v128.bitselect(p, signed, f32x4.lt(size, splat(0.625)));
}

/** 1 / (1 + e^-x): within 3 ulp, also where the result is denormal. */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const top = v128.bitselect(e, splat(1), f32x4.lt(x, splat(0)));
  return f32x4.div(top, f32x4.add(splat(1), e));
}
