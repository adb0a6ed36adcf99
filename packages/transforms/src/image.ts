// The entry "@tead/transforms/image": uint8 images and what can be done to them without a tensor.
// Re-exports only; needs neither `node:` modules nor the DOM nor @tead/tensor.
export { convertChannels } from "./image/convert.ts";
export { type DecodeOptions, decodeImage, type ImageDecoder } from "./image/decoder.ts";
export { FileFormatError } from "./image/file-format-error.ts";
export { crop, hflip, vflip } from "./image/geometry.ts";
export { type Channels, Image } from "./image/image.ts";
export { type Padding, type PaddingMode, type PadOptions, pad } from "./image/pad.ts";
export { resize } from "./image/resize.ts";
export { applyTransform, type Transform, type TransformLike } from "./transform.ts";
