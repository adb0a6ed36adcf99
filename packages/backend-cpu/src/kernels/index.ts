// The kernel table of the CPU: the reference kernels, and by family what is faster here.
import type { Kernels } from "@tead/tensor";
import { fusedKernels, referenceKernels } from "@tead/tensor/kernel-kit";
import { activationKernels } from "./activation.ts";
import { attentionKernels } from "./attention.ts";
import { convKernels } from "./conv.ts";
import { copyKernels } from "./copy.ts";
import { crossEntropyKernels } from "./cross-entropy.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { embeddingKernels } from "./embedding.ts";
import { indexingKernels } from "./indexing.ts";
import { lossKernels } from "./loss.ts";
import { makingKernels } from "./making.ts";
import { matmulKernels } from "./matmul.ts";
import { normKernels } from "./norm.ts";
import { poolKernels } from "./pool.ts";
import { reduceKernels } from "./reduce.ts";
import { rnnKernels } from "./rnn.ts";
import { scanKernels } from "./scan.ts";
import { softmaxKernels } from "./softmax.ts";
import { sortKernels } from "./sort.ts";
import { triangleKernels } from "./triangle.ts";
import { updateKernels } from "./update.ts";

export const kernels: Kernels = {
  ...referenceKernels(),
  ...fusedKernels(),
  ...activationKernels,
  ...attentionKernels,
  ...convKernels,
  ...copyKernels,
  ...crossEntropyKernels,
  ...elementwiseKernels,
  ...matmulKernels,
  ...embeddingKernels,
  ...indexingKernels,
  ...lossKernels,
  ...makingKernels,
  ...normKernels,
  ...poolKernels,
  ...reduceKernels,
  ...rnnKernels,
  ...scanKernels,
  ...softmaxKernels,
  ...sortKernels,
  ...triangleKernels,
  ...updateKernels,
};
