// The losses.
export {
  type AdaptiveLogSoftmaxOptions,
  type AdaptiveLogSoftmaxOutput,
  AdaptiveLogSoftmaxWithLoss,
} from "./adaptive-softmax.ts";
export {
  BCELoss,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  KLDivLoss,
  NLLLoss,
} from "./classification.ts";
export { CTCLoss } from "./ctc.ts";
export { GaussianNLLLoss, PoissonNLLLoss } from "./likelihood.ts";
export {
  LinearCrossEntropyLoss,
  type LinearCrossEntropyLossOptions,
} from "./linear-cross-entropy.ts";
export { Loss, type Reduction } from "./loss.ts";
export {
  CosineEmbeddingLoss,
  HingeEmbeddingLoss,
  MarginRankingLoss,
  MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss,
  MultiMarginLoss,
  SoftMarginLoss,
  TripletMarginLoss,
} from "./margin.ts";
export {
  HuberLoss,
  type HuberLossOptions,
  L1Loss,
  MSELoss,
  SmoothL1Loss,
  type SmoothL1LossOptions,
} from "./regression.ts";
export {
  type Distance,
  TripletMarginWithDistanceLoss,
  type TripletMarginWithDistanceLossOptions,
} from "./triplet-distance.ts";
