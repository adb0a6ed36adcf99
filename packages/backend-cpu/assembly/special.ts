// More functions on four floats: erf, the normal distribution, e^x - 1 and ln(1 + x) without cancellation.
import { madd, splat } from "./common";
import {
  at, exp4, expm1Rest, expNear4, expRest, expTurns, HALF, horner, INFINITE, log4, nmadd, ONE, power2, ROUNDER,
  ROUNDER_BITS, select, SIGN,
} from "./math";

const ERF_0 = memory.data<f32>([7.853861353153693e-5]);
const ERF_1 = memory.data<f32>([-8.010193625184903e-4]);
const ERF_2 = memory.data<f32>([5.188327685732524e-3]);
const ERF_3 = memory.data<f32>([-2.685381193529856e-2]);
const ERF_4 = memory.data<f32>([1.128358514861418e-1]);
const ERF_5 = memory.data<f32>([-3.761262582423300e-1]);
const ERF_6 = memory.data<f32>([1.128379165726710]);

// ln(erfc(z) e^(z^2) / t), t = 1 / (1 + z / 2), as a polynomial in t (Numerical Recipes, erfcc).
const TAIL_0 = memory.data<f32>([0.17087277]);
const TAIL_1 = memory.data<f32>([-0.82215223]);
const TAIL_2 = memory.data<f32>([1.48851587]);
const TAIL_3 = memory.data<f32>([-1.13520398]);
const TAIL_4 = memory.data<f32>([0.27886807]);
const TAIL_5 = memory.data<f32>([-0.18628806]);
const TAIL_6 = memory.data<f32>([0.09678418]);
const TAIL_7 = memory.data<f32>([0.37409196]);
const TAIL_8 = memory.data<f32>([1.00002368]);
const TAIL_9 = memory.data<f32>([-1.26551223]);

/** 1 / (1 + z / 2) */
@inline
function tailT(z: v128): v128 {
  return f32x4.div(at(ONE), madd(z, at(HALF), at(ONE)));
}

@inline
function tailPolynomial(t: v128): v128 {
  let p = horner(at(TAIL_0), t, TAIL_1);
  p = horner(p, t, TAIL_2);
  p = horner(p, t, TAIL_3);
  p = horner(p, t, TAIL_4);
  p = horner(p, t, TAIL_5);
  p = horner(p, t, TAIL_6);
  p = horner(p, t, TAIL_7);
  p = horner(p, t, TAIL_8);
  return horner(p, t, TAIL_9);
}

const TAIL_END = memory.data<f32>([9]);

/** erfc z for z >= 0; the error is a few units in the last place times z^2. Below 4e-37 it is 0. */
@inline
function erfcPositive(z: v128): v128 {
  const near = f32x4.pmin(z, at(TAIL_END));
  const t = tailT(near);
  const y = f32x4.mul(t, expNear4(nmadd(near, near, tailPolynomial(t))));
  return v128.andnot(y, f32x4.gt(z, at(TAIL_END)));
}

const TAIL_ZERO = memory.data<f32>([11]);
const TOP_BITS = memory.data<u32>([0xfffff000]);

/** erfc z for z >= 0, also where it is denormal. */
@inline
export function tail4(z: v128): v128 {
  const near = f32x4.pmin(z, at(TAIL_ZERO));
  const t = tailT(near);
  // The square of the upper bits is exact: e^(-z^2) = e^(-high^2) e^((high - z) (high + z)).
  const high = v128.and(near, at(TOP_BITS));
  const rest = madd(f32x4.sub(high, near), f32x4.add(high, near), tailPolynomial(t));
  return f32x4.mul(f32x4.mul(t, expNear4(rest)), exp4(f32x4.neg(f32x4.mul(high, high))));
}

/** erf x: within 8 ulp. */
@inline
export function erf4(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = horner(at(ERF_0), z, ERF_1);
  p = horner(p, z, ERF_2);
  p = horner(p, z, ERF_3);
  p = horner(p, z, ERF_4);
  p = horner(p, z, ERF_5);
  p = f32x4.mul(horner(p, z, ERF_6), x);
  const q = v128.or(f32x4.sub(at(ONE), erfcPositive(size)), v128.and(x, at(SIGN)));
  return select(p, q, f32x4.lt(size, at(ONE)));
}

const SQRT_HALF = memory.data<f32>([0.70710678118654752]);

/** The normal distribution function, 1 / 2 erfc(-x / sqrt(2)). */
@inline
export function normal4(x: v128): v128 {
  const tail = f32x4.mul(erfcPositive(f32x4.mul(f32x4.abs(x), at(SQRT_HALF))), at(HALF));
  return select(tail, f32x4.sub(at(ONE), tail), f32x4.lt(x, splat(0)));
}

const EXPM1_LOW = memory.data<f32>([-30]);
const EXPM1_HIGH = memory.data<f32>([89]);
const MINUS_ONE_BITS = memory.data<i32>([-1]);

/** e^x - 1: within 4 ulp; -0 stays. */
@inline
export function expm14(x: v128): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(x, at(EXPM1_HIGH)), at(EXPM1_LOW));
  const rounded = expTurns(clamped);
  const y = expm1Rest(expRest(clamped, f32x4.sub(rounded, at(ROUNDER))));
  // 2^n (e^r - 1) + (2^n - 1), halved, so that 2^128 is never met.
  const half = power2(i32x4.add(i32x4.sub(rounded, at(ROUNDER_BITS)), at(MINUS_ONE_BITS)));
  const sum = madd(half, y, f32x4.sub(half, at(HALF)));
  const whole = f32x4.add(sum, sum);
  return select(x, whole, f32x4.eq(x, splat(0)));
}

/** ln(1 + x): within 4 ulp; -0 stays. */
@inline
export function log1p4(x: v128): v128 {
  const u = f32x4.add(x, at(ONE));
  const rest = f32x4.div(f32x4.sub(x, f32x4.sub(u, at(ONE))), u);
  const y = log4(u);
  // What 1 + x lost, where there is something to lose: not at Infinity, 0 or below.
  const fine = v128.and(f32x4.gt(u, splat(0)), f32x4.lt(u, at(INFINITE)));
  const sum = select(f32x4.add(y, rest), y, fine);
  return select(x, sum, f32x4.eq(u, at(ONE)));
}
