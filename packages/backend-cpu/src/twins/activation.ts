// The definitions of the activations and of their gradients, as functions of one element with the options p, q and r, and
// what runs where WebAssembly SIMD is missing.
import { erfc } from "@tead/tensor/kernel-kit";
import type { ActivationGradName, ActivationName } from "../wasm/exports.ts";
import { mapNames } from "./elementwise.ts";

/** y of x. */
export type Activation = (x: number, p: number, q: number, r: number) => number;
/** g times the derivative at x. */
export type ActivationSlope = (g: number, x: number, p: number, q: number, r: number) => number;

const sigmoid = (x: number): number => {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
};
/** ln(1 + e^x) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
const within = (x: number, lambd: number): boolean => x >= -lambd && x <= lambd;
/** The normal distribution function. */
const phi = (x: number): number => 0.5 * erfc(-x * Math.SQRT1_2);
const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

const root = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;
const geluTanh = (x: number): number => Math.tanh(root * x * (1 + cubic * x * x));

/** PyTorch rounds the slope of hardsigmoid to float32 whatever the dtype. */
const sixth = Math.fround(1 / 6);

export const activations: Readonly<Record<ActivationName, Activation>> = {
  gelu: (x) => x * phi(x),
  geluTanh: (x) => 0.5 * x * (1 + geluTanh(x)),
  silu: (x) => x * sigmoid(x),
  mish: (x) => x * Math.tanh(softplus(x)),
  logsigmoid: (x) => -softplus(-x),
  // p is beta, q the threshold.
  softplus: (x, p, q) => (x * p > q ? x : Math.log1p(Math.exp(x * p)) / p),
  leakyRelu: (x, p) => (x > 0 ? x : x * p),
  // ELU, SELU and CELU: p is the scale, q that of what lies below 0, r the scale of the input.
  elu: (x, p, q, r) => (x <= 0 ? Math.expm1(x * r) * q : x * p),
  clamp,
  hardswish: (x) => (x * clamp(x + 3, 0, 6)) / 6,
  hardsigmoid: (x) => clamp(x + 3, 0, 6) / 6,
  threshold: (x, p, q) => (x <= p ? q : x),
  hardshrink: (x, p) => (within(x, p) ? 0 : x),
  softshrink: (x, p) => (x > p ? x - p : x < -p ? x + p : 0),
};

export const activationSlopes: Readonly<Record<ActivationGradName, ActivationSlope>> = {
  geluGrad: (g, x) => g * (phi(x) + x * density(x)),
  geluTanhGrad: (g, x) => {
    const t = geluTanh(x);
    return g * 0.5 * (1 + t + x * (1 - t * t) * root * (1 + 3 * cubic * x * x));
  },
  siluGrad: (g, x) => {
    const s = sigmoid(x);
    return g * s * (1 + x * (1 - s));
  },
  mishGrad: (g, x) => {
    const t = Math.tanh(softplus(x));
    return g * (t + x * sigmoid(x) * (1 - t * t));
  },
  logsigmoidGrad: (g, x) => g * sigmoid(-x),
  softplusGrad: (g, x, p, q) => (x * p > q ? g : g * sigmoid(x * p)),
  leakyReluGrad: (g, x, p) => (x > 0 ? g : g * p),
  // q is the slope just below 0.
  eluGrad: (g, x, p, q, r) => (x <= 0 ? g * q * Math.exp(x * r) : g * p),
  hardtanhGrad: (g, x, p, q) => (x <= p || x >= q ? 0 : g),
  hardswishGrad: (g, x) => (x < -3 ? 0 : x <= 3 ? g * (x / 3 + 0.5) : g),
  hardsigmoidGrad: (g, x) => (x > -3 && x < 3 ? g * sixth : 0),
  thresholdGrad: (g, x, p) => (x <= p ? 0 : g),
  // That of softshrink too.
  hardshrinkGrad: (g, x, p) => (within(x, p) ? 0 : g),
};

/** out[i] = f(x[i]) for i below `count`. `out` may be the operand, at the same offset. */
export type ActivationF32 = (
  out: Float32Array,
  outOffset: number,
  x: Float32Array,
  xOffset: number,
  count: number,
  p: number,
  q: number,
  r: number,
) => void;

/** out[i] = grad[i] f'(x[i]). */
export type ActivationGradF32 = (
  out: Float32Array,
  outOffset: number,
  grad: Float32Array,
  gradOffset: number,
  x: Float32Array,
  xOffset: number,
  count: number,
  p: number,
  q: number,
  r: number,
) => void;

/** Each activation; its options are rounded to float32 first. */
export const activationF32: Readonly<Record<ActivationName, ActivationF32>> = mapNames(
  activations,
  (_, f): ActivationF32 =>
    (out, outOffset, x, xOffset, count, p, q, r) => {
      const [a, b, c] = [Math.fround(p), Math.fround(q), Math.fround(r)];
      for (let i = 0; i < count; i++) out[outOffset + i] = f(x[xOffset + i] as number, a, b, c);
    },
);

/** Each gradient. */
export const activationGradF32: Readonly<Record<ActivationGradName, ActivationGradF32>> = mapNames(
  activationSlopes,
  (_, f): ActivationGradF32 =>
    (out, outOffset, grad, gradOffset, x, xOffset, count, p, q, r) => {
      const [a, b, c] = [Math.fround(p), Math.fround(q), Math.fround(r)];
      for (let i = 0; i < count; i++)
        out[outOffset + i] = f(grad[gradOffset + i] as number, x[xOffset + i] as number, a, b, c);
    },
);
