// Elementwise kernels: SIMD for float32 runs, one by one for a few elements, and the kernel kit's
// loops for the rest.
import {
  type DType,
  isContiguous,
  type Kernel,
  type KernelCall,
  type Kernels,
  numelOf,
  type View,
} from "@tead/tensor";
import {
  bufferIsArray,
  elementwiseKernel,
  elementwiseRules,
  fusedRules,
  type Rule,
} from "@tead/tensor/kernel-kit";
import { type BinaryName, f32Kernels, type ScalarName, type UnaryName } from "../wasm/index.ts";
import { eachRun, isPlain, isSafe, type Run } from "./runs.ts";

type ElementwiseKernel = Kernel<readonly View[], unknown>;
type Binary = Extract<BinaryName, "add" | "sub" | "mul" | "div" | "maximum" | "minimum">;

const f32 = f32Kernels();
const arrayOf = (view: View): Float32Array => view.buffer as Float32Array;
/** Tensors of no more elements than this are computed one by one: staging would cost more. */
const FEW = 16;

/** Whether the view is a few numbers in order, or one that stands for all. */
const isFew = (view: View, dtype: DType, count: number): boolean =>
  view.scalar === undefined
    ? view.dtype === dtype && numelOf(view.shape) === count && isContiguous(view)
    : true;

/** The numbers of a view of a few: at `offset`, and `step` apart. */
const numbersOf = (view: View): ArrayLike<number> =>
  view.scalar === undefined
    ? (view.buffer as Float32Array)
    : [view.dtype === "float32" ? Math.fround(view.scalar) : view.scalar];

/** Computes a few floats in order; false where the operands are others. */
function few({ f }: Rule, { inputs, outputs }: KernelCall<readonly View[], unknown>): boolean {
  const out = outputs[0] as View;
  const { dtype } = out;
  const count = numelOf(out.shape);
  if (count > FEW || (dtype !== "float32" && dtype !== "float64") || !isContiguous(out))
    return false;
  const [x, y] = inputs as readonly [View, View | undefined];
  if (inputs.length > 2 || !isFew(x, dtype, count)) return false;
  if (y !== undefined && !isFew(y, dtype, count)) return false;
  if (!isSafe(x, out) || (y !== undefined && !isSafe(y, out))) return false;
  const to = out.buffer as Float32Array;
  const a = numbersOf(x);
  const stepA = x.scalar === undefined ? 1 : 0;
  if (y === undefined) {
    for (let i = 0; i < count; i++) to[out.offset + i] = f(a[x.offset + i * stepA] as number);
    return true;
  }
  const b = numbersOf(y);
  const stepB = y.scalar === undefined ? 1 : 0;
  for (let i = 0; i < count; i++)
    to[out.offset + i] = f(a[x.offset + i * stepA] as number, b[y.offset + i * stepB] as number);
  return true;
}

/** `fast` where every operand is float32 and may be read while the output is written, else `slow`. */
function choosing(
  fast: (call: KernelCall<readonly View[], unknown>) => boolean,
  rule: Rule,
): ElementwiseKernel {
  const slow = elementwiseKernel(rule, bufferIsArray);
  return (call) => {
    if (!few(rule, call) && !fast(call)) slow(call);
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

const ruleOf = (name: string): Rule => (fusedRules[name] ?? elementwiseRules[name]) as Rule;
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
for (const name of unaryNames) table[name] = unary(name, ruleOf(name));
for (const name of binaryNames) table[name] = binary(name, ruleOf(name));

export const elementwiseKernels: Partial<Kernels> = table as Partial<Kernels>;
