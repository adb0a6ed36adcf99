// Comparisons: bool outputs.
import type { Kernels } from "@tead/tensor";
import type { Gpu } from "../gpu/gpu.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { compareRules } from "./rules.ts";

export const compareKernels = (gpu: Gpu): Pick<Kernels, keyof typeof compareRules> =>
  elementwiseKernels(gpu, compareRules);
