// Operands that share a buffer with an output. WebGPU refuses to bind one buffer for reading and for
// writing, and the result is to be as if inputs were read first: so such operands are copied aside.
import { contiguousStrides, isContiguous, numelOf, type View } from "@tead/tensor";
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
  const copy = scratchLike(gpu, view);
  copyElements(gpu, op, view, copy);
  return copy;
}

/** Contiguous scratch memory of a view's shape and dtype, which the caller gives back. */
function scratchLike(gpu: Gpu, view: View): View {
  const { dtype, shape } = view;
  const { layout } = bufferOf(view);
  const count = numelOf(shape);
  const slot = gpu.memory.take(count * layout.byteLength);
  return {
    buffer: new DeviceBuffer(slot, dtype, count, layout, 0),
    dtype,
    shape,
    strides: contiguousStrides(shape),
    offset: 0,
  };
}

type Operands = readonly (View | undefined)[];

/**
 * Calls `work` with contiguous operands that share no memory: what is not is copied aside, and an
 * output is copied back after it. With `updates`, the outputs come with what they hold.
 */
export function densely(
  gpu: Gpu,
  op: string,
  inputs: Operands,
  outputs: Operands,
  work: (inputs: Operands, outputs: Operands) => void,
  updates = false,
): void {
  const copies: View[] = [];
  const keep = (copy: View): View => {
    copies.push(copy);
    return copy;
  };
  const isAmong = (view: View, others: Operands): boolean =>
    others.some((other) => other?.buffer === view.buffer);
  try {
    const results = outputs.map((view, i) => {
      if (view === undefined) return view;
      if (isContiguous(view) && !isAmong(view, outputs.toSpliced(i, 1))) return view;
      return keep(updates ? contiguousCopy(gpu, op, view) : scratchLike(gpu, view));
    });
    const operands = inputs.map((view) => {
      if (view === undefined || (isContiguous(view) && !isAmong(view, outputs))) return view;
      return keep(contiguousCopy(gpu, op, view));
    });
    work(operands, results);
    outputs.forEach((view, i) => {
      const result = results[i];
      if (view !== undefined && result !== undefined && result !== view)
        copyElements(gpu, op, result, view);
    });
  } finally {
    for (const copy of copies) gpu.memory.give(bufferOf(copy).slot);
  }
}
