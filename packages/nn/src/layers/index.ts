// The layers, one family a file.
export {
  Hardsigmoid,
  Hardswish,
  LogSigmoid,
  Mish,
  ReLU,
  ReLU6,
  SELU,
  Sigmoid,
  SiLU,
  Softsign,
  Tanh,
  Tanhshrink,
} from "./activation.ts";
export {
  CELU,
  type CELUOptions,
  ELU,
  type ELUOptions,
  GELU,
  type GELUOptions,
  LeakyReLU,
  type LeakyReLUOptions,
  Softplus,
  type SoftplusOptions,
} from "./activation-factors.ts";
export {
  Hardshrink,
  type HardshrinkOptions,
  Hardtanh,
  type HardtanhOptions,
  Softshrink,
  type SoftshrinkOptions,
  Threshold,
} from "./activation-limits.ts";
export {
  MultiheadAttention,
  type MultiheadAttentionForward,
  type MultiheadAttentionOptions,
  NonDynamicallyQuantizableLinear,
} from "./attention.ts";
export type { AttentionMasks } from "./attention-masks.ts";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
} from "./avg-pool.ts";
export { BatchNorm1d, BatchNorm2d, BatchNorm3d } from "./batch-norm.ts";
export { Bilinear, type BilinearOptions } from "./bilinear.ts";
export { ChannelShuffle, CrossMapLRN2d } from "./channels.ts";
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ZeroPad1d,
  ZeroPad3d,
} from "./circular-padding.ts";
export { Conv1d, Conv2d, Conv3d, type ConvLayerOptions, type PaddingMode } from "./conv.ts";
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeLayerOptions,
} from "./conv-transpose.ts";
export { CosineSimilarity, PairwiseDistance } from "./distance.ts";
export {
  AlphaDropout,
  Dropout,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  type DropoutLayerOptions,
  FeatureAlphaDropout,
} from "./dropout.ts";
export { Embedding, type EmbeddingLayerOptions } from "./embedding.ts";
export { EmbeddingBag, type EmbeddingBagLayerOptions } from "./embedding-bag.ts";
export type { FactoryOptions } from "./factory.ts";
export { Fold, Unfold } from "./fold.ts";
export {
  FractionalMaxPool2d,
  FractionalMaxPool3d,
  type FractionalMaxPoolLayerOptions,
} from "./fractional-max-pool.ts";
export type { InPlaceOption } from "./in-place.ts";
export { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d } from "./instance-norm.ts";
export {
  LazyBatchNorm1d,
  LazyBatchNorm2d,
  LazyBatchNorm3d,
  LazyInstanceNorm1d,
  LazyInstanceNorm2d,
  LazyInstanceNorm3d,
  LazyLinear,
} from "./lazy.ts";
export {
  LazyConv1d,
  LazyConv2d,
  LazyConv3d,
  LazyConvTranspose1d,
  LazyConvTranspose2d,
  LazyConvTranspose3d,
} from "./lazy-conv.ts";
export { Identity, Linear, type LinearOptions } from "./linear.ts";
export {
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  type MaxPoolLayerOptions,
  type MaxPoolOutput,
} from "./max-pool.ts";
export {
  MaxUnpool1d,
  MaxUnpool2d,
  MaxUnpool3d,
  type MaxUnpoolArgs,
  type MaxUnpoolLayerOptions,
} from "./max-unpool.ts";
export { GroupNorm, type GroupNormOptions, LayerNorm, type LayerNormOptions } from "./norm.ts";
export {
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  type Padding,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  ZeroPad2d,
} from "./padding.ts";
export { RMSNorm, type RMSNormOptions } from "./rms-norm.ts";
export { RNN, type RNNOptions } from "./rnn.ts";
export type { RecurrentOptions, RecurrentState } from "./rnn-base.ts";
export {
  GRUCell,
  LSTMCell,
  type RecurrentCellOptions,
  RNNCell,
  type RNNCellOptions,
} from "./rnn-cell.ts";
export { GRU, type GRUOptions } from "./rnn-gru.ts";
export { LSTM, type LSTMOptions, type LSTMState } from "./rnn-lstm.ts";
export { RReLU, type RReLULayerOptions } from "./rrelu.ts";
export type { BatchNormLayerOptions } from "./running-norm.ts";
export { Flatten, type FlattenOptions, Unflatten } from "./shape.ts";
export {
  GLU,
  type GLUOptions,
  LogSoftmax,
  PReLU,
  type PReLUOptions,
  Softmax,
  Softmax2d,
  type SoftmaxOptions,
  Softmin,
} from "./softmax.ts";
export { Transformer, type TransformerMasks, type TransformerOptions } from "./transformer.ts";
export {
  type DecoderMasks,
  TransformerDecoder,
  TransformerDecoderLayer,
} from "./transformer-decoder.ts";
export {
  type EncoderLayerMasks,
  type EncoderMasks,
  TransformerEncoder,
  TransformerEncoderLayer,
  type TransformerStackOptions,
} from "./transformer-encoder.ts";
export type { TransformerActivation, TransformerLayerOptions } from "./transformer-parts.ts";
export {
  Upsample,
  type UpsampleOptions,
  UpsamplingBilinear2d,
  UpsamplingNearest2d,
  type UpsamplingOptions,
} from "./upsample.ts";
export {
  LocalResponseNorm,
  LPPool1d,
  LPPool2d,
  LPPool3d,
  PixelShuffle,
  PixelUnshuffle,
} from "./vision.ts";
