// Elementwise kernels over contiguous int32 and int64. Counts are rounded up to 16: scratch memory has room for it. Arithmetic
// of int32 says whether it left the range or divided by 0; that of int64 wraps around.

const ADD: i32 = 0;
const SUB: i32 = 1;
const MUL: i32 = 2;
const MAX: i32 = 3;
const MIN: i32 = 4;
const AND: i32 = 5;
const OR: i32 = 6;
const XOR: i32 = 7;

@inline
function apply32(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return i32x4.add(a, b);
  if (op == SUB) return i32x4.sub(a, b);
  if (op == MAX) return i32x4.max_s(a, b);
  if (op == MIN) return i32x4.min_s(a, b);
  if (op == AND) return v128.and(a, b);
  if (op == OR) return v128.or(a, b);
  return v128.xor(a, b);
}

/** What has its sign bit set where a op b = y left the range. */
@inline
function overflow(op: i32, a: v128, b: v128, y: v128): v128 {
  if (op == ADD) return v128.and(v128.xor(a, y), v128.xor(b, y));
  return v128.and(v128.xor(a, b), v128.xor(a, y));
}

@inline
function arrays(op: i32, to: usize, a: usize, b: usize, count: i32): i32 {
  const end = to + ((<usize>count) << 2);
  let lost = i32x4.splat(0);
  for (; to < end; to += 16) {
    const x = v128.load(a), y = v128.load(b);
    const result = apply32(op, x, y);
    if (op == ADD || op == SUB) lost = v128.or(lost, overflow(op, x, y, result));
    v128.store(to, result);
    a += 16;
    b += 16;
  }
  return i32x4.bitmask(lost);
}

export function addI32(to: usize, a: usize, b: usize, count: i32): i32 { return arrays(ADD, to, a, b, count); }
export function subI32(to: usize, a: usize, b: usize, count: i32): i32 { return arrays(SUB, to, a, b, count); }
export function maximumI32(to: usize, a: usize, b: usize, count: i32): i32 { return arrays(MAX, to, a, b, count); }
export function minimumI32(to: usize, a: usize, b: usize, count: i32): i32 { return arrays(MIN, to, a, b, count); }
export function bitwiseAndI32(to: usize, a: usize, b: usize, count: i32): i32 { return arrays(AND, to, a, b, count); }
export function bitwiseOrI32(to: usize, a: usize, b: usize, count: i32): i32 { return arrays(OR, to, a, b, count); }
export function bitwiseXorI32(to: usize, a: usize, b: usize, count: i32): i32 { return arrays(XOR, to, a, b, count); }

export function mulI32(to: usize, a: usize, b: usize, count: i32): i32 {
  const end = to + ((<usize>count) << 2);
  let lost = i32x4.splat(0);
  for (; to < end; to += 16) {
    const x = v128.load(a), y = v128.load(b);
    const p = i64x2.extmul_low_i32x4_s(x, y), q = i64x2.extmul_high_i32x4_s(x, y);
    const low = v128.shuffle<i32>(p, q, 0, 2, 4, 6);
    const high = v128.shuffle<i32>(p, q, 1, 3, 5, 7);
    lost = v128.or(lost, v128.xor(high, i32x4.shr_s(low, 31)));
    v128.store(to, low);
    a += 16;
    b += 16;
  }
  return <i32>v128.any_true(lost);
}

/** floor(a / b) of two numbers in float64, which holds int32 exactly. */
@inline
function floorQuotient(a: v128, b: v128): v128 {
  return f64x2.floor(f64x2.div(f64x2.convert_low_i32x4_s(a), f64x2.convert_low_i32x4_s(b)));
}

@inline
function quotients(rest: bool, to: usize, a: usize, b: usize, count: i32): i32 {
  const end = to + ((<usize>count) << 2);
  let bad = i32x4.splat(0);
  const zero = bad;
  const least = i32x4.splat(i32.MIN_VALUE), minus = i32x4.splat(-1);
  for (; to < end; to += 16) {
    const x = v128.load(a), y = v128.load(b);
    const low = i32x4.trunc_sat_f64x2_s_zero(floorQuotient(x, y));
    const upperX = v128.shuffle<i64>(x, x, 1, 1), upperY = v128.shuffle<i64>(y, y, 1, 1);
    const q = v128.shuffle<i64>(low, i32x4.trunc_sat_f64x2_s_zero(floorQuotient(upperX, upperY)), 0, 2);
    bad = v128.or(bad, i32x4.eq(y, zero));
    bad = v128.or(bad, v128.and(i32x4.eq(x, least), i32x4.eq(y, minus)));
    v128.store(to, rest ? i32x4.sub(x, i32x4.mul(q, y)) : q);
    a += 16;
    b += 16;
  }
  return <i32>v128.any_true(bad);
}

export function floorDivideI32(to: usize, a: usize, b: usize, count: i32): i32 {
  return quotients(false, to, a, b, count);
}
export function remainderI32(to: usize, a: usize, b: usize, count: i32): i32 {
  return quotients(true, to, a, b, count);
}

/** -x, or |x|. */
@inline
function signs(size: bool, to: usize, a: usize, count: i32): i32 {
  const end = to + ((<usize>count) << 2);
  let lost = i32x4.splat(0);
  const least = i32x4.splat(i32.MIN_VALUE);
  for (; to < end; to += 16) {
    const x = v128.load(a);
    lost = v128.or(lost, i32x4.eq(x, least));
    v128.store(to, size ? i32x4.abs(x) : i32x4.neg(x));
    a += 16;
  }
  return i32x4.bitmask(lost);
}

export function negI32(to: usize, a: usize, b: usize, count: i32): i32 { return signs(false, to, a, count); }
export function absI32(to: usize, a: usize, b: usize, count: i32): i32 { return signs(true, to, a, count); }

const EQ: i32 = 0;
const NE: i32 = 1;
const LT: i32 = 2;
const LE: i32 = 3;

@inline
function compare32(op: i32, a: v128, b: v128): v128 {
  if (op == EQ) return i32x4.eq(a, b);
  if (op == NE) return i32x4.ne(a, b);
  if (op == LT) return i32x4.lt_s(a, b);
  return i32x4.le_s(a, b);
}

@inline
function compare64(op: i32, a: v128, b: v128): v128 {
  if (op == EQ) return i64x2.eq(a, b);
  if (op == NE) return i64x2.ne(a, b);
  if (op == LT) return i64x2.lt_s(a, b);
  return i64x2.le_s(a, b);
}

/** The comparison of the four elements at a and b as a vector of words. */
@inline
function compare4(op: i32, wide: bool, a: usize, b: usize): v128 {
  if (!wide) return compare32(op, v128.load(a), v128.load(b));
  const low = compare64(op, v128.load(a), v128.load(b));
  return v128.shuffle<i32>(low, compare64(op, v128.load(a, 16), v128.load(b, 16)), 0, 2, 4, 6);
}

@inline
function compares(op: i32, wide: bool, to: usize, a: usize, b: usize, count: i32): i32 {
  const end = to + <usize>count;
  const step: usize = wide ? 32 : 16;
  for (; to < end; to += 16) {
    const m0 = compare4(op, wide, a, b), m1 = compare4(op, wide, a + step, b + step);
    const m2 = compare4(op, wide, a + step * 2, b + step * 2), m3 = compare4(op, wide, a + step * 3, b + step * 3);
    const low = i16x8.narrow_i32x4_s(m0, m1), high = i16x8.narrow_i32x4_s(m2, m3);
    v128.store(to, v128.and(i8x16.narrow_i16x8_s(low, high), i8x16.splat(1)));
    a += step * 4;
    b += step * 4;
  }
  return 0;
}

export function eqI32(to: usize, a: usize, b: usize, n: i32): i32 { return compares(EQ, false, to, a, b, n); }
export function neI32(to: usize, a: usize, b: usize, n: i32): i32 { return compares(NE, false, to, a, b, n); }
export function ltI32(to: usize, a: usize, b: usize, n: i32): i32 { return compares(LT, false, to, a, b, n); }
export function leI32(to: usize, a: usize, b: usize, n: i32): i32 { return compares(LE, false, to, a, b, n); }
export function gtI32(to: usize, a: usize, b: usize, n: i32): i32 { return compares(LT, false, to, b, a, n); }
export function geI32(to: usize, a: usize, b: usize, n: i32): i32 { return compares(LE, false, to, b, a, n); }
export function eqI64(to: usize, a: usize, b: usize, n: i32): i32 { return compares(EQ, true, to, a, b, n); }
export function neI64(to: usize, a: usize, b: usize, n: i32): i32 { return compares(NE, true, to, a, b, n); }
export function ltI64(to: usize, a: usize, b: usize, n: i32): i32 { return compares(LT, true, to, a, b, n); }
export function leI64(to: usize, a: usize, b: usize, n: i32): i32 { return compares(LE, true, to, a, b, n); }
export function gtI64(to: usize, a: usize, b: usize, n: i32): i32 { return compares(LT, true, to, b, a, n); }
export function geI64(to: usize, a: usize, b: usize, n: i32): i32 { return compares(LE, true, to, b, a, n); }

@inline
function apply64(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return i64x2.add(a, b);
  if (op == SUB) return i64x2.sub(a, b);
  if (op == MUL) return i64x2.mul(a, b);
  if (op == MAX) return v128.bitselect(a, b, i64x2.gt_s(a, b));
  if (op == MIN) return v128.bitselect(a, b, i64x2.lt_s(a, b));
  if (op == AND) return v128.and(a, b);
  if (op == OR) return v128.or(a, b);
  return v128.xor(a, b);
}

@inline
function wide(op: i32, to: usize, a: usize, b: usize, count: i32): i32 {
  const end = to + ((<usize>count) << 3);
  for (; to < end; to += 16) {
    v128.store(to, apply64(op, v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
  return 0;
}

export function addI64(to: usize, a: usize, b: usize, count: i32): i32 { return wide(ADD, to, a, b, count); }
export function subI64(to: usize, a: usize, b: usize, count: i32): i32 { return wide(SUB, to, a, b, count); }
export function mulI64(to: usize, a: usize, b: usize, count: i32): i32 { return wide(MUL, to, a, b, count); }
export function maximumI64(to: usize, a: usize, b: usize, count: i32): i32 { return wide(MAX, to, a, b, count); }
export function minimumI64(to: usize, a: usize, b: usize, count: i32): i32 { return wide(MIN, to, a, b, count); }
export function bitwiseAndI64(to: usize, a: usize, b: usize, count: i32): i32 { return wide(AND, to, a, b, count); }
export function bitwiseOrI64(to: usize, a: usize, b: usize, count: i32): i32 { return wide(OR, to, a, b, count); }
export function bitwiseXorI64(to: usize, a: usize, b: usize, count: i32): i32 { return wide(XOR, to, a, b, count); }

@inline
function signs64(size: bool, to: usize, a: usize, count: i32): i32 {
  const end = to + ((<usize>count) << 3);
  for (; to < end; to += 16) {
    const x = v128.load(a);
    v128.store(to, size ? i64x2.abs(x) : i64x2.neg(x));
    a += 16;
  }
  return 0;
}

export function negI64(to: usize, a: usize, b: usize, count: i32): i32 { return signs64(false, to, a, count); }
export function absI64(to: usize, a: usize, b: usize, count: i32): i32 { return signs64(true, to, a, count); }

@inline
function quotients64(rest: bool, to: usize, a: usize, b: usize, count: i32): i32 {
  const end = to + ((<usize>count) << 3);
  for (; to < end; to += 8) {
    const x = load<i64>(a), y = load<i64>(b);
    if (y == 0) return 1;
    // The least number divided by -1 wraps around; the machine would trap.
    let q = y == -1 ? 0 - x : x / y;
    let r = x - q * y;
    if (r != 0 && (r ^ y) < 0) {
      q--;
      r += y;
    }
    store<i64>(to, rest ? r : q);
    a += 8;
    b += 8;
  }
  return 0;
}

/** Exactly `count` elements: what lies beyond may be 0. */
export function floorDivideI64(to: usize, a: usize, b: usize, count: i32): i32 {
  return quotients64(false, to, a, b, count);
}
export function remainderI64(to: usize, a: usize, b: usize, count: i32): i32 {
  return quotients64(true, to, a, b, count);
}
