// PyTorch's torch.nn.utils.
export { type ClipGradNormOptions, clipGradNorm_, clipGradValue_ } from "./clip-grad.ts";
export { parametersToVector, vectorToParameters } from "./parameters-vector.ts";
export * as rnn from "./rnn.ts";
