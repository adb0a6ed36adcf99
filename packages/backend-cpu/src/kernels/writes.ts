// What every kernel does beside its work: packed weights are forgotten with the contents that they were packed from.
import type { Kernels, TypedArray, View } from "@tead/tensor";
import { beforePacking, forgetPacked, noted } from "../wasm/packed-weights.ts";
import { updateKernels } from "./update.ts";

type AnyKernel = (call: { inputs: readonly unknown[]; outputs: readonly View[] }) => void;

const forgetAll = (views: readonly unknown[]): void => {
  for (let i = 0; i < views.length; i++) {
    const view = views[i] as View | undefined | readonly View[];
    if (Array.isArray(view)) forgetAll(view);
    else if (view !== undefined) forgetPacked((view as View).buffer as TypedArray);
  }
};

/** The kernel; after it, also where it fails half-way, what it may have written is new to packed weights. */
const noting =
  (kernel: AnyKernel): AnyKernel =>
  (call) => {
    try {
      noted(kernel, call);
    } finally {
      forgetAll(call.outputs);
    }
  };
/** The same for kernels that write operands which they also read; all others write outputs only. */
const notingOperands =
  (kernel: AnyKernel): AnyKernel =>
  (call) => {
    try {
      noted(kernel, call);
    } finally {
      forgetAll(call.inputs);
    }
  };

/** The same kernels, which note what they write as soon as there are weights to pack: small networks never pay for it. */
export function noteWrites(kernels: Kernels): Kernels {
  const table = { ...kernels } as unknown as Record<string, AnyKernel>;
  beforePacking(() => {
    for (const [name, kernel] of Object.entries(table))
      table[name] = name in updateKernels ? notingOperands(kernel) : noting(kernel);
  });
  return table as unknown as Kernels;
}
