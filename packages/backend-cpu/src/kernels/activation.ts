// Activations and their gradients in one pass each: SIMD for float32, the twins' formulas otherwise.
import {
  type Kernel,
  type KernelCall,
  type Kernels,
  numelOf,
  type ops,
  type View,
} from "@tead/tensor";
import {
  type Activation,
  type ActivationSlope,
  activationSlopes,
  activations,
} from "../twins/activation.ts";
import { wasmAvailable, wasmEngine } from "../wasm/engine.ts";
import type { ActivationGradName, ActivationName } from "../wasm/exports.ts";
import { mapViews } from "./chunks.ts";
import { read, write } from "./floats.ts";

/** What a kernel takes of the attributes: p, q and r of the twins. */
type Options = readonly [p: number, q: number, r: number];
type OptionsOf<A> = (attrs: A) => Options;
type Forward<A> = Kernel<readonly [View], A>;
type Backward<A> = Kernel<readonly [View, View], A>;

const none = (): Options => [0, 0, 0];
/** Tensors of no more elements than this are computed one by one: staging would cost more. */
const FEW = 16;

/** The same for formulas of two or three operations. */
const FEW_EASY = 128;

/** Whether SIMD may pay. */
const isMany = ({ outputs }: KernelCall<unknown, unknown>, few = FEW): boolean =>
  numelOf((outputs[0] as View).shape) > few && wasmAvailable();

function forEachElement<A>(f: Activation, optionsOf: OptionsOf<A>): Forward<A> {
  return ({ inputs, outputs, attrs }) => {
    const x = read(inputs[0]);
    const [p, q, r] = optionsOf(attrs);
    write(outputs[0] as View, inputs, (y) => {
      for (let i = 0; i < y.length; i++) y[i] = f(x[i] as number, p, q, r);
    });
  };
}

function forEachPair<A>(f: ActivationSlope, optionsOf: OptionsOf<A>): Backward<A> {
  return ({ inputs, outputs, attrs }) => {
    const [g, x] = [read(inputs[0]), read(inputs[1])];
    const [p, q, r] = optionsOf(attrs);
    // A number is read again and again.
    const [stepG, stepX] = [Number(!isNumber(inputs[0])), Number(!isNumber(inputs[1]))];
    write(outputs[0] as View, inputs, (dx) => {
      for (let i = 0; i < dx.length; i++)
        dx[i] = f(g[i * stepG] as number, x[i * stepX] as number, p, q, r);
    });
  };
}

const isNumber = ({ scalar }: View): boolean => scalar !== undefined;

function forward<A>(name: ActivationName, optionsOf: OptionsOf<A> = none): Forward<A> {
  const slow = forEachElement(activations[name], optionsOf);
  return (call) => {
    if (isMany(call)) {
      const kernel = wasmEngine().kernels[name];
      const [p, q, r] = optionsOf(call.attrs);
      const out = call.outputs[0] as View;
      if (mapViews((to, a, _b, _c, n) => kernel(to, a, n, p, q, r), call.inputs, out)) return;
    }
    slow(call);
  };
}

function backward<A>(name: ActivationGradName, optionsOf: OptionsOf<A> = none): Backward<A> {
  const slow = forEachPair(activationSlopes[name], optionsOf);
  return (call) => {
    if (isMany(call)) {
      const kernel = wasmEngine().kernels[name];
      const [p, q, r] = optionsOf(call.attrs);
      const out = call.outputs[0] as View;
      if (mapViews((to, a, b, _, n) => kernel(to, a, b, n, p, q, r), call.inputs, out)) return;
    }
    slow(call);
  };
}

/** A gradient by the output. */
function byOutput(
  name: "reluGrad" | "sigmoidGrad" | "tanhGrad",
  d: (g: number, y: number) => number,
): Backward<unknown> {
  const slow = forEachPair(d, none);
  return (call) => {
    if (isMany(call, FEW_EASY)) {
      const kernel = wasmEngine().kernels[name];
      const out = call.outputs[0] as View;
      if (mapViews((to, a, b, _, n) => kernel(to, a, b, n), call.inputs, out)) return;
    }
    slow(call);
  };
}

/** GELU, which has two forms. */
const byForm =
  <I>(exact: Kernel<I, ops.GeluAttrs>, tanh: Kernel<I, ops.GeluAttrs>): Kernel<I, ops.GeluAttrs> =>
  (call) =>
    (call.attrs.approximate === "tanh" ? tanh : exact)(call);

const lambdOf = ({ lambd }: ops.ShrinkAttrs): Options => [lambd, 0, 0];
const softplusOptions = ({ beta, threshold }: ops.SoftplusAttrs): Options => [beta, threshold, 0];
const slopeOf = ({ negativeSlope }: ops.LeakyReluAttrs): Options => [negativeSlope, 0, 0];
const boundsOf = ({ min, max }: ops.HardtanhAttrs): Options => [min, max, 0];
const thresholdOf = ({ threshold, value }: ops.ThresholdAttrs): Options => [threshold, value, 0];

const table = {
  gelu: byForm(forward<ops.GeluAttrs>("gelu"), forward<ops.GeluAttrs>("geluTanh")),
  geluGrad: byForm(backward<ops.GeluAttrs>("geluGrad"), backward<ops.GeluAttrs>("geluTanhGrad")),
  silu: forward("silu"),
  siluGrad: backward("siluGrad"),
  mish: forward("mish"),
  mishGrad: backward("mishGrad"),
  logsigmoid: forward("logsigmoid"),
  logsigmoidGrad: backward("logsigmoidGrad"),
  softplus: forward("softplus", softplusOptions),
  softplusGrad: backward("softplusGrad", softplusOptions),
  leakyRelu: forward("leakyRelu", slopeOf),
  leakyReluGrad: backward("leakyReluGrad", slopeOf),
  elu: forward<ops.EluAttrs>("elu", ({ alpha, scale, inputScale }) => [
    scale,
    alpha * scale,
    inputScale,
  ]),
  eluGrad: backward<ops.EluAttrs>("eluGrad", ({ alpha, scale, inputScale }) => [
    scale,
    inputScale * alpha * scale,
    inputScale,
  ]),
  hardtanh: forward("clamp", boundsOf),
  hardtanhGrad: backward("hardtanhGrad", boundsOf),
  hardswish: forward("hardswish"),
  hardswishGrad: backward("hardswishGrad"),
  hardsigmoid: forward("hardsigmoid"),
  hardsigmoidGrad: backward("hardsigmoidGrad"),
  hardshrink: forward("hardshrink", lambdOf),
  hardshrinkGrad: backward("hardshrinkGrad", lambdOf),
  softshrink: forward("softshrink", lambdOf),
  softshrinkGrad: backward("hardshrinkGrad", lambdOf),
  threshold: forward("threshold", thresholdOf),
  thresholdGrad: backward("thresholdGrad", thresholdOf),
  reluGrad: byOutput("reluGrad", (g, y) => (y <= 0 ? 0 : g)),
  sigmoidGrad: byOutput("sigmoidGrad", (g, y) => g * (1 - y) * y),
  tanhGrad: byOutput("tanhGrad", (g, y) => g * (1 - y * y)),
  binaryCrossEntropy: forEachPair(
    (x, t) => (t - 1) * Math.max(Math.log1p(-x), -100) - t * Math.max(Math.log(x), -100),
    none,
  ),
} satisfies Partial<Kernels>;

export const activationKernels: Partial<Kernels> = table;
