// Cross entropy by class index and its gradient: one pass each over the log-probabilities, SIMD for float32.
import {
  contiguousStrides,
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type View,
} from "@tead/tensor";
import { wasmAvailable, wasmEngine } from "../wasm/engine.ts";
import { dense, mapChunks, type Operand } from "../wasm/operands.ts";
import { type Floats, read, readOptional, write } from "./floats.ts";
import { classes, nllLoss } from "./loss.ts";
import { logSoftmaxKernel } from "./softmax.ts";
import { gathered } from "./strided.ts";

const copied = (view: View): View => ({
  ...{ buffer: gathered(view), dtype: view.dtype, shape: view.shape },
  ...{ strides: contiguousStrides(view.shape), offset: 0 },
});

const crossEntropy: KernelOf<typeof ops.crossEntropyOp> = (call) => {
  const [input, target, weight] = call.inputs;
  const [out, totalWeight, logProbabilities] = call.outputs as readonly [View, View, View];
  const fail: typeof call.fail = (code, position) => call.fail(code, position);
  const { buffer } = logProbabilities;
  // Read before it is written over.
  const factors = weight?.buffer === buffer && weight !== undefined ? copied(weight) : weight;
  // Refused before anything is written.
  classes(call, target, call.attrs.ignoreIndex, input.shape[1] as number);
  logSoftmaxKernel({
    inputs: [input],
    outputs: [logProbabilities],
    attrs: { dim: 1 },
    fail,
  });
  nllLoss({
    inputs: [logProbabilities, target, factors],
    outputs: [out, totalWeight],
    attrs: call.attrs,
    fail,
  });
};

type Sizes = readonly [batch: number, count: number, inner: number];

/** dx = exp(x) share, x [batch, count, inner] and a share for each of [batch, inner]. */
function spread(dx: Floats, x: Floats, shares: Floats, [batch, count, inner]: Sizes): void {
  const single = dx instanceof Float32Array && x instanceof Float32Array;
  if (single && wasmAvailable()) {
    const { exp, mul } = wasmEngine().kernels;
    const kernel = (to: number, a: number, b: number, _: number, n: number): void => {
      exp(to, a, n);
      mul(to, to, b, n);
    };
    const rows = inner === 1;
    const share: Operand = {
      data: shares as Float32Array,
      offset: 0,
      sizes: rows ? [batch, count] : [batch, count, inner],
      strides: rows ? [1, 0] : [inner, 0, 1],
    };
    mapChunks(kernel, dx, 0, [dense(x, 0, dx.length), share], dx.length);
    return;
  }
  for (let i = 0; i < dx.length; i++) {
    const n = Math.floor(i / (count * inner));
    dx[i] = Math.exp(x[i] as number) * (shares[n * inner + (i % inner)] as number);
  }
}

const crossEntropyGrad: KernelOf<typeof ops.crossEntropyGradOp> = (call) => {
  const [grad, logProbabilities, target, weight, totalWeight] = call.inputs;
  const { reduction, ignoreIndex } = call.attrs;
  const [batch, count] = logProbabilities.shape as readonly [number, number];
  const inner = numelOf(logProbabilities.shape.slice(2));
  const targets = classes(call, target, ignoreIndex, count);
  const [g, w, total] = [read(grad), readOptional(weight), read(totalWeight)[0] as number];
  const x = read(logProbabilities);
  write(call.outputs[0] as View, call.inputs, (dx) => {
    // What each place's loss counts for: dL/dx = share (softmax - 1 at the target).
    const shares =
      dx instanceof Float32Array
        ? new Float32Array(targets.length)
        : new Float64Array(targets.length);
    for (let i = 0; i < targets.length; i++) {
      const t = targets[i] as number;
      const own = g[reduction === "none" ? i : 0] as number;
      const scaled = reduction === "mean" ? own / total : own;
      shares[i] = t < 0 ? 0 : scaled * (w === undefined ? 1 : (w[t] as number));
    }
    spread(dx, x, shares, [batch, count, inner]);
    for (let i = 0; i < targets.length; i++) {
      const t = targets[i] as number;
      if (t < 0) continue;
      const n = Math.floor(i / inner);
      const at = (n * count + t) * inner + (i - n * inner);
      dx[at] = (dx[at] as number) - (shares[i] as number);
    }
  });
};

export const crossEntropyKernels: Pick<Kernels, "crossEntropy" | "crossEntropyGrad"> = {
  crossEntropy,
  crossEntropyGrad,
};
