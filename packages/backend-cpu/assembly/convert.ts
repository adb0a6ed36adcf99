// Conversions between float32 and 16-bit floats, integers and bytes. Counts are rounded up to 16; bits that a 16-bit float
// lacks are rounded to nearest, ties to even; integers are truncated and wrap around, as typed arrays do.
import { at, HALF, select } from "./math";

const SIZE_BITS = memory.data<i32>([0x7fffffff]);
const HALF_SIGN = memory.data<i32>([0x8000]);
const ONE_BIT = memory.data<i32>([1]);
const REBIAS = memory.data<i32>([0x38000000 - 0xfff]);
const HALF_BITS = memory.data<i32>([0x3f000000]);
const LEAST_NORMAL = memory.data<i32>([0x38800000]);
const HALF_ENDLESS = memory.data<i32>([0x7c00]);
const HALF_TOP = memory.data<i32>([0x477ff000]);
const HALF_NAN = memory.data<i32>([0x7e00]);
const ENDLESS = memory.data<i32>([0x7f800000]);
const ROUND_UP = memory.data<i32>([0x7fff]);
const BRAIN_NAN = memory.data<i32>([0x7fc0]);

/** to[i] = the float32 of the float16 at from[i]. */
export function floatsOfHalves(to: usize, from: usize, count: i32): void {
  const end = from + ((<usize>count) << 1);
  // 2^112 moves an exponent from a bias of 15 to one of 127, also where the float16 is subnormal.
  const scale = f32x4.splat(5.192296858534828e33);
  const sign = i32x4.splat(0x8000);
  const rest = i32x4.splat(0x7fff);
  const top = i32x4.splat(0x0f800000);
  const infinity = i32x4.splat(0x7f800000);
  for (; from < end; from += 8) {
    const bits = v128.load16x4_u(from);
    const size = i32x4.shl(v128.and(bits, rest), 13);
    const value = f32x4.mul(size, scale);
    const whole = v128.or(value, v128.and(i32x4.ge_s(size, top), infinity));
    v128.store(to, v128.or(whole, i32x4.shl(v128.and(bits, sign), 16)));
    to += 16;
  }
}

/** The patterns of float16 in the lanes of a vector of words. */
@inline
function half4(x: v128): v128 {
  const size = v128.and(x, at(SIZE_BITS));
  const sign = v128.and(i32x4.shr_u(x, 16), at(HALF_SIGN));
  const odd = v128.and(i32x4.shr_u(size, 13), at(ONE_BIT));
  const rounded = i32x4.add(i32x4.sub(size, at(REBIAS)), odd);
  const normal = i32x4.shr_u(rounded, 13);
  // Below 2^-14 float16 counts in steps of 2^-24: next to 0.5 so does float32.
  const tiny = i32x4.sub(f32x4.add(size, at(HALF)), at(HALF_BITS));
  let bits = select(tiny, normal, i32x4.lt_s(size, at(LEAST_NORMAL)));
  // 65520 is halfway from the greatest float16 to the next power of two.
  bits = select(at(HALF_ENDLESS), bits, i32x4.ge_s(size, at(HALF_TOP)));
  bits = v128.or(bits, sign);
  return select(at(HALF_NAN), bits, i32x4.gt_s(size, at(ENDLESS)));
}

/** to[i] = the float16 nearest to from[i]. */
export function halvesOfFloats(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 1);
  for (; to < end; to += 16) {
    const low = half4(v128.load(from));
    v128.store(to, i16x8.narrow_i32x4_u(low, half4(v128.load(from, 16))));
    from += 32;
  }
}

/** to[i] = the float32 of the bfloat16 at from[i]. */
export function floatsOfBrains(to: usize, from: usize, count: i32): void {
  const end = from + ((<usize>count) << 1);
  for (; from < end; from += 16) {
    const bits = v128.load(from);
    v128.store(to, i32x4.shl(i32x4.extend_low_i16x8_u(bits), 16));
    v128.store(to, i32x4.shl(i32x4.extend_high_i16x8_u(bits), 16), 16);
    to += 32;
  }
}

/** The patterns of bfloat16 in the lanes of a vector of words. */
@inline
function brain4(x: v128): v128 {
  const size = v128.and(x, at(SIZE_BITS));
  const odd = v128.and(i32x4.shr_u(x, 16), at(ONE_BIT));
  const bits = i32x4.shr_u(i32x4.add(i32x4.add(x, at(ROUND_UP)), odd), 16);
  return select(at(BRAIN_NAN), bits, i32x4.gt_s(size, at(ENDLESS)));
}

/** to[i] = the bfloat16 nearest to from[i]. */
export function brainsOfFloats(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 1);
  for (; to < end; to += 16) {
    const low = brain4(v128.load(from));
    v128.store(to, i16x8.narrow_i32x4_u(low, brain4(v128.load(from, 16))));
    from += 32;
  }
}

/** to[i] = the float32 nearest to the int32 at from[i]. */
export function floatsOfIntegers(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to < end; to += 16) {
    v128.store(to, f32x4.convert_i32x4_s(v128.load(from)));
    from += 16;
  }
}

/** The low 32 bits of the whole part of x; 0 for NaN and the infinities. */
function wrapped(x: f32): i32 {
  // From 2^63 on the low bits of a float32 are 0.
  return abs<f32>(x) < <f32>9223372036854775808.0 ? <i32>(<i64>x) : 0;
}

@inline
function integer4(x: v128): v128 {
  const within = f32x4.lt(f32x4.abs(x), f32x4.splat(2147483648.0));
  if (i32x4.all_true(within)) return i32x4.trunc_sat_f32x4_s(x);
  let y = i32x4.splat(wrapped(f32x4.extract_lane(x, 0)));
  y = i32x4.replace_lane(y, 1, wrapped(f32x4.extract_lane(x, 1)));
  y = i32x4.replace_lane(y, 2, wrapped(f32x4.extract_lane(x, 2)));
  return i32x4.replace_lane(y, 3, wrapped(f32x4.extract_lane(x, 3)));
}

/** to[i] = from[i] as int32. */
export function integersOfFloats(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to < end; to += 16) {
    v128.store(to, integer4(v128.load(from)));
    from += 16;
  }
}

/** to[i] = from[i] as uint8. */
export function bytesOfFloats(to: usize, from: usize, count: i32): void {
  const end = to + <usize>count;
  const byte = i32x4.splat(0xff);
  for (; to < end; to += 16) {
    const a = v128.and(integer4(v128.load(from)), byte);
    const b = v128.and(integer4(v128.load(from, 16)), byte);
    const c = v128.and(integer4(v128.load(from, 32)), byte);
    const d = v128.and(integer4(v128.load(from, 48)), byte);
    const low = i16x8.narrow_i32x4_s(a, b);
    v128.store(to, i8x16.narrow_i16x8_u(low, i16x8.narrow_i32x4_s(c, d)));
    from += 64;
  }
}

/** to[i] = 1 where from[i] is not 0, else 0. */
export function boolsOfFloats(to: usize, from: usize, count: i32): void {
  const end = to + <usize>count;
  const zero = f32x4.splat(0);
  for (; to < end; to += 16) {
    const a = f32x4.ne(v128.load(from), zero);
    const b = f32x4.ne(v128.load(from, 16), zero);
    const c = f32x4.ne(v128.load(from, 32), zero);
    const d = f32x4.ne(v128.load(from, 48), zero);
    const low = i16x8.narrow_i32x4_s(a, b);
    const bits = i8x16.narrow_i16x8_s(low, i16x8.narrow_i32x4_s(c, d));
    v128.store(to, v128.and(bits, i8x16.splat(1)));
    from += 64;
  }
}

/** to[i] = the int64 of the int32 at from[i]. */
export function longsOfIntegers(to: usize, from: usize, count: i32): void {
  const end = from + ((<usize>count) << 2);
  for (; from < end; from += 16) {
    const x = v128.load(from);
    v128.store(to, i64x2.extend_low_i32x4_s(x));
    v128.store(to, i64x2.extend_high_i32x4_s(x), 16);
    to += 32;
  }
}

/** to[i] = the low half of the int64 at from[i]. */
export function integersOfLongs(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to < end; to += 16) {
    v128.store(to, v128.shuffle<i32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6));
    from += 32;
  }
}

/** to[i] = the float32 nearest to the int64 at from[i]. */
export function floatsOfLongs(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to < end; to += 4) {
    store<f32>(to, <f32>load<i64>(from));
    from += 8;
  }
}

/** The low 64 bits of the whole part of x; the least int64 for NaN and the infinities. */
@inline
function long(x: f32): i64 {
  if (abs<f32>(x) < <f32>9223372036854775808.0) return <i64>x;
  const bits = reinterpret<i32>(x);
  const exponent = (bits >> 23) & 255;
  // From 2^87 on the low 64 bits of a float32 are 0.
  if (exponent == 255) return i64.MIN_VALUE;
  const shift = exponent - 150;
  const size: i64 = shift < 64 ? <i64>((bits & 0x7fffff) | 0x800000) << shift : 0;
  return bits < 0 ? 0 - size : size;
}

/** to[i] = from[i] as int64. */
export function longsOfFloats(to: usize, from: usize, count: i32): void {
  const end = from + ((<usize>count) << 2);
  for (; from < end; from += 4) {
    store<i64>(to, long(load<f32>(from)));
    to += 8;
  }
}

/** to[i] = from[i] as float64. */
export function doublesOfFloats(to: usize, from: usize, count: i32): void {
  const end = from + ((<usize>count) << 2);
  for (; from < end; from += 16) {
    const x = v128.load(from);
    v128.store(to, f64x2.promote_low_f32x4(x));
    v128.store(to, f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1)), 16);
    to += 32;
  }
}

/** to[i] = the float32 nearest to from[i], a float64. */
export function floatsOfDoubles(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to < end; to += 16) {
    const low = f32x4.demote_f64x2_zero(v128.load(from));
    v128.store(to, v128.shuffle<i64>(low, f32x4.demote_f64x2_zero(v128.load(from, 16)), 0, 2));
    from += 32;
  }
}

/** to[i] = the int32 of the byte at from[i]. */
export function integersOfBytes(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to < end; to += 16) {
    v128.store(to, i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from))));
    from += 4;
  }
}

/** to[i] = the int64 of the byte at from[i]. */
export function longsOfBytes(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 3);
  for (; to < end; to += 8) {
    store<i64>(to, <i64>load<u8>(from));
    from++;
  }
}
