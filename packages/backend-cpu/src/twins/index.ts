// The TypeScript twins of all kernels in src/wasm, under the same names.

export { activationF32, activationGradF32 } from "./activation.ts";
export {
  type AttentionGradIn,
  type AttentionGradOut,
  type AttentionIn,
  type AttentionOut,
  type AttentionSizes,
  attentionF32,
  attentionGradF32,
  type Heads,
  type KeptWeights,
  type ScoreMask,
} from "./attention.ts";
export { batchNormF32, batchNormGradF32, momentsF32, scaleShiftF32 } from "./batch-norm.ts";
export { convF32, convGradInputF32, convGradWeightF32 } from "./conv.ts";
export { binaryF32, compareF32, scalarF32, unaryF32 } from "./elementwise.ts";
export { layerNormF32, layerNormGradF32 } from "./layer-norm.ts";
export { matmulBatchF32, matmulF32 } from "./matmul.ts";
export { normalizeGrad as normalizeGradF32 } from "./norm.ts";
export { adagradStepF32, adamStepF32, rmspropStepF32, sgdStepF32 } from "./optimizer.ts";
export { avgPool2dF32, avgPool2dGradF32, maxPool2dF32, maxPool2dGradF32 } from "./pool.ts";
export { argF32, reduceF32 } from "./reduce.ts";
export {
  type GruGradIn,
  type GruGradOut,
  type GruIn,
  type GruOut,
  gruSequenceF32,
  gruSequenceGradF32,
  type LstmGradIn,
  type LstmGradOut,
  type LstmIn,
  type LstmOut,
  lstmSequenceF32,
  lstmSequenceGradF32,
  rnnSequenceF32,
  rnnSequenceGradF32,
  type Sequence,
} from "./rnn.ts";
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
