// Elementwise primitives of two operands, and where.
import type { Kernels } from "@tead/tensor";
import type { Gpu } from "../gpu/gpu.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { binaryRules } from "./rules.ts";

export const binaryKernels = (gpu: Gpu): Pick<Kernels, keyof typeof binaryRules> =>
  elementwiseKernels(gpu, binaryRules);
