// Activations: elementwise ops with their derivatives, right at the kinks where PyTorch's are. Each
// gradient is an op as well, so that a backend may fuse it.
import { dispatch } from "../dispatch.ts";
import {
  defineFusable,
  type Fusable,
  type OperandSpec,
  type TensorSpec,
  throughDecomposition,
} from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { type NoAttrs, requireFloat } from "./rules.ts";

type Forward<N extends string, A> = Fusable<N, readonly ["input"], A>;
type Backward<N extends string, A> = Fusable<`${N}Grad`, readonly ["grad", "input"], A>;
/** An activation and its gradient. */
export interface Activation<N extends string, A> {
  readonly op: Forward<N, A>;
  readonly gradOp: Backward<N, A>;
}

const floatInput = ([input]: readonly [OperandSpec]): [TensorSpec] => {
  requireFloat(input, "Input");
  return [{ shape: input.shape, dtype: input.dtype }];
};

/** `f` is the activation of x; `d` its derivative times g. */
function activation<const N extends string, A = NoAttrs>(
  name: N,
  f: (x: Tensor, attrs: A) => Tensor,
  d: (g: Tensor, x: Tensor, attrs: A) => Tensor,
): Activation<N, A> {
  const gradOp: Backward<N, A> = defineFusable(`${name}Grad`, {
    inputs: ["grad", "input"],
    elementwise: true,
    infer: ([grad]): [TensorSpec] => [{ shape: grad.shape, dtype: grad.dtype }],
    gradient: throughDecomposition,
    decompose: ([g, x], attrs: A) => [d(g, x, attrs)],
  });
  const op: Forward<N, A> = defineFusable(name, {
    inputs: ["input"],
    saves: ["input"],
    elementwise: true,
    infer: floatInput,
    gradient: ({ grads: [g], attrs, input }) => [dispatch(gradOp, [g, input as Tensor], attrs)],
    decompose: ([x], attrs: A) => [f(x, attrs)],
  });
  return { op, gradOp };
}

/** x where it is below 0, else 0: what an exponential may take without overflow. */
const negativePart = (x: Tensor): Tensor => x.clamp(undefined, 0);
/** ln(1 + e^x) without overflow; maximum shares its gradient at 0, so that the slope there is 1 / 2. */
const softplusOf = (x: Tensor): Tensor => x.maximum(0).add(x.abs().neg().exp().log1p());

/** What GELU takes. */
export interface GeluAttrs {
  /** "tanh" for Hendrycks' and Gimpel's approximation, "none" for the exact one. */
  readonly approximate: "none" | "tanh";
}
const root = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;
/** The tanh of the approximation: tanh(sqrt(2 / pi) (x + 0.044715 x^3)). */
const geluTanh = (x: Tensor): Tensor => x.mul(x.mul(x).mul(cubic).add(1)).mul(root).tanh();
const gelu: Activation<"gelu", GeluAttrs> = activation(
  "gelu",
  (x, { approximate }) => {
    const share = approximate === "tanh" ? geluTanh(x) : x.mul(Math.SQRT1_2).erf();
    return x.mul(share.add(1)).mul(0.5);
  },
  (g, x, { approximate }) => {
    if (approximate === "none") {
      const density = x
        .mul(x)
        .mul(-0.5)
        .exp()
        .mul(1 / Math.sqrt(2 * Math.PI));
      const share = x.mul(Math.SQRT1_2).erf().add(1).mul(0.5);
      return g.mul(share.add(x.mul(density)));
    }
    const t = geluTanh(x);
    const inner = x
      .mul(x)
      .mul(3 * cubic)
      .add(1)
      .mul(root);
    const slope = t.mul(t).rsub(1).mul(inner);
    return g.mul(t.add(1).add(x.mul(slope)).mul(0.5));
  },
);
/** y = x Phi(x), Phi the normal distribution; dL/dx = g (Phi(x) + x phi(x)) */
export const geluOp: Activation<"gelu", GeluAttrs>["op"] = gelu.op;
/** The derivative of `geluOp` times `grad`, as an op of its own. */
export const geluGradOp: Activation<"gelu", GeluAttrs>["gradOp"] = gelu.gradOp;

const silu: Activation<"silu", NoAttrs> = activation(
  "silu",
  (x) => x.mul(x.sigmoid()),
  (g, x) => {
    const s = x.sigmoid();
    return g.mul(s).mul(x.mul(s.rsub(1)).add(1));
  },
);
/** y = x s, s = sigmoid(x); dL/dx = g s (1 + x (1 - s)) */
export const siluOp: Activation<"silu", NoAttrs>["op"] = silu.op;
/** The derivative of `siluOp` times `grad`, as an op of its own. */
export const siluGradOp: Activation<"silu", NoAttrs>["gradOp"] = silu.gradOp;

const mish: Activation<"mish", NoAttrs> = activation(
  "mish",
  (x) => x.mul(softplusOf(x).tanh()),
  (g, x) => {
    const t = softplusOf(x).tanh();
    return g.mul(t.add(x.mul(x.sigmoid()).mul(t.mul(t).rsub(1))));
  },
);
/** y = x t, t = tanh(ln(1 + e^x)); dL/dx = g (t + x sigmoid(x) (1 - t^2)) */
export const mishOp: Activation<"mish", NoAttrs>["op"] = mish.op;
/** The derivative of `mishOp` times `grad`, as an op of its own. */
export const mishGradOp: Activation<"mish", NoAttrs>["gradOp"] = mish.gradOp;

const logSigmoid: Activation<"logsigmoid", NoAttrs> = activation(
  "logsigmoid",
  (x) => softplusOf(x.neg()).neg(),
  (g, x) => g.mul(x.neg().sigmoid()),
);
/** y = ln sigmoid(x) = -ln(1 + e^-x); dL/dx = g sigmoid(-x) */
export const logsigmoidOp: Activation<"logsigmoid", NoAttrs>["op"] = logSigmoid.op;
/** The derivative of `logsigmoidOp` times `grad`, as an op of its own. */
export const logsigmoidGradOp: Activation<"logsigmoid", NoAttrs>["gradOp"] = logSigmoid.gradOp;

/** What softplus takes. */
export interface SoftplusAttrs {
  readonly beta: number;
  /** Where beta x is above it, y = x. */
  readonly threshold: number;
}
const softplus: Activation<"softplus", SoftplusAttrs> = activation(
  "softplus",
  (x, { beta, threshold }) => {
    const scaled = x.mul(beta);
    const soft = scaled.clamp(undefined, threshold).exp().log1p().div(beta);
    return scaled.gt(threshold).where(x, soft);
  },
  (g, x, { beta, threshold }) => {
    const scaled = x.mul(beta);
    const e = scaled.clamp(undefined, threshold).exp();
    return scaled.gt(threshold).where(g, g.mul(e).div(e.add(1)));
  },
);
/** y = ln(1 + e^(beta x)) / beta; dL/dx = g e^(beta x) / (1 + e^(beta x)) */
export const softplusOp: Activation<"softplus", SoftplusAttrs>["op"] = softplus.op;
/** The derivative of `softplusOp` times `grad`, as an op of its own. */
export const softplusGradOp: Activation<"softplus", SoftplusAttrs>["gradOp"] = softplus.gradOp;

/** What the leaky ReLU takes. */
export interface LeakyReluAttrs {
  readonly negativeSlope: number;
}
const leaky: Activation<"leakyRelu", LeakyReluAttrs> = activation(
  "leakyRelu",
  (x, { negativeSlope }) => x.gt(0).where(x, x.mul(negativeSlope)),
  (g, x, { negativeSlope }) => x.gt(0).where(g, g.mul(negativeSlope)),
);
/** y = x above 0, else slope x; dL/dx = g above 0, else slope g */
export const leakyReluOp: Activation<"leakyRelu", LeakyReluAttrs>["op"] = leaky.op;
/** The derivative of `leakyReluOp` times `grad`, as an op of its own. */
export const leakyReluGradOp: Activation<"leakyRelu", LeakyReluAttrs>["gradOp"] = leaky.gradOp;

/** What ELU takes. */
export interface EluAttrs {
  readonly alpha: number;
  readonly scale: number;
  readonly inputScale: number;
}
const elu: Activation<"elu", EluAttrs> = activation(
  "elu",
  (x, { alpha, scale, inputScale }) => {
    const below = negativePart(x)
      .mul(inputScale)
      .expm1()
      .mul(alpha * scale);
    return x.le(0).where(below, scale === 1 ? x : x.mul(scale));
  },
  (g, x, { alpha, scale, inputScale }) => {
    const slope = negativePart(x).mul(inputScale).exp();
    const below = g.mul(inputScale * alpha * scale).mul(slope);
    return x.le(0).where(below, scale === 1 ? g : g.mul(scale));
  },
);
/** y = scale x above 0, else scale alpha (e^(i x) - 1): ELU, SELU and CELU */
export const eluOp: Activation<"elu", EluAttrs>["op"] = elu.op;
/** The derivative of `eluOp` times `grad`, as an op of its own. */
export const eluGradOp: Activation<"elu", EluAttrs>["gradOp"] = elu.gradOp;

/** What hardtanh takes. */
export interface HardtanhAttrs {
  readonly min: number;
  readonly max: number;
}
const hardtanh: Activation<"hardtanh", HardtanhAttrs> = activation(
  "hardtanh",
  (x, { min, max }) => x.clamp(min, max),
  (g, x, { min, max }) => x.le(min).logicalOr(x.ge(max)).where(0, g),
);
/** y = x within [min, max]; dL/dx = g strictly between */
export const hardtanhOp: Activation<"hardtanh", HardtanhAttrs>["op"] = hardtanh.op;
/** The derivative of `hardtanhOp` times `grad`, as an op of its own. */
export const hardtanhGradOp: Activation<"hardtanh", HardtanhAttrs>["gradOp"] = hardtanh.gradOp;

const hardswish: Activation<"hardswish", NoAttrs> = activation(
  "hardswish",
  (x) => x.mul(x.add(3).clamp(0, 6)).div(6),
  (g, x) => x.lt(-3).where(0, x.le(3).where(g.mul(x.div(3).add(0.5)), g)),
);
/** y = x min(max(x + 3, 0), 6) / 6; dL/dx = 0 below -3, g (x / 3 + 1 / 2) up to 3, else g */
export const hardswishOp: Activation<"hardswish", NoAttrs>["op"] = hardswish.op;
/** The derivative of `hardswishOp` times `grad`, as an op of its own. */
export const hardswishGradOp: Activation<"hardswish", NoAttrs>["gradOp"] = hardswish.gradOp;

// PyTorch's backward multiplies by a sixth that was rounded to float32, in every dtype.
const sixth = Math.fround(1 / 6);
const hardsigmoid: Activation<"hardsigmoid", NoAttrs> = activation(
  "hardsigmoid",
  (x) => x.add(3).clamp(0, 6).div(6),
  (g, x) => x.gt(-3).logicalAnd(x.lt(3)).where(g.mul(sixth), 0),
);
/** y = min(max(x + 3, 0), 6) / 6; dL/dx = g / 6 strictly between -3 and 3 */
export const hardsigmoidOp: Activation<"hardsigmoid", NoAttrs>["op"] = hardsigmoid.op;
/** The derivative of `hardsigmoidOp` times `grad`, as an op of its own. */
export const hardsigmoidGradOp: Activation<"hardsigmoid", NoAttrs>["gradOp"] = hardsigmoid.gradOp;

/** What the shrinking functions take. */
export interface ShrinkAttrs {
  readonly lambd: number;
}
const within = (x: Tensor, lambd: number): Tensor => x.ge(-lambd).logicalAnd(x.le(lambd));
const hardshrink: Activation<"hardshrink", ShrinkAttrs> = activation(
  "hardshrink",
  (x, { lambd }) => within(x, lambd).where(0, x),
  (g, x, { lambd }) => within(x, lambd).where(0, g),
);
/** y = 0 within [-lambd, lambd], else x */
export const hardshrinkOp: Activation<"hardshrink", ShrinkAttrs>["op"] = hardshrink.op;
/** The derivative of `hardshrinkOp` times `grad`, as an op of its own. */
export const hardshrinkGradOp: Activation<"hardshrink", ShrinkAttrs>["gradOp"] = hardshrink.gradOp;

const softshrink: Activation<"softshrink", ShrinkAttrs> = activation(
  "softshrink",
  (x, { lambd }) => x.gt(lambd).where(x.sub(lambd), x.lt(-lambd).where(x.add(lambd), 0)),
  (g, x, { lambd }) => within(x, lambd).where(0, g),
);
/** y = 0 within [-lambd, lambd], else x moved by lambd toward 0 */
export const softshrinkOp: Activation<"softshrink", ShrinkAttrs>["op"] = softshrink.op;
/** The derivative of `softshrinkOp` times `grad`, as an op of its own. */
export const softshrinkGradOp: Activation<"softshrink", ShrinkAttrs>["gradOp"] = softshrink.gradOp;

/** What threshold takes. */
export interface ThresholdAttrs {
  readonly threshold: number;
  readonly value: number;
}
const threshold: Activation<"threshold", ThresholdAttrs> = activation(
  "threshold",
  (x, attrs) => x.le(attrs.threshold).where(attrs.value, x),
  (g, x, attrs) => x.le(attrs.threshold).where(0, g),
);
/** y = x above the threshold, else the value */
export const thresholdOp: Activation<"threshold", ThresholdAttrs>["op"] = threshold.op;
/** The derivative of `thresholdOp` times `grad`, as an op of its own. */
export const thresholdGradOp: Activation<"threshold", ThresholdAttrs>["gradOp"] = threshold.gradOp;
