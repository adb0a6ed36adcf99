// The kernel table of the CPU: the reference kernels, and by family what is faster here.
import type { Kernels } from "@tead/tensor";
import { fusedKernels, referenceKernels } from "@tead/tensor/kernel-kit";
import { convKernels } from "./conv.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { matmulKernels } from "./matmul.ts";
import { poolKernels } from "./pool.ts";
import { reduceKernels } from "./reduce.ts";
import { softmaxKernels } from "./softmax.ts";

export const kernels: Kernels = {
  ...referenceKernels(),
  ...fusedKernels(),
  ...convKernels,
  ...elementwiseKernels,
  ...matmulKernels,
  ...poolKernels,
  ...reduceKernels,
  ...softmaxKernels,
};
