// The WebAssembly SIMD engine: float32 kernels over plain typed arrays, each with a twin in src/twins that defines it.
// `f32Kernels()` gives these kernels, or the twins where WebAssembly SIMD is missing.

export { activationF32, activationGradF32 } from "./activation.ts";
export {
  type BatchNormGrad,
  batchNormF32,
  batchNormGradF32,
  type ChannelShape,
  type F32Slice,
  momentsF32,
} from "./batch-norm.ts";
export { type F32Kernels, f32Kernels } from "./choose.ts";
export {
  type ConvSizes,
  convF32,
  convGradInputF32,
  convGradWeightF32,
} from "./conv.ts";
export { binaryF32, compareF32, scalarF32, unaryF32 } from "./elementwise.ts";
export {
  setWasmBuild,
  type WasmBuild,
  type WasmInfo,
  wasmAvailable,
  wasmInfo,
  wasmScratchBytes,
} from "./engine.ts";
export type { BinaryName, CompareName, ScalarName, UnaryName } from "./exports.ts";
export { type MatmulInit, matmulF32 } from "./matmul.ts";
export { type MatrixBatch, matmulBatchF32 } from "./matmul-batch.ts";
export { type AdamStep, adamStepF32, type SgdStep, sgdStepF32 } from "./optimizer.ts";
export {
  type AvgPool2dShape,
  avgPool2dF32,
  avgPool2dGradF32,
  type MaxPool2dShape,
  maxPool2dF32,
  maxPool2dGradF32,
} from "./pool.ts";
export { type ReduceName, reduceF32 } from "./reduce.ts";
export {
  logSoftmaxColumnsF32,
  logSoftmaxColumnsGradF32,
  logSoftmaxF32,
  logSoftmaxGradF32,
  softmaxColumnsF32,
  softmaxColumnsGradF32,
  softmaxF32,
  softmaxGradF32,
} from "./softmax.ts";
