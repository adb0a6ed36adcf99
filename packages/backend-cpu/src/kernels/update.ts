// The optimizers' updates, one pass over parameter and state: SIMD for float32 where it is SGD's,
// Adam's, RMSprop's or Adagrad's.
import {
  isContiguous,
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type View,
} from "@tead/tensor";
import { bufferIsArray, gatherNumbers, scatterNumbers } from "@tead/tensor/kernel-kit";
import { adagradStep, adamStep, momentStep, rmspropStep, sgdStep } from "../twins/update.ts";
import { f32Kernels } from "../wasm/index.ts";
import { areSingle, type Floats, read } from "./floats.ts";

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
  const [param, grad, ...state] = inputs;
  if (areDense(inputs)) {
    const [square, mean, buffer] = state;
    f32.rmspropStepF32(
      ...([slice(param), slice(grad), slice(square)] as const),
      ...([mean && slice(mean), buffer && slice(buffer), numelOf(param.shape), attrs] as const),
    );
    return;
  }
  inPlace([param, ...state], grad, (g, p, square, mean, buffer) =>
    rmspropStep(p as Floats, g, square as Floats, mean, buffer, attrs),
  );
};

const adagradUpdate: KernelOf<typeof ops.adagradUpdateOp> = ({ inputs, attrs }) => {
  const [param, grad, sum] = inputs;
  if (areDense(inputs)) {
    f32.adagradStepF32(slice(param), slice(grad), slice(sum), numelOf(param.shape), attrs);
    return;
  }
  inPlace([param, sum], grad, (g, p, s) => adagradStep(p as Floats, g, s as Floats, attrs));
};

const momentUpdate: KernelOf<typeof ops.momentUpdateOp> = ({ inputs, attrs }) => {
  const [param, grad, average, square] = inputs;
  inPlace([param, average, square], grad, (g, p, m, v) =>
    momentStep(p as Floats, g, m as Floats, v as Floats, attrs),
  );
};

export const updateKernels: Pick<
  Kernels,
  "sgdUpdate" | "adamUpdate" | "rmspropUpdate" | "adagradUpdate" | "momentUpdate"
> = { sgdUpdate, adamUpdate, rmspropUpdate, adagradUpdate, momentUpdate };
