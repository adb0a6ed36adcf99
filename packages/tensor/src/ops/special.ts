// Elementwise functions beyond the everyday ones. Each has its own gradient, so that it stays
// finite wherever the slope is.
import {
  defineFusable,
  type Fusable,
  nonDifferentiable,
  type Operand,
  type OperandSpec,
  type TensorSpec,
} from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { boolSpec, broadcastSpec, floatBroadcastSpec, floatSpec, type NoAttrs } from "./rules.ts";

type FusedUnary<N extends string> = Fusable<N, readonly ["input"], NoAttrs>;
type FusedBinary<N extends string> = Fusable<N, readonly ["input", "other"], NoAttrs>;
const two = ["input", "other"] as const;

const unary = <const N extends string>(
  name: N,
  decompose: (x: Tensor) => Tensor,
  derivative: (g: Tensor, x: Tensor) => Tensor,
): FusedUnary<N> =>
  defineFusable(name, {
    inputs: ["input"],
    saves: ["input"],
    elementwise: true,
    infer: floatSpec,
    gradient: ({ grads: [g], input }) => [derivative(g, input)],
    decompose: ([x]) => [decompose(x)],
  });

/** y = asinh x = ln(x + sqrt(x^2 + 1)); dL/dx = g / sqrt(x^2 + 1) */
export const asinhOp: FusedUnary<"asinh"> = unary(
  "asinh",
  (x) => {
    const size = x.abs();
    // ln(1 + |x| + x^2 / (1 + sqrt(x^2 + 1))), exact near 0; ln 2|x| where x^2 could overflow.
    const square = size.mul(size);
    const near = size.add(square.div(square.add(1).sqrt().add(1))).log1p();
    const y = size.gt(1e9).where(size.log().add(Math.LN2), near);
    return x.lt(0).where(y.neg(), size.eq(0).where(x, y));
  },
  (g, x) => g.mul(x.mul(x).add(1).rsqrt()),
);
/** y = acosh x = ln(x + sqrt(x^2 - 1)); dL/dx = g / sqrt(x^2 - 1) */
export const acoshOp: FusedUnary<"acosh"> = unary(
  "acosh",
  (x) => {
    const t = x.sub(1);
    const near = t.add(t.mul(t.add(2)).sqrt()).log1p();
    return x.gt(1e9).where(x.log().add(Math.LN2), near);
  },
  (g, x) => g.mul(x.mul(x).sub(1).rsqrt()),
);
/** y = atanh x = ln((1 + x) / (1 - x)) / 2; dL/dx = g / (1 - x^2) */
export const atanhOp: FusedUnary<"atanh"> = unary(
  "atanh",
  (x) => {
    const size = x.abs();
    const y = size.mul(2).div(size.rsub(1)).log1p().div(2);
    return x.lt(0).where(y.neg(), size.eq(0).where(x, y));
  },
  (g, x) => g.div(x.mul(x).rsub(1)),
);
/** y = sin(pi x) / (pi x), 1 at 0; dL/dx = g * (cos(pi x) - y) / x, 0 at 0 */
export const sincOp: FusedUnary<"sinc"> = unary(
  "sinc",
  (x) => {
    const t = x.mul(Math.PI);
    return x.eq(0).where(1, t.sin().div(t));
  },
  (g, x) => {
    const t = x.mul(Math.PI);
    const slope = t.cos().sub(t.sin().div(t)).div(x);
    return x.eq(0).where(0, g.mul(slope));
  },
);

/** Whether the sign is minus, that of -0 included. */
export const signbitOp: FusedUnary<"signbit"> = defineFusable("signbit", {
  inputs: ["input"],
  elementwise: true,
  infer: boolSpec,
  gradient: nonDifferentiable,
  decompose: ([x]) => [x.lt(0).logicalOr(x.eq(0).logicalAnd(x.reciprocal().lt(0)))],
});

type Slopes = (a: Tensor, b: Tensor, y: Tensor) => readonly [() => Tensor, () => Tensor];

const binary = <const N extends string>(
  name: N,
  infer: (inputs: readonly OperandSpec[]) => [TensorSpec],
  decompose: (a: Tensor, b: Tensor) => Tensor,
  slopes: Slopes,
): FusedBinary<N> =>
  defineFusable(name, {
    inputs: two,
    saves: ["input", "other", "output"],
    elementwise: true,
    infer,
    gradient: ({ grads: [g], needs, input, other, output }) => {
      const tensorOf = (x: Operand): Tensor =>
        typeof x === "object" ? x : g.newFull([], Number(x));
      const [a, b] = slopes(tensorOf(input), tensorOf(other), output);
      return [needs[0] ? g.mul(a()) : undefined, needs[1] ? g.mul(b()) : undefined];
    },
    decompose: ([a, b]) => [decompose(a, b)],
  });

/** y = sqrt(a^2 + b^2) without overflow; dL/da = g * a / y */
export const hypotOp: FusedBinary<"hypot"> = binary(
  "hypot",
  floatBroadcastSpec,
  (a, b) => {
    const [sizeA, sizeB] = [a.abs(), b.abs()];
    const large = sizeA.maximum(sizeB);
    const ratio = sizeA.minimum(sizeB).div(large);
    const y = large.mul(ratio.mul(ratio).add(1).sqrt());
    // An infinite side wins, even over NaN.
    const infinite = sizeA.isinf().logicalOr(sizeB.isinf());
    return infinite.where(Number.POSITIVE_INFINITY, large.eq(0).where(large, y));
  },
  (a, b, y) => [() => a.div(y), () => b.div(y)],
);
/** y = ln(e^a + e^b) without overflow; dL/da = g / (1 + e^(b - a)) */
export const logaddexpOp: FusedBinary<"logaddexp"> = binary(
  "logaddexp",
  floatBroadcastSpec,
  (a, b) => {
    const large = a.maximum(b);
    const y = large.add(a.sub(b).abs().neg().exp().log1p());
    return large.isinf().logicalAnd(a.eq(b)).where(large, y);
  },
  (a, b) => [() => b.sub(a).exp().add(1).reciprocal(), () => a.sub(b).exp().add(1).reciprocal()],
);
/** y = log2(2^a + 2^b) without overflow; dL/da = g / (1 + 2^(b - a)) */
export const logaddexp2Op: FusedBinary<"logaddexp2"> = binary(
  "logaddexp2",
  floatBroadcastSpec,
  (a, b) => {
    const large = a.maximum(b);
    const y = large.add(a.sub(b).abs().neg().exp2().log1p().div(Math.LN2));
    return large.isinf().logicalAnd(a.eq(b)).where(large, y);
  },
  (a, b) => [() => b.sub(a).exp2().add(1).reciprocal(), () => a.sub(b).exp2().add(1).reciprocal()],
);
/** y = a ln b, 0 where a is 0; dL/da = g ln b, dL/db = g a / b */
export const xlogyOp: FusedBinary<"xlogy"> = binary(
  "xlogy",
  floatBroadcastSpec,
  (a, b) => a.eq(0).logicalAnd(b.isnan().logicalNot()).where(0, a.mul(b.log())),
  (a, b) => [() => a.eq(0).logicalAnd(b.le(0)).where(0, b.log()), () => a.div(b)],
);
/** y = a ln(1 + b), 0 where a is 0; dL/da = g ln(1 + b), dL/db = g a / (1 + b) */
export const xlog1pyOp: FusedBinary<"xlog1py"> = binary(
  "xlog1py",
  floatBroadcastSpec,
  (a, b) => a.eq(0).logicalAnd(b.isnan().logicalNot()).where(0, a.mul(b.log1p())),
  (a, b) => [() => a.eq(0).logicalAnd(b.le(-1)).where(0, b.log1p()), () => a.div(b.add(1))],
);
/** y = |a| with the sign of b; dL/da = g * y / a, 0 where a is 0 */
export const copysignOp: FusedBinary<"copysign"> = binary(
  "copysign",
  floatBroadcastSpec,
  (a, b) => b.signbit().where(a.abs().neg(), a.abs()),
  (a, b, y) => [() => y.eq(0).where(0, y.div(a)), () => b.zerosLike()],
);
/** y = the larger one; a number wins over NaN; all of g goes to a where both are equal */
export const fmaxOp: FusedBinary<"fmax"> = binary(
  "fmax",
  broadcastSpec,
  (a, b) => a.ge(b).logicalOr(b.isnan()).where(a, b),
  (a, b, y) => {
    const first = a.ge(b).logicalOr(b.isnan());
    return [() => first.to(y.dtype), () => first.logicalNot().to(y.dtype)];
  },
);
/** y = the smaller one; a number wins over NaN; all of g goes to a where both are equal */
export const fminOp: FusedBinary<"fmin"> = binary(
  "fmin",
  broadcastSpec,
  (a, b) => a.le(b).logicalOr(b.isnan()).where(a, b),
  (a, b, y) => {
    const first = a.le(b).logicalOr(b.isnan());
    return [() => first.to(y.dtype), () => first.logicalNot().to(y.dtype)];
  },
);

/** y = 0 where a < 0, b where a is 0, 1 where a > 0 */
export const heavisideOp: FusedBinary<"heaviside"> = defineFusable("heaviside", {
  inputs: two,
  elementwise: true,
  infer: broadcastSpec,
  gradient: nonDifferentiable,
  decompose: ([a, b]) => [a.eq(0).where(b, a.gt(0))],
});
