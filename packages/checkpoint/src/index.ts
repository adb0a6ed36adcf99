// PyTorch's files and safetensors on any platform: re-exports only. Files stand under
// "@tead/checkpoint/node".
export type { CheckpointArray } from "./arrays.ts";
export type { BlobLike, ByteSource, Readable, UrlLike } from "./bytes/source.ts";
export { type CheckpointRecord, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
export { CheckpointError, SafetensorsError, TorchFileError } from "./errors.ts";
export type { SavableModule } from "./model/encode.ts";
export {
  type LoadModelOptions,
  loadModel,
  type SaveModelOptions,
  saveModel,
} from "./model/model.ts";
export type { Classes } from "./model/registry.ts";
export { SafeFile, type SafeTensorInfo, safeOpen } from "./safe-file.ts";
export { SafeShards, type ShardedOptions, safeOpenSharded } from "./safe-shards.ts";
export {
  type Deserialized,
  type DeserializeOptions,
  deserialize,
  type SerializeOptions,
  serialize,
  type TensorBytes,
} from "./serialize.ts";
export type { CheckpointValue } from "./structure.ts";
export { type LoadOptions, loadSafetensors, saveSafetensors } from "./tensors.ts";
export { load } from "./torch/load.ts";
export type { MapLocation } from "./torch/make-tensors.ts";
export { save } from "./torch/save.ts";
export { type StoredStorage, StoredTensor } from "./torch/stored-tensor.ts";
export {
  TorchFile,
  type TorchLoadOptions,
  type TorchOpenOptions,
  torchOpen,
} from "./torch/torch-file.ts";
export {
  Float,
  orderedDict,
  Size,
  TorchDevice,
  TorchDType,
  type TorchValue,
  Tuple,
} from "./torch/values.ts";
export {
  type DirectoryHandleLike,
  directoryStore,
  type FileHandleLike,
} from "./training/directory-store.ts";
export type { RunStore } from "./training/run-store.ts";
export {
  type Resumed,
  type ResumeOptions,
  type SaveOptions,
  type Stateful,
  TrainingRun,
  type TrainingRunOptions,
} from "./training/training-run.ts";
