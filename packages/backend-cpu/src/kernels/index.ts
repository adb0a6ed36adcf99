// The kernel table of the CPU: the reference kernels, and what is faster here.
import type { Kernels } from "@tead/tensor";
import { referenceKernels } from "@tead/tensor/kernel-kit";

export const kernels: Kernels = { ...referenceKernels() };
