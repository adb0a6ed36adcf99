// Reference kernels of elementwise ops: one number function each, and one on bigints where int64
// needs all of its bits.
import type { Kernel, View } from "../backend.ts";
import { isFloat, type TypedArray } from "../dtype.ts";
import { numelOf } from "../shape.ts";
import {
  type ArrayOf,
  gatherNumbers,
  gatherRaw,
  resultArray,
  scatterNumbers,
  scatterRaw,
} from "./access.ts";
import { erf } from "./special.ts";

type Numeric = (...x: number[]) => number;
type Big = (...x: bigint[]) => bigint | boolean;
interface Rule {
  /** On numbers. */
  readonly f: Numeric;
  /** On int64, where numbers would lose bits. */
  readonly big?: Big;
  /** On integer dtypes, where it differs. */
  readonly integer?: Numeric;
}

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
  if (b === 0n) return 0n;
  const r = a % b;
  return r !== 0n && r < 0n !== b < 0n ? r + b : r;
};
const bigFloorDivide = (a: bigint, b: bigint): bigint =>
  b === 0n ? 0n : (a - bigRemainder(a, b)) / b;
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

/** Every elementwise primitive. */
export const elementwiseRules: Readonly<Record<string, Rule>> = {
  neg: { f: (x = 0) => -x, big: (x = 0n) => -x },
  abs: { f: Math.abs, big: (x = 0n) => (x < 0n ? -x : x) },
  sign: {
    f: (x = 0) => (x > 0 ? 1 : x < 0 ? -1 : x),
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
  erf: { f: erf as Numeric },
  floor: { f: Math.floor, big: (x = 0n) => x },
  ceil: { f: Math.ceil, big: (x = 0n) => x },
  round: { f: roundHalfEven as Numeric, big: (x = 0n) => x },
  trunc: { f: Math.trunc, big: (x = 0n) => x },
  isnan: { f: (x = 0) => Number(Number.isNaN(x)) },
  logicalNot: { f: (x = 0) => Number(x === 0) },
  bitwiseNot: { f: (x = 0) => ~x, big: (x = 0n) => ~x },
  add: { f: (a = 0, b = 0) => a + b, big: (a = 0n, b = 0n) => a + b },
  sub: { f: (a = 0, b = 0) => a - b, big: (a = 0n, b = 0n) => a - b },
  mul: { f: (a = 0, b = 0) => a * b, integer: Math.imul, big: (a = 0n, b = 0n) => a * b },
  div: { f: (a = 0, b = 0) => a / b },
  pow: {
    f: (a = 0, b = 0) =>
      a === 1 ? 1 : a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY ? 1 : a ** b,
    integer: (a = 0, b = 0) => Math.trunc(a ** b),
    big: (a = 0n, b = 0n) =>
      b >= 0n ? a ** b : a === 1n ? 1n : a === -1n ? (b % 2n === 0n ? 1n : -1n) : 0n,
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
  remainder: { f: remainder as Numeric, big: bigRemainder as Big },
  floorDivide: { f: floorDivide as Numeric, big: bigFloorDivide as Big },
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

/** The kernel that applies a rule to each element. */
export function elementwiseKernel(rule: Rule, arrayOf: ArrayOf): Kernel<readonly View[], unknown> {
  return ({ inputs, outputs, attrs: _, fail }) => {
    const output = outputs[0] as View;
    if (rule.big !== undefined && inputs.some((x) => x.dtype === "int64")) {
      bigKernel(rule.big, inputs, output, arrayOf);
      return;
    }
    const count = numelOf(output.shape);
    const result = resultArray(output.dtype, count);
    const integer = output.dtype !== "bool" && !isFloat(output.dtype);
    const f = integer && rule.integer !== undefined ? rule.integer : rule.f;
    // Same places in and out may alias; any other overlap needs a copy first.
    const [a, b, c] = inputs.map((x) => gatherNumbers(x, arrayOf));
    if (a !== undefined) apply(f, result, a, b, c);
    void fail;
    scatterNumbers(result, output, arrayOf);
  };
}

type Operand = ArrayLike<number> | undefined;
/** 0 for a constant, so that its one element is read again and again. */
const stepOf = (x: Operand, count: number): number =>
  x === undefined || x.length !== count ? 0 : 1;

function apply(
  f: Numeric,
  result: { [i: number]: number; length: number },
  a: ArrayLike<number>,
  b: Operand,
  c: Operand,
): void {
  const { length } = result;
  const [stepA, stepB, stepC] = [stepOf(a, length), stepOf(b, length), stepOf(c, length)];
  if (b === undefined) for (let i = 0; i < length; i++) result[i] = f(a[i * stepA] as number);
  else if (c === undefined)
    for (let i = 0; i < length; i++) result[i] = f(a[i * stepA] as number, b[i * stepB] as number);
  else
    for (let i = 0; i < length; i++)
      result[i] = f(a[i * stepA] as number, b[i * stepB] as number, c[i * stepC] as number);
}

function bigKernel(f: Big, inputs: readonly View[], output: View, arrayOf: ArrayOf): void {
  const count = numelOf(output.shape);
  const columns = inputs.map((x) =>
    x.scalar !== undefined
      ? [BigInt(Math.trunc(x.scalar))]
      : BigInt64Array.from(gatherRaw(x, arrayOf, true) as unknown as ArrayLike<number>, BigInt),
  );
  const results = Array.from({ length: count }, (_, i) =>
    f(...columns.map((column) => column[column.length === count ? i : 0] as bigint)),
  );
  const wrapped: TypedArray =
    output.dtype === "int64"
      ? BigInt64Array.from(results, (x) => BigInt.asIntN(64, BigInt(x)))
      : Uint8Array.from(results, Number);
  scatterRaw(wrapped, output, arrayOf);
}
