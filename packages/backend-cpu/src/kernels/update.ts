// The optimizers' updates, one pass over each parameter and its state: SIMD for float32 where it is
// SGD's, Adam's, RMSprop's or Adagrad's; the few elements of a small one by its twin, to the bit the same.
import {
  isContiguous,
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type View,
} from "@tead/tensor";
import { bufferIsArray, gatherNumbers, scatterNumbers } from "@tead/tensor/kernel-kit";
import * as twins from "../twins/index.ts";
import { adagradStep, adamStep, momentStep, rmspropStep, sgdStep } from "../twins/update.ts";
import { f32Kernels } from "../wasm/index.ts";
import { type Floats, read } from "./floats.ts";

const f32 = f32Kernels();

/** Up to how many elements the way to WebAssembly and back takes longer than the work. */
const fewElements = 64;
const stepsFor = (count: number): typeof f32 => (count <= fewElements ? twins : f32);

const slice = (view: View) => ({ data: view.buffer as Float32Array, offset: view.offset });
const isDense = (view: View | undefined): boolean =>
  view === undefined || (view.dtype === "float32" && isContiguous(view));

/** A view's values as float64, to be changed and stored again. */
const load = (view: View): Float64Array => Float64Array.from(gatherNumbers(view, bufferIsArray));
const store = (values: Float64Array, view: View): void =>
  scatterNumbers(values, view, bufferIsArray);

const sgdUpdate: KernelOf<typeof ops.sgdUpdateOp> = ({ inputs, attrs }) => {
  const [params, grads, buffers] = inputs;
  for (let i = 0; i < params.length; i++)
    updateBySgd(params[i] as View, grads[i] as View, buffers[i], attrs);
};

function updateBySgd(param: View, grad: View, buffer: View | undefined, attrs: ops.SgdAttrs): void {
  if (isDense(param) && isDense(grad) && isDense(buffer)) {
    const count = numelOf(param.shape);
    const momentum = buffer && slice(buffer);
    stepsFor(count).sgdStepF32(slice(param), slice(grad), momentum, count, attrs);
    return;
  }
  const [p, g] = [load(param), load(grad)];
  const b = buffer === undefined ? undefined : load(buffer);
  sgdStep(p, g, b, attrs);
  store(p, param);
  if (b !== undefined) store(b, buffer as View);
}

const adamUpdate: KernelOf<typeof ops.adamUpdateOp> = ({ inputs, attrs }) => {
  const [params, grads, averages, squares, largest] = inputs;
  for (let i = 0; i < params.length; i++) {
    const [param, grad, average] = [params[i] as View, grads[i] as View, averages[i] as View];
    updateByAdam(param, grad, average, squares[i] as View, largest[i], attrs);
  }
};

function updateByAdam(
  param: View,
  grad: View,
  average: View,
  square: View,
  largest: View | undefined,
  attrs: ops.AdamAttrs,
): void {
  const operands = [param, grad, average, square, largest];
  if (operands.every(isDense)) {
    const top = largest && slice(largest);
    const count = numelOf(param.shape);
    const { adamStepF32 } = stepsFor(count);
    adamStepF32(slice(param), slice(grad), slice(average), slice(square), top, count, attrs);
    return;
  }
  const [p, g, m, v] = [load(param), load(grad), load(average), load(square)];
  const top = largest === undefined ? undefined : load(largest);
  adamStep(p, g, m, v, top, attrs);
  store(p, param);
  store(m, average);
  store(v, square);
  if (top !== undefined) store(top, largest as View);
}

/** Runs a step on operands, of which those that are written come first: in place where it can. */
function inPlace(
  written: readonly (View | undefined)[],
  grad: View,
  step: (grad: Floats, ...values: readonly (Floats | undefined)[]) => void,
): void {
  const values = written.map((view) => view && read(view));
  step(read(grad), ...values);
  values.forEach((data, i) => {
    const view = written[i];
    if (data === undefined || view === undefined) return;
    const there = (view.buffer as Floats).buffer === data.buffer;
    if (!there) scatterNumbers(data, view, bufferIsArray);
  });
}

const rmspropUpdate: KernelOf<typeof ops.rmspropUpdateOp> = ({ inputs, attrs }) => {
  const [params, grads, squares, means, buffers] = inputs;
  for (const [i, param] of params.entries()) {
    const [grad, square, mean, buffer] = [
      grads[i] as View,
      squares[i] as View,
      means[i],
      buffers[i],
    ];
    if ([param, grad, square, mean, buffer].every(isDense)) {
      const count = numelOf(param.shape);
      stepsFor(count).rmspropStepF32(
        ...([slice(param), slice(grad), slice(square)] as const),
        ...([mean && slice(mean), buffer && slice(buffer), count, attrs] as const),
      );
    } else
      inPlace([param, square, mean, buffer], grad, (g, p, v, m, b) =>
        rmspropStep(p as Floats, g, v as Floats, m, b, attrs),
      );
  }
};

const adagradUpdate: KernelOf<typeof ops.adagradUpdateOp> = ({ inputs, attrs }) => {
  const [params, grads, sums] = inputs;
  for (const [i, param] of params.entries()) {
    const [grad, sum] = [grads[i] as View, sums[i] as View];
    if (isDense(param) && isDense(grad) && isDense(sum)) {
      const count = numelOf(param.shape);
      stepsFor(count).adagradStepF32(slice(param), slice(grad), slice(sum), count, attrs);
    } else
      inPlace([param, sum], grad, (g, p, s) => adagradStep(p as Floats, g, s as Floats, attrs));
  }
};

const momentUpdate: KernelOf<typeof ops.momentUpdateOp> = ({ inputs, attrs }) => {
  const [params, grads, averages, squares] = inputs;
  for (const [i, param] of params.entries())
    inPlace([param, averages[i], squares[i]], grads[i] as View, (g, p, m, v) =>
      momentStep(p as Floats, g, m as Floats, v as Floats, attrs),
    );
};

export const updateKernels: Pick<
  Kernels,
  "sgdUpdate" | "adamUpdate" | "rmspropUpdate" | "adagradUpdate" | "momentUpdate"
> = { sgdUpdate, adamUpdate, rmspropUpdate, adagradUpdate, momentUpdate };
