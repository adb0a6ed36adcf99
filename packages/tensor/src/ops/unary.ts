// Elementwise ops of one operand. The gradient's formula stands beside each.
import {
  defineFusable,
  definePrimitive,
  type Fusable,
  nonDifferentiable,
  type OperandSpec,
  type Primitive,
  type TensorSpec,
} from "../op.ts";
import type { Tensor } from "../tensor.ts";
import {
  boolSpec,
  floatSpec,
  type NoAttrs,
  refuseBool,
  requireIntegers,
  sameSpec,
} from "./rules.ts";
import { reluGradOp, sigmoidGradOp, tanhGradOp, through } from "./unary-grads.ts";

type Unary<N extends string> = Primitive<N, readonly ["input"], NoAttrs>;
type FusedUnary<N extends string> = Fusable<N, readonly ["input"], NoAttrs>;
type Rule = (inputs: readonly [OperandSpec]) => [TensorSpec];
/** dL/dx from the output gradient and what was saved. */
type Derivative = (g: Tensor, saved: Tensor) => Tensor;

const ofInput = <const N extends string>(name: N, infer: Rule, d: Derivative): Unary<N> =>
  definePrimitive(name, {
    inputs: ["input"],
    saves: ["input"],
    elementwise: true,
    infer,
    gradient: ({ grads: [g], input }) => [d(g, input)],
  });

const ofOutput = <const N extends string>(name: N, infer: Rule, d: Derivative): Unary<N> =>
  definePrimitive(name, {
    inputs: ["input"],
    saves: ["output"],
    elementwise: true,
    infer,
    gradient: ({ grads: [g], output }) => [d(g, output)],
  });

const constant = <const N extends string>(name: N, infer: Rule): Unary<N> =>
  definePrimitive(name, {
    inputs: ["input"],
    elementwise: true,
    infer,
    gradient: ({ grads: [g] }) => [g.zerosLike()],
  });

type Decompose = (x: Tensor) => Tensor;

const fusedOfInput = <const N extends string>(
  name: N,
  infer: Rule,
  decompose: Decompose,
  d: Derivative,
): FusedUnary<N> =>
  defineFusable(name, {
    inputs: ["input"],
    saves: ["input"],
    elementwise: true,
    infer,
    gradient: ({ grads: [g], input }) => [d(g, input)],
    decompose: ([x]) => [decompose(x)],
  });

const fusedOfOutput = <const N extends string>(
  name: N,
  infer: Rule,
  decompose: Decompose,
  d: Derivative,
): FusedUnary<N> =>
  defineFusable(name, {
    inputs: ["input"],
    saves: ["output"],
    elementwise: true,
    infer,
    gradient: ({ grads: [g], output }) => [d(g, output)],
    decompose: ([x]) => [decompose(x)],
  });

const signedSpec: Rule = (inputs) => {
  refuseBool(inputs, "use logicalNot() or to(dtype)");
  return sameSpec(inputs);
};
const bitSpec: Rule = (inputs) => {
  requireIntegers(inputs);
  return sameSpec(inputs);
};

/** y = -x; dL/dx = -g */
export const negOp: Unary<"neg"> = definePrimitive("neg", {
  inputs: ["input"],
  elementwise: true,
  infer: signedSpec,
  gradient: ({ grads: [g] }) => [g.neg()],
});
/** y = |x|; dL/dx = g * sign(x) */
export const absOp: Unary<"abs"> = ofInput("abs", sameSpec, (g, x) => g.mul(x.sign()));
/** y = -1, 0 or 1; no slope */
export const signOp: Unary<"sign"> = constant("sign", sameSpec);
/** y = e^x; dL/dx = g * y */
export const expOp: Unary<"exp"> = ofOutput("exp", floatSpec, (g, y) => g.mul(y));
/** y = e^x - 1; dL/dx = g * (y + 1) */
export const expm1Op: Unary<"expm1"> = ofOutput("expm1", floatSpec, (g, y) => g.mul(y.add(1)));
/** y = ln x; dL/dx = g / x */
export const logOp: Unary<"log"> = ofInput("log", floatSpec, (g, x) => g.div(x));
/** y = ln(1 + x); dL/dx = g / (1 + x) */
export const log1pOp: Unary<"log1p"> = ofInput("log1p", floatSpec, (g, x) => g.div(x.add(1)));
/** y = sqrt(x); dL/dx = g / (2 y) */
export const sqrtOp: Unary<"sqrt"> = ofOutput("sqrt", floatSpec, (g, y) => g.div(y.mul(2)));
/** y = sin x; dL/dx = g * cos x */
export const sinOp: Unary<"sin"> = ofInput("sin", floatSpec, (g, x) => g.mul(x.cos()));
/** y = cos x; dL/dx = -g * sin x */
export const cosOp: Unary<"cos"> = ofInput("cos", floatSpec, (g, x) => g.mul(x.sin()).neg());
/** y = tanh x; dL/dx = g * (1 - y^2) */
export const tanhOp: Unary<"tanh"> = ofOutput("tanh", floatSpec, through(tanhGradOp));
const twoOverSqrtPi = 2 / Math.sqrt(Math.PI);
/** y = erf x; dL/dx = g * 2 / sqrt(pi) * e^(-x^2) */
export const erfOp: Unary<"erf"> = ofInput("erf", floatSpec, (g, x) =>
  g.mul(x.mul(x).neg().exp()).mul(twoOverSqrtPi),
);
/** y = largest integer <= x; no slope */
export const floorOp: Unary<"floor"> = constant("floor", sameSpec);
/** y = smallest integer >= x; no slope */
export const ceilOp: Unary<"ceil"> = constant("ceil", sameSpec);
/** y = nearest integer, halves to even; no slope */
export const roundOp: Unary<"round"> = constant("round", sameSpec);
/** y = x without its fraction; no slope */
export const truncOp: Unary<"trunc"> = constant("trunc", sameSpec);
/** y = x is not a number */
export const isnanOp: Unary<"isnan"> = definePrimitive("isnan", {
  inputs: ["input"],
  elementwise: true,
  infer: boolSpec,
  gradient: nonDifferentiable,
});
/** y = x is 0 */
export const logicalNotOp: Unary<"logicalNot"> = definePrimitive("logicalNot", {
  inputs: ["input"],
  elementwise: true,
  infer: boolSpec,
  gradient: nonDifferentiable,
});
/** y = ~x (not x for bool) */
export const bitwiseNotOp: Unary<"bitwiseNot"> = definePrimitive("bitwiseNot", {
  inputs: ["input"],
  elementwise: true,
  infer: bitSpec,
  gradient: nonDifferentiable,
});

/** y = 1 / x; dL/dx = -g * y^2 */
export const reciprocalOp: FusedUnary<"reciprocal"> = fusedOfOutput(
  "reciprocal",
  floatSpec,
  (x) => x.rdiv(1),
  (g, y) => g.mul(y).mul(y).neg(),
);
/** y = 1 / sqrt(x); dL/dx = -g * y^3 / 2 */
export const rsqrtOp: FusedUnary<"rsqrt"> = fusedOfOutput(
  "rsqrt",
  floatSpec,
  (x) => x.sqrt().rdiv(1),
  (g, y) => g.mul(y.mul(y).mul(y)).mul(-0.5),
);
/** y = x^2; dL/dx = 2 g x */
export const squareOp: FusedUnary<"square"> = fusedOfInput(
  "square",
  // A bool's square counts, as in PyTorch.
  ([{ shape, dtype }]) => [{ shape, dtype: dtype === "bool" ? "int32" : dtype }],
  (x) => x.mul(x),
  (g, x) => g.mul(x).mul(2),
);
/** y = 1 / (1 + e^-x); dL/dx = g * y * (1 - y) */
export const sigmoidOp: FusedUnary<"sigmoid"> = fusedOfOutput(
  "sigmoid",
  floatSpec,
  // For x < 0 as e^x / (1 + e^x), so that neither side overflows.
  (x) => {
    const e = x.abs().neg().exp();
    return x.ge(0).where(1, e).div(e.add(1));
  },
  through(sigmoidGradOp),
);
/** y = max(x, 0), NaN kept; dL/dx = g where y > 0 */
export const reluOp: FusedUnary<"relu"> = fusedOfOutput(
  "relu",
  signedSpec,
  (x) => x.maximum(0),
  through(reluGradOp),
);
/** y = log2 x; dL/dx = g / (x ln 2) */
export const log2Op: FusedUnary<"log2"> = fusedOfInput(
  "log2",
  floatSpec,
  (x) => x.log().div(Math.LN2),
  (g, x) => g.div(x.mul(Math.LN2)),
);
/** y = log10 x; dL/dx = g / (x ln 10) */
export const log10Op: FusedUnary<"log10"> = fusedOfInput(
  "log10",
  floatSpec,
  (x) => x.log().div(Math.LN10),
  (g, x) => g.div(x.mul(Math.LN10)),
);
/** y = 2^x; dL/dx = g * y * ln 2 */
export const exp2Op: FusedUnary<"exp2"> = fusedOfOutput(
  "exp2",
  floatSpec,
  (x) => x.mul(Math.LN2).exp(),
  (g, y) => g.mul(y).mul(Math.LN2),
);
/** y = 1 - erf x, without cancellation for large x in float64 kernels; dL/dx = -g * 2 / sqrt(pi) * e^(-x^2) */
export const erfcOp: FusedUnary<"erfc"> = fusedOfInput(
  "erfc",
  floatSpec,
  (x) => x.erf().rsub(1),
  (g, x) => g.mul(x.mul(x).neg().exp()).mul(-twoOverSqrtPi),
);
/** y = tan x; dL/dx = g * (1 + y^2) */
export const tanOp: FusedUnary<"tan"> = fusedOfOutput(
  "tan",
  floatSpec,
  (x) => x.sin().div(x.cos()),
  (g, y) => g.mul(y.mul(y).add(1)),
);
/** y = asin x; dL/dx = g / sqrt(1 - x^2) */
export const asinOp: FusedUnary<"asin"> = fusedOfInput(
  "asin",
  floatSpec,
  (x) => x.atan2(x.rsub(1).mul(x.add(1)).sqrt()),
  (g, x) => g.mul(x.mul(x).rsub(1).rsqrt()),
);
/** y = acos x; dL/dx = -g / sqrt(1 - x^2) */
export const acosOp: FusedUnary<"acos"> = fusedOfInput(
  "acos",
  floatSpec,
  (x) => x.rsub(1).mul(x.add(1)).sqrt().atan2(x),
  (g, x) => g.mul(x.mul(x).rsub(1).rsqrt()).neg(),
);
/** y = atan x; dL/dx = g / (1 + x^2) */
export const atanOp: FusedUnary<"atan"> = fusedOfInput(
  "atan",
  floatSpec,
  (x) => x.atan2(1),
  (g, x) => g.div(x.mul(x).add(1)),
);
/** y = sinh x = (e^x - e^-x) / 2; dL/dx = g * cosh x */
export const sinhOp: FusedUnary<"sinh"> = fusedOfInput(
  "sinh",
  floatSpec,
  // For |x| < 1 by e^x - 1, which does not cancel; beyond, infinities must not meet in a quotient.
  (x) => {
    const e = x.expm1();
    const near = e.add(e.div(e.add(1)));
    return x.abs().lt(1).where(near, x.exp().sub(x.neg().exp())).div(2);
  },
  (g, x) => g.mul(x.cosh()),
);
/** y = cosh x = (e^x + e^-x) / 2; dL/dx = g * sinh x */
export const coshOp: FusedUnary<"cosh"> = fusedOfInput(
  "cosh",
  floatSpec,
  (x) => x.exp().add(x.neg().exp()).div(2),
  (g, x) => g.mul(x.sinh()),
);

/** Whether the element is infinite, of either sign. */
export const isinfOp: FusedUnary<"isinf"> = defineFusable("isinf", {
  inputs: ["input"],
  elementwise: true,
  infer: boolSpec,
  gradient: nonDifferentiable,
  decompose: ([x]) => [x.abs().eq(Number.POSITIVE_INFINITY)],
});
/** Whether the element is neither NaN nor infinite. */
export const isfiniteOp: FusedUnary<"isfinite"> = defineFusable("isfinite", {
  inputs: ["input"],
  elementwise: true,
  infer: boolSpec,
  gradient: nonDifferentiable,
  decompose: ([x]) => [x.abs().lt(Number.POSITIVE_INFINITY)],
});
