// Elementwise kernels: SIMD for float32 runs, one by one for a few elements, and the kernel kit's
// loops for the rest.
import {
  isContiguous,
  type Kernel,
  type KernelCall,
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type View,
} from "@tead/tensor";
import {
  around,
  bufferIsArray,
  elementwiseKernel,
  elementwiseRules,
  fusedRules,
  type Rule,
} from "@tead/tensor/kernel-kit";
import { wasmAvailable, wasmEngine } from "../wasm/engine.ts";
import {
  type BinaryName,
  type CompareName,
  f32Kernels,
  type ScalarName,
  type UnaryName,
} from "../wasm/index.ts";
import { mapViews } from "./chunks.ts";
import { few, isOne, type Loop, loops } from "./few.ts";
import { throughSingle } from "./half.ts";
import { integers } from "./integer.ts";
import { logic, negation, property } from "./logic.ts";
import { isPlain, isSafe } from "./runs.ts";

const ruleOf = (name: string): Rule => (fusedRules[name] ?? elementwiseRules[name]) as Rule;
type ElementwiseKernel = Kernel<readonly View[], unknown>;
type Binary = Extract<BinaryName, "add" | "sub" | "mul" | "div" | "maximum" | "minimum">;

const f32 = f32Kernels();
const arrayOf = (view: View): Float32Array => view.buffer as Float32Array;
/** `fast` where every operand is float32 and may be read while the output is written, else `slow`. */
function choosing(
  fast: (call: KernelCall<readonly View[], unknown>) => boolean,
  rule: Rule,
  loop?: Loop,
): ElementwiseKernel {
  const slow = elementwiseKernel(rule, bufferIsArray);
  const kernel: ElementwiseKernel = (call) => {
    if (!few(rule, loop, call) && !fast(call) && !throughSingle(kernel, call)) slow(call);
  };
  return kernel;
}

function unary(name: UnaryName, rule: Rule): ElementwiseKernel {
  const dense = f32.unaryF32[name];
  return choosing((call) => {
    const { inputs, outputs } = call;
    const [x, out] = [inputs[0] as View, outputs[0] as View];
    if (!isPlain(x) || !isPlain(out))
      return (name === "neg" || name === "abs") && integers(name, call);
    if (isContiguous(x) && isContiguous(out) && isSafe(x, out)) {
      dense(arrayOf(out), out.offset, arrayOf(x), x.offset, numelOf(out.shape));
      return true;
    }
    if (!wasmAvailable()) return false;
    const kernel = wasmEngine().kernels[name];
    return mapViews((to, a, _b, _c, n) => kernel(to, a, n), [x], out);
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

/** The one number that a view stands for, if it does. */
function numberOf(view: View): number | undefined {
  if (view.scalar !== undefined) return view.scalar;
  return isOne(view) ? arrayOf(view)[view.offset] : undefined;
}

function binary(name: Binary, rule: Rule): ElementwiseKernel {
  const both = f32.binaryF32[name];
  const right = f32.scalarF32[withScalarRight[name]];
  const left = f32.scalarF32[withScalarLeft[name]];
  const withNumber = (kernel: typeof right, out: View, x: View, scalar: number): boolean => {
    if (!isPlain(x) || !isContiguous(x) || !isContiguous(out) || !isSafe(x, out)) return false;
    kernel(arrayOf(out), out.offset, arrayOf(x), x.offset, scalar, numelOf(out.shape));
    return true;
  };
  return choosing(
    (call) => {
      const { inputs, outputs } = call;
      const [a, b] = inputs as readonly [View, View];
      const out = outputs[0] as View;
      if (name !== "div" && integers(name, call)) return true;
      const plain = (view: View): boolean => view.dtype === "float32";
      if (!isPlain(out) || !plain(a) || !plain(b)) return false;
      const count = numelOf(out.shape);
      if (count === 0) return true;
      const dense = isContiguous(a) && isContiguous(b) && isContiguous(out);
      if (dense && isPlain(a) && isPlain(b) && isSafe(a, out) && isSafe(b, out)) {
        both(arrayOf(out), out.offset, arrayOf(a), a.offset, arrayOf(b), b.offset, count);
        return true;
      }
      const [x, y] = [numberOf(a), numberOf(b)];
      if (y !== undefined && withNumber(right, out, a, y)) return true;
      if (x !== undefined && withNumber(left, out, b, x)) return true;
      if (!wasmAvailable()) return false;
      const kernel = wasmEngine().kernels[name];
      return mapViews((to, p, q, _, n) => kernel(to, p, q, n), inputs, out);
    },
    rule,
    loops[name],
  );
}

/** Ops of two floats that take longer than reading them. */
function pair(name: (typeof pairNames)[number], rule: Rule): ElementwiseKernel {
  return choosing((call) => {
    const { inputs, outputs } = call;
    const out = outputs[0] as View;
    if ((name === "remainder" || name === "floorDivide") && integers(name, call)) return true;
    if (!isPlain(out) || inputs.some((view) => view.dtype !== "float32")) return false;
    if (!wasmAvailable()) return false;
    const kernel = wasmEngine().kernels[name];
    return mapViews((to, a, b, _, n) => kernel(to, a, b, n), inputs, out);
  }, rule);
}

function compare(name: CompareName, rule: Rule): ElementwiseKernel {
  return choosing((call) => {
    const { inputs, outputs } = call;
    if (integers(name, call)) return true;
    if (!wasmAvailable() || inputs.some((view) => view.dtype !== "float32")) return false;
    const kernel = wasmEngine().kernels[name];
    return mapViews((to, p, q, _, n) => kernel(to, p, q, n), inputs, outputs[0] as View);
  }, rule);
}

/** NaN is what differs from itself. */
const isnan: ElementwiseKernel = choosing(({ inputs, outputs }) => {
  if (!wasmAvailable() || inputs[0]?.dtype !== "float32") return false;
  const { ne } = wasmEngine().kernels;
  return mapViews((to, a, _b, _c, n) => ne(to, a, a, n), inputs, outputs[0] as View);
}, elementwiseRules.isnan as Rule);

const where: ElementwiseKernel = choosing(({ inputs, outputs }) => {
  const out = outputs[0] as View;
  const [condition, a, b] = inputs as readonly [View, View, View];
  const fits = condition.scalar === undefined && condition.dtype === "bool";
  if (!fits || !isPlain(out) || a.dtype !== "float32" || b.dtype !== "float32") return false;
  if (!wasmAvailable()) return false;
  const kernel = wasmEngine().kernels.where;
  return mapViews((to, c, x, y, n) => kernel(to, c, x, y, n), inputs, out);
}, elementwiseRules.where as Rule);

/** x times the scale or 0, by bools. */
const maskedScale: KernelOf<typeof ops.maskedScaleOp> = (call) => {
  const out = call.outputs[0] as View;
  const { scale } = call.attrs;
  if (isPlain(out) && wasmAvailable()) {
    const kernel = wasmEngine().kernels.maskedScale;
    if (mapViews((to, m, x, _, n) => kernel(to, m, x, n, scale), call.inputs, out)) return;
  }
  const rule: Rule = { f: (mask = 0, x = 0) => x * (mask * scale) };
  elementwiseKernel(rule, bufferIsArray)(call);
};

/** The one dim along which a view that repeats elsewhere runs in order, -1 where there is none. */
function channelDim({ scalar, shape, strides }: View): number {
  if (scalar !== undefined) return -1;
  const dim = strides.findIndex((stride, d) => stride !== 0 && shape[d] !== 1);
  const others = strides.every((stride, d) => d === dim || stride === 0 || shape[d] === 1);
  return others && strides[dim] === 1 ? dim : -1;
}

/** Fewer elements than this of one channel are not worth a call. */
const LONG = 16;

/** a + b c where a and c have a number for each channel of b: batch norm by statistics that are given. */
function shiftChannels([a, b, c]: readonly [View, View, View], out: View): boolean {
  const dim = channelDim(a);
  if (dim < 0 || channelDim(c) !== dim || !isPlain(b)) return false;
  if (!isContiguous(b) || !isContiguous(out) || !isSafe(b, out)) return false;
  if (a.buffer === out.buffer || c.buffer === out.buffer) return false;
  const { outer: batch, size: channels, inner: size } = around(out.shape, dim);
  if (size < LONG) return false;
  const [shift, scale] = [a, c].map((x) => arrayOf(x).subarray(x.offset, x.offset + channels));
  f32.scaleShiftF32(
    ...([arrayOf(out), out.offset, arrayOf(b), b.offset] as const),
    ...([scale as Float32Array, shift as Float32Array, { batch, channels, size }] as const),
  );
  return true;
}

/** a + b c: the product in its chunk of scratch memory, then the sum. */
const addcmul: ElementwiseKernel = choosing(({ inputs, outputs }) => {
  const out = outputs[0] as View;
  if (!isPlain(out) || inputs.some((x) => x.dtype !== "float32") || !wasmAvailable()) return false;
  const { add, mul } = wasmEngine().kernels;
  const [a, b, c] = inputs as readonly [View, View, View];
  if (shiftChannels([a, b, c], out)) return true;
  // The result may take the place of the first operand, so that has to be a factor.
  const both = (to: number, x: number, y: number, z: number, n: number): void => {
    mul(to, x, y, n);
    add(to, to, z, n);
  };
  return mapViews(both, [b, c, a], out);
}, ruleOf("addcmul"));

/** x^2, x^3, 1 / x and the root without the general power. */
const power: ElementwiseKernel = choosing(({ inputs, outputs }) => {
  const [x, exponent] = inputs as readonly [View, View];
  const out = outputs[0] as View;
  const times = exponent.scalar;
  if (!isPlain(out) || inputs.some((view) => view.dtype !== "float32")) return false;
  if (!wasmAvailable()) return false;
  const { square, mul, reciprocal, halfPower, pow } = wasmEngine().kernels;
  if (times === 0.5) return mapViews((to, a, _b, _c, n) => halfPower(to, a, n), [x], out);
  if (times === 2) return mapViews((to, a, _b, _c, n) => square(to, a, n), [x], out);
  if (times === -1) return mapViews((to, a, _b, _c, n) => reciprocal(to, a, n), [x], out);
  if (times !== 3) return mapViews((to, a, b, _, n) => pow(to, a, b, n), inputs, out);
  const cube = (to: number, a: number, b: number, _: number, n: number): void => {
    mul(to, b, a, n);
    mul(to, to, b, n);
  };
  return mapViews(cube, [x, x], out);
}, elementwiseRules.pow as Rule);

/** x within two limits, of which one may be missing; NaN stays. */
const clamp: ElementwiseKernel = (() => {
  const { maximum, minimum } = elementwiseRules as Record<string, Rule>;
  const [raise, lower] = [binary("maximum", maximum as Rule), binary("minimum", minimum as Rule)];
  const within = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
  const both = choosing(
    ({ inputs, outputs }) => {
      const out = outputs[0] as View;
      const [x, low, high] = inputs as readonly [View, View, View];
      if (!isPlain(out) || inputs.some((view) => view.dtype !== "float32")) return false;
      if (!wasmAvailable()) return false;
      const { kernels } = wasmEngine();
      const [p, q] = [low.scalar, high.scalar];
      if (p !== undefined && q !== undefined && !Number.isNaN(p + q))
        return mapViews((to, a, _b, _c, n) => kernels.clamp(to, a, n, p, q, 0), [x], out);
      const chained = (to: number, a: number, b: number, c: number, n: number): void => {
        kernels.maximum(to, a, b, n);
        kernels.minimum(to, to, c, n);
      };
      return mapViews(chained, inputs, out);
    },
    {
      f: (x = 0, low = 0, high = 0) => within(x, low, high),
      big: (x = 0n, low = 0n, high = 0n) => {
        const raised = x > low ? x : low;
        return raised < high ? raised : high;
      },
    },
  );
  return (call) => {
    const [x, low, high] = call.inputs as readonly [View, View | undefined, View | undefined];
    const fail: typeof call.fail = (code, position) => call.fail(code, position);
    const rest = { outputs: call.outputs, attrs: call.attrs, fail };
    if (low === undefined) lower({ ...rest, inputs: [x, high as View] });
    else if (high === undefined) raise({ ...rest, inputs: [x, low] });
    else both(call);
  };
})();

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
  "square",
  "floor",
  "ceil",
  "round",
  "trunc",
  "sign",
  "erf",
  "expm1",
  "log1p",
  "log2",
  "log10",
  "exp2",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "asinh",
  "acosh",
  "atanh",
  "erfc",
] as const;
const binaryNames = ["add", "sub", "mul", "div", "maximum", "minimum"] as const;
const pairNames = [
  ...(["atan2", "fmod", "hypot", "copysign", "logaddexp"] as const),
  ...(["remainder", "floorDivide"] as const),
] as const;
const compareNames = ["eq", "ne", "lt", "le", "gt", "ge"] as const;

const table: Record<string, ElementwiseKernel> = { addcmul, clamp, isnan, where, pow: power };
for (const name of unaryNames) table[name] = unary(name, ruleOf(name));
for (const name of binaryNames) table[name] = binary(name, ruleOf(name));
for (const name of pairNames) table[name] = pair(name, ruleOf(name));
for (const name of compareNames) table[name] = compare(name, ruleOf(name));
for (const name of ["isfinite", "isinf", "signbit"] as const)
  table[name] = property(name, ruleOf(name));
for (const [name, bits] of [
  ["And", "bitsAnd"],
  ["Or", "bitsOr"],
  ["Xor", "bitsXor"],
] as const) {
  const [truth, integer] = [`logical${name}`, `bitwise${name}`] as const;
  table[truth] = logic(bits, ruleOf(truth), { truth });
  table[integer] = logic(bits, ruleOf(integer), { integer });
}
table.logicalNot = negation(ruleOf("logicalNot"), false);
table.bitwiseNot = negation(ruleOf("bitwiseNot"), true);

export const elementwiseKernels: Partial<Kernels> = { ...(table as Partial<Kernels>), maskedScale };
