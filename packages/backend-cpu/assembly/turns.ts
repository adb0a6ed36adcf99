// Sine, cosine and tangent of four floats, and their inverses.
import { madd, scratch } from "./common";
import { at, horner, INFINITE, nmadd, ONE, ROUNDER, select, SIGN, ZERO } from "./math";

const TWO_OVER_PI = memory.data<f32>([0.63661977236758134]);
// pi / 2 in three parts, of which the first two have so few bits that their multiples up to LARGE are exact.
const QUARTER_1 = memory.data<f32>([1.5703125]);
const QUARTER_2 = memory.data<f32>([4.837512969970703125e-4]);
const QUARTER_3 = memory.data<f32>([7.549789954891882e-8]);
const LARGE = memory.data<f32>([8192]);

// The binary digits of 2 / pi, after a word of zeros.
const DIGITS = memory.data<u32>([
  0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab,
]);

/** Stores x - n pi / 2 and the integer n modulo 4 of one float from LARGE on (M. Payne, R. Hanek). */
function turnsOfLarge(x: f32, rest: usize, turns: usize): void {
  const bits = reinterpret<u32>(x);
  const exponent = <i32>((bits >> 23) & 255);
  if (exponent == 255) {
    store<f32>(rest, <f32>NaN);
    store<i32>(turns, 0);
    return;
  }
  // x = m 2^(exponent - 150). Of the digits of 2 / pi only those count whose product with 2^(exponent - 150) is below 4.
  const m = <u64>((bits & 0x7fffff) | 0x800000);
  const first = exponent - 150 - 2 + 32;
  const word = DIGITS + ((<usize>(first >> 5)) << 2);
  const shift = <u64>(first & 31);
  const high = ((<u64>load<u32>(word)) << 32) | <u64>load<u32>(word, 4);
  const window = (high << shift) | ((<u64>load<u32>(word, 8)) >> (32 - shift));
  const product = m * window;
  const n = (product + (1 << 61)) >> 62;
  const fraction = <f64>(<i64>(product - (n << 62))) * 3.4061215800304303e-19;
  const negative = bits >> 31 != 0;
  store<f32>(rest, <f32>(negative ? -fraction : fraction));
  store<i32>(turns, negative ? -(<i32>n) : <i32>n);
}

function turnsOfAny(x: v128): void {
  const to = scratch;
  for (let lane: usize = 0; lane < 16; lane += 4) store<i32>(to + lane, 0, 16);
  v128.store(to, x);
  for (let lane: usize = 0; lane < 16; lane += 4) {
    const value = load<f32>(to + lane);
    if (abs<f32>(value) <= <f32>8192) {
      const n = nearest<f64>(<f64>value * 0.63661977236758134);
      // Below a turn as it is: -0 stays.
      if (n != 0) store<f32>(to + lane, <f32>(<f64>value - n * 1.5707963267948966));
      store<i32>(to + lane, <i32>n, 16);
    } else turnsOfLarge(value, to + lane, to + lane + 16);
  }
}

const SIN_0 = memory.data<f32>([-1.9510838319547474e-4]);
const SIN_1 = memory.data<f32>([8.332131430506706e-3]);
const SIN_2 = memory.data<f32>([-1.6666653752326965e-1]);
const COS_0 = memory.data<f32>([2.4431205019936897e-5]);
const COS_1 = memory.data<f32>([-1.3887305976822972e-3]);
const COS_2 = memory.data<f32>([4.166664555668831e-2]);
const HALF = memory.data<f32>([0.5]);

/** sin r, |r| <= pi / 4. */
@inline
function sinRest(r: v128, z: v128): v128 {
  let s = horner(at(SIN_0), z, SIN_1);
  s = horner(s, z, SIN_2);
  // The sign is that of r, of -0 too.
  return v128.or(madd(s, f32x4.mul(z, r), r), v128.and(r, at(SIGN)));
}

/** cos r, |r| <= pi / 4. */
@inline
function cosRest(z: v128): v128 {
  let c = horner(at(COS_0), z, COS_1);
  c = horner(c, z, COS_2);
  return madd(c, f32x4.mul(z, z), nmadd(z, at(HALF), at(ONE)));
}

export const SINE: i32 = 0;
export const COSINE: i32 = 1;
export const TANGENT: i32 = 2;

/** sin, cos or tan x: sine and cosine within 2e-7 of 1 and 2 ulp up to LARGE, tangent within 4 ulp. */
@inline
export function circular4(f: i32, x: v128): v128 {
  let r: v128, turns: v128;
  if (v128.any_true(i32x4.gt_s(f32x4.abs(x), at(LARGE)))) {
    turnsOfAny(x);
    r = v128.load(scratch);
    turns = v128.load(scratch, 16);
  } else {
    turns = madd(x, at(TWO_OVER_PI), at(ROUNDER));
    const n = f32x4.sub(turns, at(ROUNDER));
    r = nmadd(n, at(QUARTER_3), nmadd(n, at(QUARTER_2), nmadd(n, at(QUARTER_1), x)));
  }
  const z = f32x4.mul(r, r);
  const s = sinRest(r, z);
  const c = cosRest(z);
  const odd = i32x4.shr_s(i32x4.shl(turns, 31), 31);
  if (f == TANGENT) {
    const y = f32x4.div(select(c, s, odd), select(s, c, odd));
    return v128.xor(y, v128.and(odd, at(SIGN)));
  }
  if (f == SINE) {
    const sign = v128.and(i32x4.shl(turns, 30), at(SIGN));
    return v128.xor(select(c, s, odd), sign);
  }
  // cos x = sin(x + pi / 2): the sign is set where bits 0 and 1 of n differ.
  const sign = v128.and(v128.xor(i32x4.shl(turns, 30), i32x4.shl(turns, 31)), at(SIGN));
  return v128.xor(select(s, c, odd), sign);
}

const ASIN_0 = memory.data<f32>([3.763013333082199e-2]);
const ASIN_1 = memory.data<f32>([1.43584618344903e-2]);
const ASIN_2 = memory.data<f32>([3.182869404554367e-2]);
const ASIN_3 = memory.data<f32>([4.451446980237961e-2]);
const ASIN_4 = memory.data<f32>([7.50051736831665e-2]);
const ASIN_5 = memory.data<f32>([1.6666659712791443e-1]);
const QUARTER_TURN = memory.data<f32>([1.5707963267948966]);
const HALF_TURN = memory.data<f32>([3.1415926535897932]);
const EIGHTH_TURN = memory.data<f32>([0.78539816339744831]);

/** asin s for 0 <= s <= 1 / 2, z its square. */
@inline
function asinRest(s: v128, z: v128): v128 {
  let p = horner(at(ASIN_0), z, ASIN_1);
  p = horner(p, z, ASIN_2);
  p = horner(p, z, ASIN_3);
  p = horner(p, z, ASIN_4);
  p = horner(p, z, ASIN_5);
  return madd(p, f32x4.mul(z, s), s);
}

/** asin or acos x: within 3 ulp; NaN beyond 1. */
@inline
export function inverse4(cosine: bool, x: v128): v128 {
  const size = f32x4.abs(x);
  const small = f32x4.le(size, at(HALF));
  // Above 1 / 2 by asin x = pi / 2 - 2 asin(sqrt((1 - x) / 2)).
  const z = select(f32x4.mul(x, x), f32x4.mul(f32x4.sub(at(ONE), size), at(HALF)), small);
  const p = asinRest(select(size, f32x4.sqrt(z), small), z);
  const sign = v128.and(x, at(SIGN));
  const twice = f32x4.add(p, p);
  if (cosine) {
    const low = f32x4.sub(at(QUARTER_TURN), v128.or(p, sign));
    const high = select(f32x4.sub(at(HALF_TURN), twice), twice, f32x4.lt(x, at(ZERO)));
    return select(low, high, small);
  }
  return v128.or(select(p, f32x4.sub(at(QUARTER_TURN), twice), small), sign);
}

const TAN_EIGHTH = memory.data<f32>([0.41421356237309505]);
const ATAN_0 = memory.data<f32>([-6.074260175228119e-2]);
const ATAN_1 = memory.data<f32>([1.0592547804117203e-1]);
const ATAN_2 = memory.data<f32>([-1.4243407547473907e-1]);
const ATAN_3 = memory.data<f32>([1.9998466968536377e-1]);
const ATAN_4 = memory.data<f32>([-3.3333316445350647e-1]);

/** The angle of (x, y) where the larger and the smaller of their sizes are given: within 3 ulp. */
@inline
function angle4(y: v128, x: v128, small: v128, large: v128): v128 {
  const steep = f32x4.gt(small, f32x4.mul(large, at(TAN_EIGHTH)));
  // atan(s / l) = pi / 4 + atan((s - l) / (s + l))
  const top = select(f32x4.sub(small, large), small, steep);
  const bottom = select(f32x4.add(small, large), large, steep);
  const t = f32x4.div(top, bottom);
  const z = f32x4.mul(t, t);
  let p = horner(at(ATAN_0), z, ATAN_1);
  p = horner(p, z, ATAN_2);
  p = horner(p, z, ATAN_3);
  p = horner(p, z, ATAN_4);
  let angle = madd(p, f32x4.mul(z, t), t);
  angle = f32x4.add(angle, v128.and(steep, at(EIGHTH_TURN)));
  angle = select(f32x4.sub(at(QUARTER_TURN), angle), angle, f32x4.gt(f32x4.abs(y), f32x4.abs(x)));
  const left = i32x4.shr_s(x, 31);
  angle = select(f32x4.sub(at(HALF_TURN), angle), angle, left);
  return v128.or(angle, v128.and(y, at(SIGN)));
}

/** atan x: within 3 ulp. */
@inline
export function atan4(x: v128): v128 {
  const size = f32x4.abs(x);
  return v128.or(angle4(x, at(ONE), f32x4.pmin(size, at(ONE)), f32x4.pmax(size, at(ONE))), f32x4.ne(x, x));
}

const FAR = memory.data<f32>([1e38]);
const NEAR = memory.data<f32>([1e-30]);
const TWO_TO_24 = memory.data<f32>([16777216]);

/** The angle of the point (x, y): within 4 ulp. */
@inline
export function atan24(y: v128, x: v128): v128 {
  const a = f32x4.abs(y), b = f32x4.abs(x);
  const large = f32x4.pmax(a, b), small = f32x4.pmin(a, b);
  // Both 0 or both infinite: 0 / 1 and 1 / 1.
  const none = f32x4.eq(large, at(ZERO));
  const all = f32x4.eq(small, at(INFINITE));
  // So that sums stay finite, and parts of the smallest numbers have digits.
  const near = select(at(TWO_TO_24), at(ONE), f32x4.lt(large, at(NEAR)));
  const factor = select(at(HALF), near, f32x4.gt(large, at(FAR)));
  const l = select(at(ONE), f32x4.mul(large, factor), v128.or(none, all));
  const s = select(at(ONE), f32x4.mul(small, factor), all);
  const nan = v128.or(f32x4.ne(x, x), f32x4.ne(y, y));
  return v128.or(angle4(y, x, s, l), nan);
}
