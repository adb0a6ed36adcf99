// Fused elementwise ops: activations with their gradients, and functions of one or two operands that
// are several primitives otherwise. a and b are the operands, p has the attributes.
import type { Kernel, KernelCall, Kernels, View } from "@tead/tensor";
import type { Gpu } from "../gpu/gpu.ts";
import { elementwiseKernel, elementwiseKernels } from "./elementwise.ts";
import type { Rule } from "./rules.ts";

const ofFloats = (f32: string, attrs: readonly string[] = []): Rule => ({ f32, attrs });
const eluAttrs = ["alpha", "scale", "inputScale"];
const plusAttrs = ["beta", "threshold"];

/** Activations, and their gradients by the input: a is the output's gradient there. */
const activationRules = {
  silu: ofFloats("a * sigmoid(a)"),
  siluGrad: ofFloats("a * siluSlope(b)"),
  mish: ofFloats("a * hyperbolicTangent(softplus(a))"),
  mishGrad: ofFloats("a * mishSlope(b)"),
  logsigmoid: ofFloats("-softplus(-a)"),
  logsigmoidGrad: ofFloats("a * sigmoid(-b)"),
  softplus: ofFloats(
    "select(logarithmOnePlus(exponential(min(a * p.beta, p.threshold))) / p.beta, a, " +
      "isNan(a) || a * p.beta > p.threshold)",
    plusAttrs,
  ),
  softplusGrad: ofFloats(
    "select(a * sigmoid(b * p.beta), a, isAbove(b * p.beta, p.threshold))",
    plusAttrs,
  ),
  leakyRelu: ofFloats("select(a * p.negativeSlope, a, isAbove(a, 0.0))", ["negativeSlope"]),
  leakyReluGrad: ofFloats("select(a * p.negativeSlope, a, isAbove(b, 0.0))", ["negativeSlope"]),
  elu: ofFloats(
    "select(a * p.scale, exponentialMinusOne(min(a, 0.0) * p.inputScale) * (p.alpha * p.scale), " +
      "isAtMost(a, 0.0))",
    eluAttrs,
  ),
  eluGrad: ofFloats(
    "select(a * p.scale, a * (p.inputScale * p.alpha * p.scale) * " +
      "exponential(min(b, 0.0) * p.inputScale), isAtMost(b, 0.0))",
    eluAttrs,
  ),
  hardtanh: ofFloats("limitedTo(a, p.min, p.max)", ["min", "max"]),
  hardtanhGrad: ofFloats("select(a, 0.0, isAtMost(b, p.min) || isAtMost(-b, -p.max))", [
    "min",
    "max",
  ]),
  hardswish: ofFloats("a * limitedTo(a + 3.0, 0.0, 6.0) / 6.0"),
  hardswishGrad: ofFloats(
    "select(select(a, a * (b / 3.0 + 0.5), isAtMost(b, 3.0)), 0.0, isBelow(b, -3.0))",
  ),
  hardsigmoid: ofFloats("limitedTo(a + 3.0, 0.0, 6.0) / 6.0"),
  hardsigmoidGrad: ofFloats("select(0.0, a * 0.16666667, isAbove(b, -3.0) && isBelow(b, 3.0))"),
  hardshrink: ofFloats("select(a, 0.0, isAtMost(abs(a), p.lambd))", ["lambd"]),
  hardshrinkGrad: ofFloats("select(a, 0.0, isAtMost(abs(b), p.lambd))", ["lambd"]),
  softshrink: ofFloats(
    "select(select(0.0, a + p.lambd, isBelow(a, -p.lambd)), a - p.lambd, isAbove(a, p.lambd))",
    ["lambd"],
  ),
  softshrinkGrad: ofFloats("select(a, 0.0, isAtMost(abs(b), p.lambd))", ["lambd"]),
  threshold: ofFloats("select(a, p.value, isAtMost(a, p.threshold))", ["threshold", "value"]),
  thresholdGrad: ofFloats("select(a, 0.0, isAtMost(b, p.threshold))", ["threshold"]),
  reluGrad: ofFloats("select(a, 0.0, isAtMost(b, 0.0))"),
  sigmoidGrad: ofFloats("a * (1.0 - b) * b"),
  tanhGrad: ofFloats("a * (1.0 - b * b)"),
  maskedScale: ofFloats("b * select(0.0, p.scale, a != 0)", ["scale"]),
  binaryCrossEntropy: ofFloats("(b - 1.0) * boundedLogOfRest(a) - b * boundedLog(a)"),
} satisfies Record<string, Rule>;

const isTrue = (name: string): string => `select(true, false, ${name} == 0.0)`;
const logical = (operator: string): Rule => ({
  f32: `${isTrue("a")} ${operator} ${isTrue("b")}`,
  i32: `(a != 0) ${operator} (b != 0)`,
  result: "bool",
});

/** Functions and comparisons. */
const functionRules = {
  relu: { f32: "select(max(a, 0.0), a, isNan(a))", i32: "max(a, 0)" },
  sigmoid: ofFloats("sigmoid(a)"),
  reciprocal: ofFloats("1.0 / a"),
  rsqrt: ofFloats("1.0 / sqrt(a)"),
  square: { f32: "a * a", i32: "a * a", int32: "checkedProduct(a, a, i)" },
  log2: ofFloats("logarithm(a) / 0.69314718"),
  log10: ofFloats("logarithm(a) / 2.30258509"),
  exp2: ofFloats("exponential(a * 0.69314718)"),
  erfc: ofFloats("1.0 - errorFunction(a)"),
  tan: ofFloats("sine(a) / cosine(a)"),
  asin: ofFloats("angleOf(a, sqrt((1.0 - a) * (1.0 + a)))"),
  acos: ofFloats("angleOf(sqrt((1.0 - a) * (1.0 + a)), a)"),
  atan: ofFloats("angleOf(a, 1.0)"),
  sinh: ofFloats("hyperbolicSine(a)"),
  cosh: ofFloats("(exponential(a) + exponential(-a)) / 2.0"),
  isinf: { f32: "isInf(a)", i32: "false", result: "bool" },
  isfinite: { f32: "!isInf(a) && !isNan(a)", i32: "true", result: "bool" },
  signbit: { f32: "isNegative(a) && !isNan(a)", i32: "a < 0", result: "bool" },
  ne: { f32: "!(a == b) || isNan(a) || isNan(b)", i32: "a != b", result: "bool" },
  logicalAnd: logical("&&"),
  logicalOr: logical("||"),
  logicalXor: logical("!="),
} satisfies Record<string, Rule>;

interface Gelu {
  readonly approximate: "none" | "tanh";
}

/** GELU is one of two functions, by its attribute. */
function geluKernel<I extends readonly View[]>(
  gpu: Gpu,
  op: "gelu" | "geluGrad",
  exact: string,
  approximate: string,
): Kernel<I, Gelu> {
  const kernels = {
    none: elementwiseKernel(gpu, op, ofFloats(exact), "exact"),
    tanh: elementwiseKernel(gpu, op, ofFloats(approximate), "approximate"),
  };
  return (call: KernelCall<I, Gelu>) => kernels[call.attrs.approximate](call);
}

export const activationKernels = (gpu: Gpu): Partial<Kernels> => ({
  ...elementwiseKernels(gpu, { ...activationRules, ...functionRules }),
  gelu: geluKernel(gpu, "gelu", "a * normalShare(a)", "0.5 * a * (1.0 + geluCurve(a))"),
  geluGrad: geluKernel(
    gpu,
    "geluGrad",
    "a * (normalShare(b) + b * normalDensity(b))",
    "a * geluSlope(b)",
  ),
});
