// Operands that share a buffer with an output. WebGPU refuses to bind one buffer for reading and for
// writing, and the result is to be as if inputs were read first: so such operands are copied aside.
import { contiguousStrides, numelOf, type View } from "@tead/tensor";
import { bufferOf, type Gpu } from "../gpu/gpu.ts";
import { DeviceBuffer } from "../gpu/memory.ts";
import { copyElements } from "./copy-elements.ts";

/** Calls `work` with views of the inputs that share no buffer with the outputs. */
export function separate(
  gpu: Gpu,
  op: string,
  inputs: readonly View[],
  outputs: readonly View[],
  work: (inputs: readonly View[]) => void,
): void {
  const shared = (view: View): boolean => outputs.some(({ buffer }) => buffer === view.buffer);
  if (!inputs.some(shared)) {
    work(inputs);
    return;
  }
  const copies: DeviceBuffer[] = [];
  try {
    work(
      inputs.map((view) => {
        if (!shared(view)) return view;
        const copy = contiguousCopy(gpu, op, view);
        copies.push(copy.buffer as DeviceBuffer);
        return copy;
      }),
    );
  } finally {
    // Free at once: whatever takes the memory next comes later in command order.
    for (const copy of copies) gpu.memory.give(copy.slot);
  }
}

/** The view's elements, one after the other, in scratch memory that the caller gives back. */
function contiguousCopy(gpu: Gpu, op: string, view: View): View {
  const { layout } = bufferOf(view);
  const count = numelOf(view.shape);
  const slot = gpu.memory.take(count * layout.byteLength);
  const copy: View = {
    buffer: new DeviceBuffer(slot, view.dtype, count, layout),
    dtype: view.dtype,
    shape: view.shape,
    strides: contiguousStrides(view.shape),
    offset: 0,
  };
  copyElements(gpu, op, view, copy);
  return copy;
}
