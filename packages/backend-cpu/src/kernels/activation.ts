// Activations and their gradients in one pass each: the formulas of the ops table, as functions of
// one element. The gradients of relu, sigmoid and tanh are SIMD for float32.
import {
  isContiguous,
  type Kernel,
  type Kernels,
  numelOf,
  type ops,
  type View,
} from "@tead/tensor";
import { erfc } from "@tead/tensor/kernel-kit";
import { f32Kernels } from "../wasm/index.ts";
import { areSingle, type Floats, read, write } from "./floats.ts";

type Of<A> = (x: number, attrs: A) => number;
type SlopeOf<A> = (g: number, x: number, attrs: A) => number;

function forward<A>(f: Of<A>): Kernel<readonly [View], A> {
  return ({ inputs, outputs, attrs }) => {
    const x = read(inputs[0]);
    write(outputs[0] as View, inputs, (y) => {
      for (let i = 0; i < y.length; i++) y[i] = f(x[i] as number, attrs);
    });
  };
}

function backward<A>(d: SlopeOf<A>): Kernel<readonly [View, View], A> {
  return ({ inputs, outputs, attrs }) => {
    const [g, x] = [read(inputs[0]), read(inputs[1])];
    // A number is read again and again.
    const [stepG, stepX] = [Number(!isNumber(inputs[0])), Number(!isNumber(inputs[1]))];
    write(outputs[0] as View, inputs, (dx) => {
      for (let i = 0; i < dx.length; i++)
        dx[i] = d(g[i * stepG] as number, x[i * stepX] as number, attrs);
    });
  };
}

const isNumber = ({ scalar }: View): boolean => scalar !== undefined;

const sigmoid = (x: number): number => {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
};
/** ln(1 + e^x) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
/** The normal distribution function. */
const phi = (x: number): number => 0.5 * erfc(-x * Math.SQRT1_2);
const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

const root = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;
const geluTanh = (x: number): number => Math.tanh(root * x * (1 + cubic * x * x));

const geluKernel: Of<ops.GeluAttrs> = (x, { approximate }) =>
  approximate === "tanh" ? 0.5 * x * (1 + geluTanh(x)) : x * phi(x);
const geluGrad: SlopeOf<ops.GeluAttrs> = (g, x, { approximate }) => {
  if (approximate === "none") return g * (phi(x) + x * density(x));
  const t = geluTanh(x);
  return g * 0.5 * (1 + t + x * (1 - t * t) * root * (1 + 3 * cubic * x * x));
};

const mishGrad = (g: number, x: number): number => {
  const t = Math.tanh(softplus(x));
  return g * (t + x * sigmoid(x) * (1 - t * t));
};
const siluGrad = (g: number, x: number): number => {
  const s = sigmoid(x);
  return g * s * (1 + x * (1 - s));
};
const elu: Of<ops.EluAttrs> = (x, { alpha, scale, inputScale }) =>
  x <= 0 ? Math.expm1(x * inputScale) * (alpha * scale) : x * scale;
const eluGrad: SlopeOf<ops.EluAttrs> = (g, x, { alpha, scale, inputScale }) =>
  x <= 0 ? g * (inputScale * alpha * scale) * Math.exp(x * inputScale) : g * scale;
const plus: Of<ops.SoftplusAttrs> = (x, { beta, threshold }) =>
  x * beta > threshold ? x : Math.log1p(Math.exp(x * beta)) / beta;
const plusGrad: SlopeOf<ops.SoftplusAttrs> = (g, x, { beta, threshold }) => {
  if (x * beta > threshold) return g;
  const e = Math.exp(x * beta);
  return (g * e) / (e + 1);
};
/** PyTorch rounds the slope of hardsigmoid to float32 whatever the dtype. */
const sixth = Math.fround(1 / 6);
const hardswishGrad = (g: number, x: number): number =>
  x < -3 ? 0 : x <= 3 ? g * (x / 3 + 0.5) : g;
const softshrink: Of<ops.ShrinkAttrs> = (x, { lambd }) =>
  x > lambd ? x - lambd : x < -lambd ? x + lambd : 0;
const within = (x: number, lambd: number): boolean => x >= -lambd && x <= lambd;

/** A gradient by the output: SIMD where all is float32 and lies in order. */
function byOutput(
  name: "reluGrad" | "sigmoidGrad" | "tanhGrad",
  d: (g: number, y: number) => number,
): Kernel<readonly [View, View], unknown> {
  const fast = f32Kernels().binaryF32[name];
  const slow = backward(d);
  return (call) => {
    const [g, y] = call.inputs;
    const out = call.outputs[0] as View;
    const dense = areSingle([g, y, out]) && [g, y, out].every(isContiguous);
    if (
      !dense ||
      isNumber(g) ||
      isNumber(y) ||
      g.buffer === out.buffer ||
      y.buffer === out.buffer
    ) {
      slow(call);
      return;
    }
    const [to, a, b] = [out, g, y].map((view) => view.buffer as Floats);
    fast(
      to as Float32Array,
      out.offset,
      a as Float32Array,
      g.offset,
      b as Float32Array,
      y.offset,
      numelOf(out.shape),
    );
  };
}

const table = {
  gelu: forward(geluKernel),
  geluGrad: backward(geluGrad),
  silu: forward((x) => x * sigmoid(x)),
  siluGrad: backward(siluGrad),
  mish: forward((x) => x * Math.tanh(softplus(x))),
  mishGrad: backward(mishGrad),
  logsigmoid: forward((x) => -softplus(-x)),
  logsigmoidGrad: backward((g, x) => g * sigmoid(-x)),
  softplus: forward(plus),
  softplusGrad: backward(plusGrad),
  leakyRelu: forward<ops.LeakyReluAttrs>((x, { negativeSlope }) => (x > 0 ? x : x * negativeSlope)),
  leakyReluGrad: backward<ops.LeakyReluAttrs>((g, x, { negativeSlope }) =>
    x > 0 ? g : g * negativeSlope,
  ),
  elu: forward(elu),
  eluGrad: backward(eluGrad),
  hardtanh: forward<ops.HardtanhAttrs>((x, { min, max }) => clamp(x, min, max)),
  hardtanhGrad: backward<ops.HardtanhAttrs>((g, x, { min, max }) => (x <= min || x >= max ? 0 : g)),
  hardswish: forward((x) => (x * clamp(x + 3, 0, 6)) / 6),
  hardswishGrad: backward(hardswishGrad),
  hardsigmoid: forward((x) => clamp(x + 3, 0, 6) / 6),
  hardsigmoidGrad: backward((g, x) => (x > -3 && x < 3 ? g * sixth : 0)),
  hardshrink: forward<ops.ShrinkAttrs>((x, { lambd }) => (within(x, lambd) ? 0 : x)),
  hardshrinkGrad: backward<ops.ShrinkAttrs>((g, x, { lambd }) => (within(x, lambd) ? 0 : g)),
  softshrink: forward(softshrink),
  softshrinkGrad: backward<ops.ShrinkAttrs>((g, x, { lambd }) => (within(x, lambd) ? 0 : g)),
  threshold: forward<ops.ThresholdAttrs>((x, { threshold, value }) => (x <= threshold ? value : x)),
  thresholdGrad: backward<ops.ThresholdAttrs>((g, x, { threshold }) => (x <= threshold ? 0 : g)),
  reluGrad: byOutput("reluGrad", (g, y) => (y <= 0 ? 0 : g)),
  sigmoidGrad: byOutput("sigmoidGrad", (g, y) => g * (1 - y) * y),
  tanhGrad: byOutput("tanhGrad", (g, y) => g * (1 - y * y)),
  binaryCrossEntropy: backward(
    (x, t) => (t - 1) * Math.max(Math.log1p(-x), -100) - t * Math.max(Math.log(x), -100),
  ),
} satisfies Partial<Kernels>;

export const activationKernels: Partial<Kernels> = table;
