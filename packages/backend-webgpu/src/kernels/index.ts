// The kernel table of WebGPU, by family.
import type { Kernels } from "@tead/tensor";
import type { Gpu } from "../gpu/gpu.ts";
import { activationKernels } from "./activation.ts";
import { binaryKernels } from "./binary.ts";
import { compareKernels } from "./compare.ts";
import { convKernels } from "./conv.ts";
import { arangeKernel, copyKernel, fillKernel } from "./copy.ts";
import { embeddingKernels } from "./embedding.ts";
import { gatherKernel, indexSelectKernel } from "./indexing.ts";
import { lossKernels } from "./loss.ts";
import { matmulKernels } from "./matmul.ts";
import { normKernels } from "./norm.ts";
import { poolKernels } from "./pool.ts";
import { reduceKernels } from "./reduce.ts";
import { scanKernels } from "./scan.ts";
import { scatterAddKernel, scatterKernel } from "./scatter.ts";
import { softmaxKernels } from "./softmax.ts";
import { sortKernel } from "./sort.ts";
import { unaryKernels } from "./unary.ts";
import { updateKernels } from "./update.ts";

export function makeKernels(gpu: Gpu): Kernels {
  return {
    ...unaryKernels(gpu),
    ...binaryKernels(gpu),
    ...compareKernels(gpu),
    ...activationKernels(gpu),
    fill: fillKernel(gpu),
    arange: arangeKernel(gpu),
    copy: copyKernel(gpu),
    ...reduceKernels(gpu),
    ...scanKernels(gpu),
    ...matmulKernels(gpu),
    ...convKernels(gpu),
    ...softmaxKernels(gpu),
    ...embeddingKernels(gpu),
    ...lossKernels(gpu),
    ...poolKernels(gpu),
    ...normKernels(gpu),
    ...updateKernels(gpu),
    indexSelect: indexSelectKernel(gpu),
    gather: gatherKernel(gpu),
    scatter: scatterKernel(gpu),
    scatterAdd: scatterAddKernel(gpu),
    sort: sortKernel(gpu),
  };
}
