// Ranges, written where they stay.
import { isContiguous, type KernelOf, type Kernels, type ops, type View } from "@tead/tensor";
import { bufferIsArray, referenceKernels } from "@tead/tensor/kernel-kit";

const reference = referenceKernels(bufferIsArray);

type Fill<A> = (array: A, at: number, start: number, step: number, count: number) => void;

// A loop of its own for each type of array.
const floats: Fill<Float32Array> = (array, at, start, step, count) => {
  for (let i = 0; i < count; i++) array[at + i] = start + step * i;
};
const doubles: Fill<Float64Array> = (array, at, start, step, count) => {
  for (let i = 0; i < count; i++) array[at + i] = start + step * i;
};
const integers: Fill<Int32Array> = (array, at, start, step, count) => {
  for (let i = 0, value = start | 0; i < count; i++, value = (value + step) | 0)
    array[at + i] = value;
};

const arange: KernelOf<typeof ops.arangeOp> = (call) => {
  const out = call.outputs[0] as View;
  const { start, step, count } = call.attrs;
  const { dtype, offset } = out;
  if (!isContiguous(out)) reference.arange(call);
  else if (dtype === "float32") floats(out.buffer as Float32Array, offset, start, step, count);
  else if (dtype === "float64") doubles(out.buffer as Float64Array, offset, start, step, count);
  else if (dtype === "int32" && Number.isInteger(start) && Number.isInteger(step))
    integers(out.buffer as Int32Array, offset, start, step, count);
  else reference.arange(call);
};

export const makingKernels: Pick<Kernels, "arange"> = { arange };
