// All that the wrappers in src/wasm/ call.
export * from "./activation";
export * from "./attention";
export * from "./batch-norm";
export * from "./conv";
export * from "./conv-depthwise";
export * from "./convert";
export * from "./copy";
export * from "./divide";
export * from "./elementwise";
export * from "./integer";
export * from "./layer-norm";
export * from "./logic";
export * from "./matmul";
export * from "./optimizer";
export * from "./pack";
export * from "./pool";
export * from "./random";
export * from "./reduce";
export * from "./rnn";
export * from "./softmax";
export * from "./tile";
export * from "./softmax-columns";
export * from "./vector";
export * from "./winograd";
export * from "./winograd-weight";
export { setScratch } from "./common";

/** The first byte that the kernels' own constants do not use: scratch memory starts here. */
export function heapBase(): usize {
  return __heap_base;
}
