// The published helpers for backend authors, and a reference kernel for every primitive.
import type { Kernels } from "../backend.ts";
import { type ArrayOf, bufferIsArray } from "./access.ts";
import { elementwiseKernel, elementwiseRules } from "./elementwise.ts";
import { gatherKernel, indexSelectKernel, scatterAddKernel, scatterKernel } from "./indexing.ts";
import { arangeKernel, copyKernel, fillKernel } from "./making.ts";
import { matmulKernel } from "./matmul.ts";
import { argKernel, reduceKernel, reducers, scanKernel } from "./reduce.ts";

export * from "./access.ts";
export { elementwiseKernel, elementwiseRules } from "./elementwise.ts";
export { type Reducer, reducers } from "./reduce.ts";
export { erf, erfc } from "./special.ts";

/**
 * A kernel for every primitive, plain and obvious, over any backend whose buffers `arrayOf` can
 * show as typed arrays. A backend starts from these and replaces what it does better.
 */
export function referenceKernels(arrayOf: ArrayOf = bufferIsArray): Kernels {
  const elementwise = Object.fromEntries(
    Object.entries(elementwiseRules).map(([name, rule]) => [
      name,
      elementwiseKernel(rule, arrayOf),
    ]),
  );
  const kernels = {
    ...elementwise,
    fill: fillKernel(arrayOf),
    arange: arangeKernel(arrayOf),
    copy: copyKernel(arrayOf),
    sum: reduceKernel(reducers.sum, arrayOf),
    prod: reduceKernel(reducers.prod, arrayOf),
    amax: reduceKernel(reducers.amax, arrayOf),
    amin: reduceKernel(reducers.amin, arrayOf),
    argmax: argKernel(1, arrayOf),
    argmin: argKernel(-1, arrayOf),
    cumsum: scanKernel((total, value) => total + value, 0, arrayOf),
    cumprod: scanKernel((total, value) => total * value, 1, arrayOf),
    matmul: matmulKernel(arrayOf),
    indexSelect: indexSelectKernel(arrayOf),
    gather: gatherKernel(arrayOf),
    scatter: scatterKernel(arrayOf),
    scatterAdd: scatterAddKernel(arrayOf),
  };
  return kernels as unknown as Kernels;
}
