// Elementwise primitives of one operand.
import type { Kernels } from "@tead/tensor";
import type { Gpu } from "../gpu/gpu.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { unaryRules } from "./rules.ts";

export const unaryKernels = (gpu: Gpu): Pick<Kernels, keyof typeof unaryRules> =>
  elementwiseKernels(gpu, unaryRules);
