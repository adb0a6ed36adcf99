// PyTorch's torch.nn.functional, in camelCase.
export {
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from "@tead/tensor";
export { linear } from "./linear.ts";
export { type PaddingMode, type PadOptions, pad } from "./padding.ts";
