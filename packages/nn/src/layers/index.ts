// The layers, one family a file.
export { Conv1d, Conv2d, Conv3d, type ConvLayerOptions } from "./conv.ts";
export type { FactoryOptions } from "./factory.ts";
export { Identity, Linear, type LinearOptions } from "./linear.ts";
