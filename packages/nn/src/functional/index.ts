// PyTorch's torch.nn.functional, in camelCase. What computes is in @tead/tensor; here it stands
// together.
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2d,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3d,
  adaptiveMaxPool3dWithIndices,
  alphaDropout,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  batchNorm,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  celu,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  crossEntropy,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  elu,
  featureAlphaDropout,
  gelu,
  glu,
  groupNorm,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  huberLoss,
  instanceNorm,
  klDiv,
  l1Loss,
  layerNorm,
  leakyRelu,
  logSoftmax,
  logsigmoid,
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
  mish,
  mseLoss,
  nllLoss,
  pad,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  smoothL1Loss,
  softmax,
  softplus,
  softshrink,
  softsign,
  tanh,
  tanhshrink,
  threshold,
} from "@tead/tensor";
export { type AttentionOptions, scaledDotProductAttention } from "./attention.ts";
export { bilinear } from "./bilinear.ts";
export { channelShuffle, type RmsNormOptions, rmsNorm } from "./channels.ts";
export { type CtcLossOptions, ctcLoss, type Lengths } from "./ctc.ts";
export {
  type CosineSimilarityOptions,
  cosineEmbeddingLoss,
  cosineSimilarity,
  type MarginOption,
  type PairwiseDistanceOptions,
  pairwiseDistance,
  type TripletMarginOptions,
  tripletMarginLoss,
} from "./distance.ts";
export { type EmbeddingFunctionOptions, embedding } from "./embedding.ts";
export {
  type EmbeddingBagMode,
  type EmbeddingBagOptions,
  embeddingBag,
  type MaxNormOptions,
} from "./embedding-bag.ts";
export { type FoldOptions, fold, unfold } from "./fold.ts";
export {
  type FractionalMaxPoolOptions,
  fractionalMaxPool2d,
  fractionalMaxPool2dWithIndices,
  fractionalMaxPool3d,
  fractionalMaxPool3dWithIndices,
} from "./fractional-max-pool.ts";
export {
  type AffineGridOptions,
  affineGrid,
  type GridSampleOptions,
  gridSample,
} from "./grid-sample.ts";
export {
  celu_,
  elu_,
  hardtanh_,
  leakyRelu_,
  relu_,
  rrelu_,
  selu_,
  threshold_,
} from "./in-place.ts";
export {
  type InterpolateOptions,
  type InterpolationMode,
  interpolate,
} from "./interpolate.ts";
export {
  type GaussianNllLossOptions,
  gaussianNllLoss,
  type PoissonNllLossOptions,
  poissonNllLoss,
} from "./likelihood.ts";
export { linear } from "./linear.ts";
export {
  type LinearCrossEntropyFunctionOptions,
  linearCrossEntropy,
} from "./linear-cross-entropy.ts";
export {
  type ClassWeightOption,
  hingeEmbeddingLoss,
  type MultiMarginOptions,
  marginRankingLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
} from "./margin.ts";
export {
  type MaxUnpoolOptions,
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
} from "./max-unpool.ts";
export { type NormalizeOptions, normalize, softmin } from "./normalize.ts";
export { type RReLUFunctionOptions, type RReLUOptions, rrelu } from "./rrelu.ts";
export { type GumbelSoftmaxOptions, gumbelSoftmax, oneHot, pdist } from "./sampling.ts";
export {
  type DistanceFunction,
  type TripletMarginWithDistanceOptions,
  tripletMarginWithDistanceLoss,
} from "./triplet-distance.ts";
export {
  type LocalResponseNormOptions,
  type LpPoolOptions,
  localResponseNorm,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  pixelShuffle,
  pixelUnshuffle,
} from "./vision.ts";
