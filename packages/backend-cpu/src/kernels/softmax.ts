// Softmax, log-softmax and their gradients in one pass a row: SIMD for float32.
import { isContiguous, type Kernel, type Kernels, type View } from "@tead/tensor";
import {
  around,
  bufferIsArray,
  gatherNumbers,
  scatterNumbers,
  type Values,
} from "@tead/tensor/kernel-kit";
import { f32Kernels } from "../wasm/index.ts";
import { isSafe } from "./runs.ts";

const f32 = f32Kernels();

interface DimAttrs {
  readonly dim: number;
}
type Softmax = Kernel<readonly [View], DimAttrs>;
type SoftmaxGrad = Kernel<readonly [View, View], DimAttrs>;

/** Whether SIMD kernels can take the views as they lie, and write the first while they read the others. */
const areTaken = (out: View, inputs: readonly View[]): boolean =>
  isDense(out) && inputs.every((view) => isDense(view) && isSafe(view, out));

const isDense = (view: View): boolean => view.dtype === "float32" && isContiguous(view);

/** Calls `visit` with the start and step of each line along `dim` of a contiguous tensor. */
function eachLine(
  shape: readonly number[],
  dim: number,
  visit: (at: number, step: number, size: number) => void,
): void {
  const { outer, size, inner } = around(shape, dim);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) visit(o * size * inner + i, inner, size);
}

const forward =
  (fast: typeof f32.softmaxF32, columns: typeof f32.softmaxColumnsF32, log: boolean): Softmax =>
  ({ inputs: [x], outputs, attrs: { dim } }) => {
    const out = outputs[0] as View;
    if (areTaken(out, [x])) {
      const { outer, size, inner } = around(x.shape, dim);
      const [to, from] = [out.buffer as Float32Array, x.buffer as Float32Array];
      if (inner === 1) fast(to, out.offset, from, x.offset, outer, size);
      else columns(to, out.offset, from, x.offset, outer, size, inner);
      return;
    }
    const values = gatherNumbers(x, bufferIsArray);
    const result = new Float64Array(values.length);
    eachLine(x.shape, dim, (at, step, size) => softmaxLine(values, result, at, step, size, log));
    scatterNumbers(result, out, bufferIsArray);
  };

/** y = exp(x - max) / sum(exp(x - max)), or its logarithm. */
function softmaxLine(
  x: Values,
  y: Float64Array,
  from: number,
  step: number,
  size: number,
  log: boolean,
): void {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0, at = from; i < size; i++, at += step) max = Math.max(max, x[at] as number);
  let sum = 0;
  for (let i = 0, at = from; i < size; i++, at += step) sum += Math.exp((x[at] as number) - max);
  const shift = Math.log(sum);
  for (let i = 0, at = from; i < size; i++, at += step) {
    const centered = (x[at] as number) - max;
    y[at] = log ? centered - shift : Math.exp(centered) / sum;
  }
}

const backward =
  (
    fast: typeof f32.softmaxGradF32,
    columns: typeof f32.softmaxColumnsGradF32,
    log: boolean,
  ): SoftmaxGrad =>
  ({ inputs: [grad, output], outputs, attrs: { dim } }) => {
    const out = outputs[0] as View;
    if (areTaken(out, [grad, output])) {
      const { outer, size, inner } = around(output.shape, dim);
      const [to, from, y] = [out, grad, output].map((v) => v.buffer) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      const arrays = [to, out.offset, from, grad.offset, y, output.offset] as const;
      if (inner === 1) fast(...arrays, outer, size);
      else columns(...arrays, outer, size, inner);
      return;
    }
    const [g, y] = [gatherNumbers(grad, bufferIsArray), gatherNumbers(output, bufferIsArray)];
    const result = new Float64Array(y.length);
    eachLine(output.shape, dim, (at, step, size) => gradLine(g, y, result, at, step, size, log));
    scatterNumbers(result, out, bufferIsArray);
  };

/** y * (g - sum(g * y)), or for the logarithm g - exp(y) * sum(g). */
function gradLine(
  g: Values,
  y: Values,
  out: Float64Array,
  from: number,
  step: number,
  size: number,
  log: boolean,
): void {
  let sum = 0;
  for (let i = 0, at = from; i < size; i++, at += step)
    sum += (g[at] as number) * (log ? 1 : (y[at] as number));
  for (let i = 0, at = from; i < size; i++, at += step) {
    const [slope, value] = [g[at] as number, y[at] as number];
    out[at] = log ? slope - Math.exp(value) * sum : value * (slope - sum);
  }
}

/** Log-softmax, also as the first half of the cross entropy. */
export const logSoftmaxKernel: Softmax = forward(f32.logSoftmaxF32, f32.logSoftmaxColumnsF32, true);

export const softmaxKernels: Partial<Kernels> = {
  softmax: forward(f32.softmaxF32, f32.softmaxColumnsF32, false),
  logSoftmax: logSoftmaxKernel,
  softmaxGrad: backward(f32.softmaxGradF32, f32.softmaxColumnsGradF32, false),
  logSoftmaxGrad: backward(f32.logSoftmaxGradF32, f32.logSoftmaxColumnsGradF32, true),
};
