// Losses by class index, where every target is checked before it is used, and the squared error.
import { type KernelOf, type Kernels, numelOf, type ops, type View } from "@tead/tensor";
import { bufferIsArray, gatherNumbers, scatterNumbers } from "@tead/tensor/kernel-kit";
import { reserve, wasmAvailable, wasmEngine } from "../wasm/engine.ts";
import { dense, mapChunks } from "../wasm/operands.ts";
import { copyIn } from "../wasm/stage.ts";
import { areSingle, type Floats, read, readOptional, write } from "./floats.ts";

/** Class targets, -1 where ignored. */
export function classes(
  call: { fail(code: "classOutOfRange", position: number): void },
  target: View,
  ignoreIndex: number,
  count: number,
): Int32Array {
  const values = gatherNumbers(target, bufferIsArray);
  const result = new Int32Array(values.length);
  for (let i = 0; i < result.length; i++) {
    const value = values[i] as number;
    if (value === ignoreIndex) result[i] = -1;
    else if (value >= 0 && value < count) result[i] = value;
    else call.fail("classOutOfRange", i);
  }
  return result;
}

/** y = -w[t] x[n, t, i], summed unless there is an element for each; gives the total weight. */
function pick(
  losses: Float64Array | undefined,
  x: Floats,
  targets: Int32Array,
  weight: Floats | undefined,
  count: number,
  inner: number,
): readonly [sum: number, total: number] {
  let [sum, total] = [0, 0];
  for (let i = 0; i < targets.length; i++) {
    const t = targets[i] as number;
    let loss = 0;
    if (t >= 0) {
      const w = weight === undefined ? 1 : (weight[t] as number);
      const n = Math.floor(i / inner);
      loss = -w * (x[(n * count + t) * inner + (i - n * inner)] as number);
      total += w;
    }
    sum += loss;
    if (losses !== undefined) losses[i] = loss;
  }
  return [sum, total];
}

export const nllLoss: KernelOf<typeof ops.nllLossOp> = (call) => {
  const [input, target, weight] = call.inputs;
  const { reduction, ignoreIndex } = call.attrs;
  const [out, totalWeight] = call.outputs as readonly [View, View];
  const count = input.shape[1] as number;
  const targets = classes(call, target, ignoreIndex, count);
  const losses = reduction === "none" ? new Float64Array(targets.length) : undefined;
  const inner = numelOf(input.shape.slice(2));
  const [sum, total] = pick(losses, read(input), targets, readOptional(weight), count, inner);
  const result = losses ?? [reduction === "mean" ? sum / total : sum];
  scatterNumbers(result, out, bufferIsArray);
  scatterNumbers([total], totalWeight, bufferIsArray);
};

const nllLossGrad: KernelOf<typeof ops.nllLossGradOp> = (call) => {
  const [grad, target, weight, totalWeight] = call.inputs;
  const { reduction, ignoreIndex, classes: count } = call.attrs;
  const targets = classes(call, target, ignoreIndex, count);
  const [g, w, total] = [read(grad), readOptional(weight), read(totalWeight)[0] as number];
  const inner = numelOf(target.shape.slice(1));
  write(call.outputs[0] as View, call.inputs, (dx) => {
    dx.fill(0);
    for (let i = 0; i < targets.length; i++) {
      const t = targets[i] as number;
      if (t < 0) continue;
      const n = Math.floor(i / inner);
      const share = g[reduction === "none" ? i : 0] as number;
      const scaled = reduction === "mean" ? share / total : share;
      dx[(n * count + t) * inner + (i - n * inner)] =
        w === undefined ? -scaled : -scaled * (w[t] as number);
    }
  });
};

/** Floats of each operand of the squared error in a chunk. */
const CHUNK = 4096;
const APART = CHUNK + 272;

/** The sum of (x - t)^2: by SIMD for float32. */
function squaredError(x: Floats, t: Floats): number {
  let sum = 0;
  if (x instanceof Float32Array && t instanceof Float32Array && wasmAvailable()) {
    const engine = wasmEngine();
    const total = reserve(engine, (APART * 2 + 16) * 4) >> 2;
    const [a, b] = [total + 16, total + 16 + APART];
    engine.f64[total >> 1] = 0;
    for (let i = 0; i < x.length; i += CHUNK) {
      const n = Math.min(CHUNK, x.length - i);
      copyIn(engine, a, x, i, n);
      copyIn(engine, b, t, i, n);
      engine.kernels.addSquaredDifferences(total * 4, a * 4, b * 4, n);
    }
    return engine.f64[total >> 1] as number;
  }
  for (let i = 0; i < x.length; i++) {
    const difference = (x[i] as number) - (t[i] as number);
    sum += difference * difference;
  }
  return sum;
}

const mseLoss: KernelOf<typeof ops.mseLossOp> = ({ inputs, outputs, attrs: { reduction } }) => {
  const [x, t] = [read(inputs[0]), read(inputs[1])];
  const out = outputs[0] as View;
  if (reduction === "none") {
    write(out, inputs, (y) => {
      for (let i = 0; i < y.length; i++) y[i] = ((x[i] as number) - (t[i] as number)) ** 2;
    });
    return;
  }
  const sum = squaredError(x, t);
  scatterNumbers([reduction === "mean" ? sum / x.length : sum], out, bufferIsArray);
};

const mseLossGrad: KernelOf<typeof ops.mseLossGradOp> = ({ inputs, outputs, attrs }) => {
  const [g, x, t] = [read(inputs[0]), read(inputs[1]), read(inputs[2])];
  const each = attrs.reduction === "none" ? 1 : 0;
  const factor = attrs.reduction === "mean" ? 2 / x.length : 2;
  write(outputs[0] as View, inputs, (dx) => {
    if (areSingle([...inputs, outputs[0]]) && each === 0 && dx.length > 64 && wasmAvailable()) {
      const { sub, mulScalar } = wasmEngine().kernels;
      const scale = factor * (g[0] as number);
      const kernel = (to: number, a: number, b: number, _: number, n: number): void => {
        sub(to, a, b, n);
        mulScalar(to, to, scale, n);
      };
      const operands = [x, t].map((values) => dense(values as Float32Array, 0, dx.length));
      mapChunks(kernel, dx as Float32Array, 0, operands, dx.length);
      return;
    }
    for (let i = 0; i < dx.length; i++)
      dx[i] = factor * ((x[i] as number) - (t[i] as number)) * (g[i * each] as number);
  });
};

export const lossKernels: Pick<Kernels, "nllLoss" | "nllLossGrad" | "mseLoss" | "mseLossGrad"> = {
  ...{ nllLoss, nllLossGrad },
  ...{ mseLoss, mseLossGrad },
};
