// How kernels that compute in floats read dense operands and write their outputs.
import { isContiguous, numelOf, type View } from "@tead/tensor";
import { bufferIsArray, gatherNumbers, scatterNumbers, windowOf } from "@tead/tensor/kernel-kit";
import { gathered } from "./strided.ts";

/** Values that a kernel computes in: float32, or float64. Half precision is decoded to float32. */
export type Floats = Float32Array | Float64Array;

/** A float operand's elements in row-major order; a window on its buffer where they lie so. */
export function read(view: View): Floats {
  if (isPlain(view) && view.scalar === undefined && !isContiguous(view))
    return gathered(view) as Floats;
  return gatherNumbers(view, bufferIsArray) as Floats;
}

/** `read()` of an operand that may be absent. */
export function readOptional(view: View | undefined): Floats | undefined {
  return view === undefined ? undefined : read(view);
}

const isPlain = ({ dtype }: View): boolean => dtype === "float32" || dtype === "float64";

/** Gives `compute` an array for the output, with any contents, and stores what it left there. */
export function write(
  output: View,
  inputs: readonly (View | undefined)[],
  compute: (values: Floats) => void,
): void {
  const count = numelOf(output.shape);
  const direct = isPlain(output) && isContiguous(output);
  if (direct && inputs.every((input) => input?.buffer !== output.buffer)) {
    compute(windowOf(output.buffer as Floats, output.offset, count));
    return;
  }
  const values = output.dtype === "float64" ? new Float64Array(count) : new Float32Array(count);
  compute(values);
  scatterNumbers(values, output, bufferIsArray);
}

/** `write()` of several outputs at once. */
export function writeAll(
  outputs: readonly View[],
  inputs: readonly (View | undefined)[],
  compute: (values: readonly Floats[]) => void,
): void {
  const fill = (done: readonly Floats[]): void => {
    const output = outputs[done.length];
    if (output === undefined) compute(done);
    else write(output, inputs, (values) => fill([...done, values]));
  };
  fill([]);
}

/** Whether all operands and outputs are float32, so that the SIMD kernels can take them. */
export function areSingle(views: readonly (View | undefined)[]): boolean {
  return views.every((view) => view === undefined || view.dtype === "float32");
}
