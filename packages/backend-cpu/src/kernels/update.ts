// The optimizers' updates, one pass over parameter and state: SIMD for float32.
import {
  isContiguous,
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type View,
} from "@tead/tensor";
import { bufferIsArray, gatherNumbers, scatterNumbers } from "@tead/tensor/kernel-kit";
import { adamStep, sgdStep } from "../twins/update.ts";
import { f32Kernels } from "../wasm/index.ts";
import { areSingle } from "./floats.ts";

const f32 = f32Kernels();

const slice = (view: View) => ({ data: view.buffer as Float32Array, offset: view.offset });
const areDense = (views: readonly (View | undefined)[]): boolean =>
  areSingle(views) && views.every((view) => view === undefined || isContiguous(view));

/** A view's values as float64, to be changed and stored again. */
const load = (view: View): Float64Array => Float64Array.from(gatherNumbers(view, bufferIsArray));
const store = (values: Float64Array, view: View): void =>
  scatterNumbers(values, view, bufferIsArray);

const sgdUpdate: KernelOf<typeof ops.sgdUpdateOp> = ({ inputs, attrs }) => {
  const [param, grad, buffer] = inputs;
  if (areDense(inputs)) {
    const momentum = buffer === undefined ? undefined : slice(buffer);
    f32.sgdStepF32(slice(param), slice(grad), momentum, numelOf(param.shape), attrs);
    return;
  }
  const [p, g] = [load(param), load(grad)];
  const b = buffer === undefined ? undefined : load(buffer);
  sgdStep(p, g, b, attrs);
  store(p, param);
  if (b !== undefined) store(b, buffer as View);
};

const adamUpdate: KernelOf<typeof ops.adamUpdateOp> = ({ inputs, attrs }) => {
  const [param, grad, average, square, largest] = inputs;
  if (areDense(inputs)) {
    const top = largest === undefined ? undefined : slice(largest);
    const count = numelOf(param.shape);
    f32.adamStepF32(slice(param), slice(grad), slice(average), slice(square), top, count, attrs);
    return;
  }
  const [p, g, m, v] = [load(param), load(grad), load(average), load(square)];
  const top = largest === undefined ? undefined : load(largest);
  adamStep(p, g, m, v, top, attrs);
  store(p, param);
  store(m, average);
  store(v, square);
  if (top !== undefined) store(top, largest as View);
};

export const updateKernels: Pick<Kernels, "sgdUpdate" | "adamUpdate"> = { sgdUpdate, adamUpdate };
