// PyTorch's torch.nn.utils.
export { type ClipGradNormOptions, clipGradNorm_, clipGradValue_ } from "./clip-grad.ts";
export {
  type LayerSummary,
  type ModelSummary,
  type ModelSummaryOptions,
  modelSummary,
} from "./model-summary.ts";
export { parametersToVector, vectorToParameters } from "./parameters-vector.ts";
export * as rnn from "./rnn.ts";
export type { SummaryColumn } from "./summary-table.ts";
