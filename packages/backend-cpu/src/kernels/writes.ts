// What every kernel does beside its work: packed weights are forgotten with the contents that they were packed from.
import type { Kernels, TypedArray, View } from "@tead/tensor";
import { forgetPacked } from "../wasm/packed-weights.ts";
import { updateKernels } from "./update.ts";

type AnyKernel = (call: { inputs: readonly unknown[]; outputs: readonly View[] }) => void;

const forgetAll = (views: readonly View[]): void => {
  for (let i = 0; i < views.length; i++) forgetPacked((views[i] as View).buffer as TypedArray);
};

/** The same kernels; after each, and after one that fails half-way, what it may have written is new to packed weights. */
export function noteWrites(kernels: Kernels): Kernels {
  const noted = Object.entries(kernels as unknown as Record<string, AnyKernel>).map(
    ([name, kernel]): [string, AnyKernel] => {
      // These write operands that they also read; all others write outputs only.
      const updates = name in updateKernels;
      return [
        name,
        (call) => {
          try {
            kernel(call);
          } finally {
            forgetAll(call.outputs);
            if (updates)
              forgetAll(call.inputs.flat().filter((view) => view !== undefined) as View[]);
          }
        },
      ];
    },
  );
  return Object.fromEntries(noted) as unknown as Kernels;
}
