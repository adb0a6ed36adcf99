// The public face of @tead/tensor: re-exports only.
export type {
  Backend,
  BernoulliBlocks,
  Buffer,
  Capabilities,
  Draw,
  FailureCode,
  Kernel,
  KernelCall,
  KernelOf,
  Kernels,
  View,
} from "./backend.ts";
export { contractNumber } from "./backend.ts";
export type { AnomalyMode, Context, SavedTensorHooks, ScopeTracker } from "./context.ts";
export {
  defaultGenerator,
  enableGrad,
  getDefaultDevice,
  inRootContext,
  isGradEnabled,
  manualSeed,
  noGrad,
  runtime,
  setDefaultDevice,
  withContext,
} from "./context.ts";
export {
  arange,
  empty,
  eye,
  full,
  linspace,
  ones,
  type TensorData,
  type TensorOptions,
  tensor,
  zeros,
} from "./creation.ts";
export * from "./creation-like.ts";
export * from "./creation-random.ts";
export { dispatch, dispatchInto } from "./dispatch.ts";
export * from "./dtype.ts";
export { dispatchDynamic, dispatchDynamicSync } from "./dynamic.ts";
export * from "./einsum.ts";
export * from "./errors.ts";
export * from "./format.ts";
export * from "./functional/activation.ts";
export * from "./functional/adaptive-pool.ts";
export * from "./functional/avg-pool.ts";
export {
  type ConvOptions,
  conv1d,
  conv2d,
  conv3d,
} from "./functional/conv.ts";
export * from "./functional/conv-transpose.ts";
export * from "./functional/cross-entropy.ts";
export * from "./functional/dropout.ts";
export * from "./functional/elementwise.ts";
export * from "./functional/embedding.ts";
export {
  type BinaryCrossEntropyOptions,
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  huberLoss,
  type KlDivOptions,
  klDiv,
  type LossOptions,
  l1Loss,
  mseLoss,
  smoothL1Loss,
} from "./functional/loss.ts";
export * from "./functional/max-pool.ts";
export * from "./functional/methods.ts";
export * from "./functional/norm.ts";
export * from "./functional/piecewise.ts";
export type { Sizes } from "./functional/spatial.ts";
export { Generator } from "./generator.ts";
export * from "./integrals.ts";
export * from "./joining.ts";
export { meta } from "./meta-backend.ts";
export type { PadOptions } from "./methods/arrange.ts";
export type { CloseOptions } from "./methods/compare.ts";
export type { LikeOptions } from "./methods/convert.ts";
export type { Nested, Scalar } from "./methods/core.ts";
export type { Unique, UniqueOptions } from "./methods/masked.ts";
export type { GeneratorOption, MultinomialOption } from "./methods/random.ts";
export type {
  Dims,
  ReduceOptions,
  TypedReduceOptions,
  ValuesAndIndices,
  VarianceOptions,
} from "./methods/reduce.ts";
export type { AccumulateOption } from "./methods/select.ts";
export type { SliceRange } from "./methods/slice.ts";
export type { SearchOptions, SortOptions, TopkOptions } from "./methods/sort.ts";
export type { NanToNumOptions } from "./methods/special.ts";
export type {
  BincountOptions,
  CovarianceOptions,
  DiffOptions,
  HistogramOptions,
  QuantileOptions,
} from "./methods/statistics.ts";
export * from "./op.ts";
export * as ops from "./ops/index.ts";
export { cat, stack } from "./ops/join.ts";
export {
  type KeyAverage,
  type KeyAverageOptions,
  Profile,
  type ProfileEvent,
  type TableOptions,
} from "./profiler/profile.ts";
export { profile, recordFunction } from "./profiler/profiler.ts";
export * from "./random/index.ts";
export type * from "./recorder.ts";
export { tracksGrad } from "./recorder.ts";
export { keep, scope } from "./scope.ts";
export { type Index, Slice, slice } from "./select.ts";
export * from "./shape.ts";
export { exposedPasses, Storage } from "./storage.ts";
export { Tensor } from "./tensor.ts";
export { Workspace } from "./workspace.ts";
