// Ranges, written where they stay.
import { isContiguous, type KernelOf, type Kernels, type ops, type View } from "@tead/tensor";
import { bufferIsArray, referenceKernels } from "@tead/tensor/kernel-kit";

const reference = referenceKernels(bufferIsArray);

const arange: KernelOf<typeof ops.arangeOp> = (call) => {
  const out = call.outputs[0] as View;
  const { dtype, offset } = out;
  const isPlain = dtype === "float32" || dtype === "float64" || dtype === "int32";
  if (!isPlain || !isContiguous(out)) {
    reference.arange(call);
    return;
  }
  const { start, step, count } = call.attrs;
  const array = out.buffer as Float32Array;
  for (let i = 0; i < count; i++) array[offset + i] = start + step * i;
};

export const makingKernels: Pick<Kernels, "arange"> = { arange };
