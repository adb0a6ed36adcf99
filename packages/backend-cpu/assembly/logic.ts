// Comparisons of floats, which give bytes 0 or 1, choice by such bytes, and logic on them. Counts are rounded up to 16.
import { splat } from "./common";

const EQ: i32 = 0;
const NE: i32 = 1;
const LT: i32 = 2;
const LE: i32 = 3;
const GT: i32 = 4;
const GE: i32 = 5;

@inline
function compare(op: i32, a: v128, b: v128): v128 {
  if (op == EQ) return f32x4.eq(a, b);
  if (op == NE) return f32x4.ne(a, b);
  if (op == LT) return f32x4.lt(a, b);
  if (op == LE) return f32x4.le(a, b);
  if (op == GT) return f32x4.gt(a, b);
  return f32x4.ge(a, b);
}

/** Four vectors of 32-bit masks as 16 bytes, 0 or 1. */
@inline
function bytes(m0: v128, m1: v128, m2: v128, m3: v128): v128 {
  const low = i16x8.narrow_i32x4_s(m0, m1);
  const high = i16x8.narrow_i32x4_s(m2, m3);
  return v128.and(i8x16.narrow_i16x8_s(low, high), i8x16.splat(1));
}

@inline
function arrays(op: i32, to: usize, a: usize, b: usize, count: i32): void {
  const end = to + <usize>count;
  for (; to < end; to += 16) {
    const m0 = compare(op, v128.load(a), v128.load(b));
    const m1 = compare(op, v128.load(a, 16), v128.load(b, 16));
    const m2 = compare(op, v128.load(a, 32), v128.load(b, 32));
    const m3 = compare(op, v128.load(a, 48), v128.load(b, 48));
    v128.store(to, bytes(m0, m1, m2, m3));
    a += 64;
    b += 64;
  }
}

export function eq(to: usize, a: usize, b: usize, count: i32): void { arrays(EQ, to, a, b, count); }
export function ne(to: usize, a: usize, b: usize, count: i32): void { arrays(NE, to, a, b, count); }
export function lt(to: usize, a: usize, b: usize, count: i32): void { arrays(LT, to, a, b, count); }
export function le(to: usize, a: usize, b: usize, count: i32): void { arrays(LE, to, a, b, count); }
export function gt(to: usize, a: usize, b: usize, count: i32): void { arrays(GT, to, a, b, count); }
export function ge(to: usize, a: usize, b: usize, count: i32): void { arrays(GE, to, a, b, count); }

/** Byte i of four neighbours, spread over the lanes of a vector; all bits set where it is not 0. */
@inline
function spread(condition: usize): v128 {
  const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(condition)));
  return i32x4.ne(words, splat(0));
}

/** to[i] = condition[i] ? a[i] : b[i]; conditions are bytes. */
export function where(to: usize, condition: usize, a: usize, b: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to < end; to += 16) {
    v128.store(to, v128.bitselect(v128.load(a), v128.load(b), spread(condition)));
    condition += 4;
    a += 16;
    b += 16;
  }
}

/** to[i] = x[i] times `scale` or 0, as bytes 1 and 0 say. */
export function maskedScale(to: usize, mask: usize, x: usize, count: i32, scale: f32): void {
  const end = to + ((<usize>count) << 2);
  const factor = splat(scale);
  for (; to < end; to += 32) {
    const words = i16x8.extend_low_i8x16_u(v128.load64_zero(mask));
    const low = f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words)), factor);
    const high = f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(words)), factor);
    v128.store(to, f32x4.mul(v128.load(x), low));
    v128.store(to, f32x4.mul(v128.load(x, 16), high), 16);
    mask += 8;
    x += 32;
  }
}

/** to[i] = condition[i] ? 1 : 0, in floats. */
export function floatsOfBytes(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to < end; to += 16) {
    const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from)));
    v128.store(to, f32x4.convert_i32x4_u(words));
    from += 4;
  }
}

/** to = 1 where the byte is 0, else 0. */
export function notBytes(to: usize, from: usize, count: i32): void {
  const end = to + <usize>count;
  for (; to < end; to += 16) {
    v128.store(to, v128.and(i8x16.eq(v128.load(from), i8x16.splat(0)), i8x16.splat(1)));
    from += 16;
  }
}

const FINITE: i32 = 0;
const ENDLESS: i32 = 1;
const SIGNED: i32 = 2;
const ZERO_IS: i32 = 3;

@inline
function property(op: i32, x: v128): v128 {
  if (op == FINITE) return f32x4.lt(f32x4.abs(x), splat(Infinity));
  if (op == ENDLESS) return f32x4.eq(f32x4.abs(x), splat(Infinity));
  if (op == SIGNED) return v128.andnot(i32x4.shr_s(x, 31), f32x4.ne(x, x));
  return f32x4.eq(x, splat(0));
}

@inline
function properties(op: i32, to: usize, a: usize, count: i32): void {
  const end = to + <usize>count;
  for (; to < end; to += 16) {
    const m0 = property(op, v128.load(a)), m1 = property(op, v128.load(a, 16));
    const m2 = property(op, v128.load(a, 32)), m3 = property(op, v128.load(a, 48));
    v128.store(to, bytes(m0, m1, m2, m3));
    a += 64;
  }
}

export function isfinite(to: usize, a: usize, count: i32): void { properties(FINITE, to, a, count); }
export function isinf(to: usize, a: usize, count: i32): void { properties(ENDLESS, to, a, count); }
export function signbit(to: usize, a: usize, count: i32): void { properties(SIGNED, to, a, count); }
export function logicalNot(to: usize, a: usize, count: i32): void { properties(ZERO_IS, to, a, count); }

const AND: i32 = 0;
const OR: i32 = 1;

/** Truth of floats: 0 is false, all else is true. */
@inline
function truth(op: i32, a: v128, b: v128): v128 {
  const x = f32x4.ne(a, splat(0)), y = f32x4.ne(b, splat(0));
  if (op == AND) return v128.and(x, y);
  if (op == OR) return v128.or(x, y);
  return v128.xor(x, y);
}

@inline
function truths(op: i32, to: usize, a: usize, b: usize, count: i32): void {
  const end = to + <usize>count;
  for (; to < end; to += 16) {
    const m0 = truth(op, v128.load(a), v128.load(b)), m1 = truth(op, v128.load(a, 16), v128.load(b, 16));
    const m2 = truth(op, v128.load(a, 32), v128.load(b, 32)), m3 = truth(op, v128.load(a, 48), v128.load(b, 48));
    v128.store(to, bytes(m0, m1, m2, m3));
    a += 64;
    b += 64;
  }
}

export function logicalAnd(to: usize, a: usize, b: usize, count: i32): void { truths(AND, to, a, b, count); }
export function logicalOr(to: usize, a: usize, b: usize, count: i32): void { truths(OR, to, a, b, count); }
export function logicalXor(to: usize, a: usize, b: usize, count: i32): void { truths(2, to, a, b, count); }

@inline
function bits(op: i32, to: usize, a: usize, b: usize, count: i32): void {
  const end = to + <usize>count;
  for (; to < end; to += 16) {
    const x = v128.load(a), y = v128.load(b);
    v128.store(to, op == AND ? v128.and(x, y) : op == OR ? v128.or(x, y) : v128.xor(x, y));
    a += 16;
    b += 16;
  }
}

/** Bits of `count` bytes. */
export function bitsAnd(to: usize, a: usize, b: usize, count: i32): void { bits(AND, to, a, b, count); }
export function bitsOr(to: usize, a: usize, b: usize, count: i32): void { bits(OR, to, a, b, count); }
export function bitsXor(to: usize, a: usize, b: usize, count: i32): void { bits(2, to, a, b, count); }
