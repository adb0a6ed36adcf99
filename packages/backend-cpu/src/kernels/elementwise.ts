// Elementwise kernels: SIMD for float32 runs, and for what the ops table derives from others one
// function an element instead of a chain of passes.
import type { Kernel, KernelCall, Kernels, View } from "@tead/tensor";
import {
  bufferIsArray,
  elementwiseKernel,
  elementwiseRules,
  erfc,
  type Rule,
} from "@tead/tensor/kernel-kit";
import { type BinaryName, f32Kernels, type ScalarName, type UnaryName } from "../wasm/index.ts";
import { eachRun, isPlain, isSafe, type Run } from "./runs.ts";

type ElementwiseKernel = Kernel<readonly View[], unknown>;
type Binary = Extract<BinaryName, "add" | "sub" | "mul" | "div" | "maximum" | "minimum">;

const f32 = f32Kernels();
const arrayOf = (view: View): Float32Array => view.buffer as Float32Array;
const truth = (x: boolean): number => (x ? 1 : 0);

/** What the table derives from other ops, as one function of an element. */
const derivedRules: Readonly<Record<string, Rule>> = {
  reciprocal: { f: (x = 0) => 1 / x },
  rsqrt: { f: (x = 0) => 1 / Math.sqrt(x) },
  square: {
    f: (x = 0) => x * x,
    integer: (x = 0) => x * x,
    narrow: (x = 0) => Math.imul(x, x),
    big: (x = 0n) => x * x,
  },
  sigmoid: { f: (x = 0) => 1 / (1 + Math.exp(-x)) },
  relu: { f: (x = 0) => Math.max(x, 0), big: (x = 0n) => (x > 0n ? x : 0n) },
  log2: { f: Math.log2 },
  log10: { f: Math.log10 },
  exp2: { f: (x = 0) => 2 ** x },
  erfc: { f: erfc as Rule["f"] },
  tan: { f: Math.tan },
  asin: { f: Math.asin },
  acos: { f: Math.acos },
  atan: { f: Math.atan },
  sinh: { f: Math.sinh },
  cosh: { f: Math.cosh },
  isinf: { f: (x = 0) => truth(Math.abs(x) === Number.POSITIVE_INFINITY) },
  isfinite: { f: (x = 0) => truth(Number.isFinite(x)) },
  ne: { f: (a = 0, b = 0) => truth(a !== b), big: (a = 0n, b = 0n) => a !== b },
  gt: { f: (a = 0, b = 0) => truth(a > b), big: (a = 0n, b = 0n) => a > b },
  ge: { f: (a = 0, b = 0) => truth(a >= b), big: (a = 0n, b = 0n) => a >= b },
  logicalAnd: { f: (a = 0, b = 0) => truth(a !== 0 && b !== 0) },
  logicalOr: { f: (a = 0, b = 0) => truth(a !== 0 || b !== 0) },
  logicalXor: { f: (a = 0, b = 0) => truth((a !== 0) !== (b !== 0)) },
};

/** `fast` where every operand is float32 and may be read while the output is written, else `slow`. */
function choosing(
  fast: (call: KernelCall<readonly View[], unknown>) => boolean,
  rule: Rule,
): ElementwiseKernel {
  const slow = elementwiseKernel(rule, bufferIsArray);
  return (call) => {
    if (!fast(call)) slow(call);
  };
}

function unary(name: UnaryName, rule: Rule): ElementwiseKernel {
  const dense = f32.unaryF32[name];
  return choosing(({ inputs, outputs }) => {
    const [x, out] = [inputs[0] as View, outputs[0] as View];
    if (!isPlain(x) || !isPlain(out) || !isSafe(x, out)) return false;
    let done = true;
    eachRun(out, x, undefined, (run) => {
      if (run.outStep === 1 && run.aStep === 1)
        dense(arrayOf(out), run.outAt, arrayOf(x), run.aAt, run.count);
      else done = false;
    });
    return done;
  }, rule);
}

const withScalarRight: Readonly<Record<Binary, ScalarName>> = {
  add: "addScalar",
  sub: "subScalar",
  mul: "mulScalar",
  div: "divScalar",
  maximum: "maximumScalar",
  minimum: "minimumScalar",
};
const withScalarLeft: Readonly<Record<Binary, ScalarName>> = {
  ...withScalarRight,
  sub: "scalarSub",
  div: "scalarDiv",
};

function binary(name: Binary, rule: Rule): ElementwiseKernel {
  const both = f32.binaryF32[name];
  const right = f32.scalarF32[withScalarRight[name]];
  const left = f32.scalarF32[withScalarLeft[name]];
  /** False where neither operand of the run is dense. */
  const visitPair = (out: View, a: View, b: View, run: Run): boolean => {
    if (run.outStep !== 1) return false;
    const [o, x, y] = [arrayOf(out), arrayOf(a), arrayOf(b)];
    if (run.aStep === 1 && run.bStep === 1) both(o, run.outAt, x, run.aAt, y, run.bAt, run.count);
    else if (run.aStep === 1 && run.bStep === 0)
      right(o, run.outAt, x, run.aAt, y[run.bAt] as number, run.count);
    else if (run.aStep === 0 && run.bStep === 1)
      left(o, run.outAt, y, run.bAt, x[run.aAt] as number, run.count);
    else return false;
    return true;
  };
  const withNumber = (kernel: typeof right, out: View, x: View, scalar: number): boolean => {
    if (!isPlain(x) || !isSafe(x, out)) return false;
    let done = true;
    eachRun(out, x, undefined, (run) => {
      if (run.outStep === 1 && run.aStep === 1)
        kernel(arrayOf(out), run.outAt, arrayOf(x), run.aAt, scalar, run.count);
      else done = false;
    });
    return done;
  };
  return choosing(({ inputs, outputs }) => {
    const [a, b] = inputs as readonly [View, View];
    const out = outputs[0] as View;
    if (!isPlain(out)) return false;
    if (b.scalar !== undefined) return withNumber(right, out, a, b.scalar);
    if (a.scalar !== undefined) return withNumber(left, out, b, a.scalar);
    if (!isPlain(a) || !isPlain(b) || !isSafe(a, out) || !isSafe(b, out)) return false;
    let done = true;
    eachRun(out, a, b, (run) => {
      if (done) done = visitPair(out, a, b, run);
    });
    return done;
  }, rule);
}

const ruleOf = (name: string): Rule => (derivedRules[name] ?? elementwiseRules[name]) as Rule;
const unaryNames = [
  "neg",
  "abs",
  "sqrt",
  "rsqrt",
  "reciprocal",
  "relu",
  "exp",
  "log",
  "tanh",
  "sigmoid",
] as const;
const binaryNames = ["add", "sub", "mul", "div", "maximum", "minimum"] as const;

const table: Record<string, ElementwiseKernel> = {};
for (const [name, rule] of Object.entries(derivedRules))
  table[name] = elementwiseKernel(rule, bufferIsArray);
for (const name of unaryNames) table[name] = unary(name, ruleOf(name));
for (const name of binaryNames) table[name] = binary(name, ruleOf(name));

export const elementwiseKernels: Partial<Kernels> = table as Partial<Kernels>;
