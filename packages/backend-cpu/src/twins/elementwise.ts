// The definitions of the float32 elementwise kernels, and what runs where WebAssembly SIMD is missing. Each gives a float64
// that storing rounds to float32.
import { elementwiseRules, erfc, fusedRules } from "@tead/tensor/kernel-kit";
import type { BinaryName, CompareName, ScalarName, UnaryName } from "../wasm/exports.ts";

const formula = (name: string): ((x: number) => number) => elementwiseRules[name]?.f as never;

const pairFormula = (name: string): ((a: number, b: number) => number) =>
  (elementwiseRules[name] ?? fusedRules[name])?.f as never;

/** NaN if either is NaN; Math.max and Math.min already are so. */
const binaryFormulas: Record<BinaryName, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  // Gradients: the first operand is the output's gradient, the second the input of relu, the output of tanh and sigmoid.
  reluGrad: (g, x) => (x <= 0 ? 0 : g),
  tanhGrad: (g, y) => g * (1 - y * y),
  sigmoidGrad: (g, y) => g * (1 - y) * y,
  pow: pairFormula("pow"),
  atan2: Math.atan2,
  fmod: (a, b) => a % b,
  remainder: pairFormula("remainder"),
  floorDivide: pairFormula("floorDivide"),
  hypot: Math.hypot,
  copysign: pairFormula("copysign"),
  logaddexp: pairFormula("logaddexp"),
};

const scalarFormulas: Record<ScalarName, (a: number, scalar: number) => number> = {
  addScalar: (a, s) => a + s,
  subScalar: (a, s) => a - s,
  mulScalar: (a, s) => a * s,
  divScalar: (a, s) => a / s,
  maximumScalar: (a, s) => Math.max(a, s),
  minimumScalar: (a, s) => Math.min(a, s),
  scalarSub: (a, s) => s - a,
  scalarDiv: (a, s) => s / a,
};

const unaryFormulas: Record<UnaryName, (x: number) => number> = {
  neg: (x) => -x,
  abs: Math.abs,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.fround(Math.sqrt(x)),
  reciprocal: (x) => 1 / x,
  relu: (x) => Math.max(x, 0),
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  square: (x) => x * x,
  floor: Math.floor,
  ceil: Math.ceil,
  round: formula("round"),
  trunc: Math.trunc,
  sign: formula("sign"),
  erf: formula("erf"),
  expm1: Math.expm1,
  log1p: Math.log1p,
  log2: Math.log2,
  log10: Math.log10,
  exp2: (x) => 2 ** x,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  erfc,
  halfPower: (x) => x ** 0.5,
};

const compareFormulas: Record<CompareName, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

/** out[i] = a[i] op b[i] for i below `count`, each array from its offset. `out` may be an operand, at the same offset. */
export type BinaryF32 = (
  out: Float32Array,
  outOffset: number,
  a: Float32Array,
  aOffset: number,
  b: Float32Array,
  bOffset: number,
  count: number,
) => void;

/** out[i] = a[i] op scalar; the scalar is rounded to float32 first. */
export type ScalarF32 = (
  out: Float32Array,
  outOffset: number,
  a: Float32Array,
  aOffset: number,
  scalar: number,
  count: number,
) => void;

/** out[i] = a[i] op b[i] as 0 or 1. */
export type CompareF32 = (
  out: Uint8Array,
  outOffset: number,
  a: Float32Array,
  aOffset: number,
  b: Float32Array,
  bOffset: number,
  count: number,
) => void;

/** out[i] = op(a[i]). */
export type UnaryF32 = (
  out: Float32Array,
  outOffset: number,
  a: Float32Array,
  aOffset: number,
  count: number,
) => void;

/** The same keys with a value made from each name. */
export function mapNames<Name extends string, From, To>(
  table: Record<Name, From>,
  make: (name: Name, value: From) => To,
): Record<Name, To> {
  const result = {} as Record<Name, To>;
  for (const name of Object.keys(table) as Name[]) result[name] = make(name, table[name]);
  return result;
}

/** Two arrays. */
export const binaryF32: Readonly<Record<BinaryName, BinaryF32>> = mapNames(
  binaryFormulas,
  (_, f): BinaryF32 =>
    (out, outOffset, a, aOffset, b, bOffset, count) => {
      for (let i = 0; i < count; i++) {
        out[outOffset + i] = f(a[aOffset + i] as number, b[bOffset + i] as number);
      }
    },
);

/** An array and a number. */
export const scalarF32: Readonly<Record<ScalarName, ScalarF32>> = mapNames(
  scalarFormulas,
  (_, f): ScalarF32 =>
    (out, outOffset, a, aOffset, scalar, count) => {
      const s = Math.fround(scalar);
      for (let i = 0; i < count; i++) out[outOffset + i] = f(a[aOffset + i] as number, s);
    },
);

/** One array. */
export const unaryF32: Readonly<Record<UnaryName, UnaryF32>> = mapNames(
  unaryFormulas,
  (_, f): UnaryF32 =>
    (out, outOffset, a, aOffset, count) => {
      for (let i = 0; i < count; i++) out[outOffset + i] = f(a[aOffset + i] as number);
    },
);

/** Two arrays, compared. */
export const compareF32: Readonly<Record<CompareName, CompareF32>> = mapNames(
  compareFormulas,
  (_, compare): CompareF32 =>
    (out, outOffset, a, aOffset, b, bOffset, count) => {
      for (let i = 0; i < count; i++) {
        const is = compare(a[aOffset + i] as number, b[bOffset + i] as number);
        out[outOffset + i] = is ? 1 : 0;
      }
    },
);
