// The public face of @tead/transforms: re-exports only. Images without tensors: "@tead/transforms/image".
export { applyTransform, type Transform, type TransformLike } from "./transform.ts";
export { Compose, type InputOf, Lambda, type Misfit, type OutputOf } from "./transforms/compose.ts";
export { CenterCrop, RandomCrop, type RandomCropOptions } from "./transforms/crop.ts";
export { RandomHorizontalFlip, type RandomHorizontalFlipOptions } from "./transforms/flip.ts";
export { Resize, type ResizeOptions } from "./transforms/resize.ts";
export type { Size, Subject } from "./transforms/subject.ts";
export {
  Normalize,
  type NormalizeOptions,
  ToTensor,
  type ToTensorOptions,
} from "./transforms/to-tensor.ts";
