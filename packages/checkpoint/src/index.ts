// safetensors on any platform, over bytes: re-exports only. Files stand under
// "@tead/checkpoint/node".
export type { CheckpointArray } from "./arrays.ts";
export { SafetensorsError } from "./errors.ts";
export {
  type Deserialized,
  type DeserializeOptions,
  deserialize,
  type SerializeOptions,
  serialize,
  type TensorBytes,
} from "./serialize.ts";
export type { CheckpointValue } from "./structure.ts";
export { type LoadOptions, load, save } from "./tensors.ts";
