// What each elementwise primitive computes: one number function, and where integers differ, one
// for them and one on bigints for int64. Knows no tensors.
import { erf } from "./special.ts";

/** An element as a kernel computes with it: a bigint for int64. */
export type Numeric = (...x: number[]) => number;
/** `undefined` says "division by zero". */
export type Big = (...x: bigint[]) => bigint | boolean | undefined;

/** What an elementwise op does to one element. */
export interface Rule {
  /** On numbers. */
  readonly f: Numeric;
  /** On integer dtypes, where it differs; NaN says "division by zero". */
  readonly integer?: Numeric;
  /** On int8, int16 and uint8, whose results wrap, where it differs again. */
  readonly narrow?: Numeric;
  /** On int64, where numbers would lose bits. */
  readonly big?: Big;
  /** Where the result is bool and it differs. */
  readonly bool?: Numeric;
}

/** Halves to even; the sign of -0 is kept. */
const roundHalfEven = (x: number): number => {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.abs(x) < 4503599627370496 ? Math.round(x) || x * 0 : x;
  return (floor % 2 === 0 ? floor : floor + 1) || x * 0;
};

/** a - b * floor(a / b), exact where a % b is. */
const remainder = (a: number, b: number): number => {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
};
const bigRemainder = (a: bigint, b: bigint): bigint => {
  const r = a % b;
  return r !== 0n && r < 0n !== b < 0n ? r + b : r;
};

/** floor(a / b) as Python and PyTorch define it: from the exact remainder. */
const floorDivide = (a: number, b: number): number => {
  if (b === 0) return a / b;
  const mod = a % b;
  let quotient = (a - mod) / b;
  if (mod !== 0 && b < 0 !== mod < 0) quotient -= 1;
  if (quotient === 0) return (a / b) * 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
};

/** a^b for integers by squaring: exact wherever the result is a safe integer. */
const integerPower = (a: number, b: number): number => {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let result = 1;
  for (let base = a, rest = b; rest > 0; rest = Math.floor(rest / 2), base *= base)
    if (rest % 2 === 1) result *= base;
  return result;
};
/** The same modulo 2^32. */
const wrappingPower = (a: number, b: number): number => {
  if (b < 0) return integerPower(a, b);
  let result = 1;
  for (let base = a, rest = b; rest > 0; rest >>= 1, base = Math.imul(base, base))
    if (rest & 1) result = Math.imul(result, base);
  return result;
};
const bigPower = (a: bigint, b: bigint): bigint => {
  if (b < 0n) return a === 1n ? 1n : a === -1n ? (b % 2n === 0n ? 1n : -1n) : 0n;
  let result = 1n;
  for (let base = a, rest = b; rest > 0n; rest >>= 1n, base = BigInt.asIntN(64, base * base))
    if (rest & 1n) result = BigInt.asIntN(64, result * base);
  return result;
};
/** a^b; as in C, 1^NaN and (-1)^Infinity are 1. */
const power = (a: number, b: number): number => {
  if (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY)) return 1;
  return a ** b;
};

const two =
  (f: (a: number, b: number) => number): Numeric =>
  (a = 0, b = 0) =>
    f(a, b);
const keep: Big = (x) => x;

/** Every elementwise primitive, by name. */
export const elementwiseRules: Readonly<Record<string, Rule>> = {
  neg: { f: (x = 0) => -x, big: (x = 0n) => -x },
  abs: { f: Math.abs, big: (x = 0n) => (x < 0n ? -x : x) },
  // NaN has sign 0, as in PyTorch.
  sign: {
    f: (x = 0) => (x > 0 ? 1 : x < 0 ? -1 : 0),
    big: (x = 0n) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  },
  exp: { f: Math.exp },
  expm1: { f: Math.expm1 },
  log: { f: Math.log },
  log1p: { f: Math.log1p },
  sqrt: { f: Math.sqrt },
  sin: { f: Math.sin },
  cos: { f: Math.cos },
  tanh: { f: Math.tanh },
  erf: { f: (x = 0) => erf(x) },
  floor: { f: Math.floor, big: keep },
  ceil: { f: Math.ceil, big: keep },
  round: { f: (x = 0) => roundHalfEven(x), big: keep },
  trunc: { f: Math.trunc, big: keep },
  isnan: { f: (x = 0) => Number(Number.isNaN(x)), big: () => false },
  logicalNot: { f: (x = 0) => Number(x === 0), big: (x) => x === 0n },
  bitwiseNot: { f: (x = 0) => ~x, bool: (x = 0) => 1 - x, big: (x = 0n) => ~x },
  add: {
    f: (a = 0, b = 0) => a + b,
    bool: (a = 0, b = 0) => a | b,
    big: (a = 0n, b = 0n) => a + b,
  },
  sub: { f: (a = 0, b = 0) => a - b, big: (a = 0n, b = 0n) => a - b },
  mul: { f: (a = 0, b = 0) => a * b, big: (a = 0n, b = 0n) => a * b },
  div: { f: (a = 0, b = 0) => a / b },
  pow: {
    f: two(power),
    integer: two(integerPower),
    narrow: two(wrappingPower),
    big: (a = 0n, b = 0n) => bigPower(a, b),
  },
  atan2: { f: Math.atan2 },
  maximum: {
    f: (a = 0, b = 0) => (a > b || Number.isNaN(a) ? a : b),
    big: (a = 0n, b = 0n) => (a > b ? a : b),
  },
  minimum: {
    f: (a = 0, b = 0) => (a < b || Number.isNaN(a) ? a : b),
    big: (a = 0n, b = 0n) => (a < b ? a : b),
  },
  // An integer divided by 0 gives NaN here, and the kernel refuses it.
  remainder: {
    f: two(remainder),
    big: (a = 0n, b = 0n) => (b === 0n ? undefined : bigRemainder(a, b)),
  },
  floorDivide: {
    f: two(floorDivide),
    integer: (a = 0, b = 0) => (b === 0 ? Number.NaN : Math.floor(a / b)),
    big: (a = 0n, b = 0n) => (b === 0n ? undefined : (a - bigRemainder(a, b)) / b),
  },
  bitwiseAnd: { f: (a = 0, b = 0) => a & b, big: (a = 0n, b = 0n) => a & b },
  bitwiseOr: { f: (a = 0, b = 0) => a | b, big: (a = 0n, b = 0n) => a | b },
  bitwiseXor: { f: (a = 0, b = 0) => a ^ b, big: (a = 0n, b = 0n) => a ^ b },
  eq: { f: (a = 0, b = 0) => Number(a === b), big: (a = 0n, b = 0n) => a === b },
  lt: { f: (a = 0, b = 0) => Number(a < b), big: (a = 0n, b = 0n) => a < b },
  le: { f: (a = 0, b = 0) => Number(a <= b), big: (a = 0n, b = 0n) => a <= b },
  where: {
    f: (c = 0, a = 0, b = 0) => (c !== 0 ? a : b),
    big: (c = 0n, a = 0n, b = 0n) => (c !== 0n ? a : b),
  },
};
