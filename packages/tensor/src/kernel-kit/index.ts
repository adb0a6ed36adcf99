// The published helpers for backend authors, and a reference kernel for every primitive.
import type { Kernels } from "../backend.ts";
import { type ArrayOf, bufferIsArray } from "./access.ts";
import { elementwiseKernel } from "./elementwise.ts";
import { fusedRules } from "./fused.ts";
import { gatherKernel, indexSelectKernel, scatterAddKernel, scatterKernel } from "./indexing.ts";
import { catKernel } from "./join.ts";
import { arangeKernel, copyKernel, fillKernel } from "./making.ts";
import { matmulKernel } from "./matmul.ts";
import { argKernel, reduceKernel, reducers, scanKernel, scans } from "./reduce.ts";
import { elementwiseRules } from "./rules.ts";
import { sortKernel } from "./sort.ts";

export {
  batchNormLayout,
  groupNormLayout,
  layerNormLayout,
  type NormLayout,
} from "../ops/norm-layouts.ts";
export {
  adaptivePoolWindows,
  avgPoolWindows,
  maxPoolWindows,
  type PoolWindows,
} from "../ops/pool-windows.ts";
export * from "./access.ts";
export { elementwiseKernel } from "./elementwise.ts";
export { fusedRules } from "./fused.ts";
export { type Reducer, reducers, type Scan, scans } from "./reduce.ts";
export { type Big, elementwiseRules, type Numeric, type Rule } from "./rules.ts";
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
    cumsum: scanKernel(scans.cumsum, arrayOf),
    cumprod: scanKernel(scans.cumprod, arrayOf),
    matmul: matmulKernel(arrayOf),
    indexSelect: indexSelectKernel(arrayOf),
    gather: gatherKernel(arrayOf),
    scatter: scatterKernel(arrayOf),
    scatterAdd: scatterAddKernel(arrayOf),
    sort: sortKernel(arrayOf),
  };
  return kernels as unknown as Kernels;
}

/**
 * Kernels for fusable ops that a plain loop computes better than their decompositions: elementwise
 * functions that JavaScript has, and cat. To spread into a backend's table beside
 * `referenceKernels()`.
 */
export function fusedKernels(arrayOf: ArrayOf = bufferIsArray): Partial<Kernels> {
  const kernels = Object.entries(fusedRules).map(([name, rule]) => [
    name,
    elementwiseKernel(rule, arrayOf),
  ]);
  return { ...Object.fromEntries(kernels), cat: catKernel(arrayOf) };
}
