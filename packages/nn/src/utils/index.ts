// PyTorch's torch.nn.utils.
export {
  type ClipGradNormOptions,
  clipGradNorm_,
  clipGradsWithNorm_,
  clipGradValue_,
  getTotalNorm,
} from "./clip-grad.ts";
export {
  type FuseConvOptions,
  type FusedWeights,
  fuseConvBnEval,
  fuseConvBnWeights,
  fuseLinearBnEval,
  fuseLinearBnWeights,
} from "./fusion.ts";
export {
  type LayerSummary,
  type ModelSummary,
  type ModelSummaryOptions,
  modelSummary,
} from "./model-summary.ts";
export { parametersToVector, vectorToParameters } from "./parameters-vector.ts";
export * as parametrizations from "./parametrizations.ts";
export * as parametrize from "./parametrize.ts";
export * as prune from "./prune.ts";
export * as rnn from "./rnn.ts";
export { type Initialized, skipInit } from "./skip-init.ts";
export { removeSpectralNorm, type SpectralNormOptions, spectralNorm } from "./spectral-norm.ts";
export type { SummaryColumn } from "./summary-table.ts";
export { removeWeightNorm, type WeightNormOptions, weightNorm } from "./weight-norm.ts";
