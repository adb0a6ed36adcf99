// What of PyTorch's files, safetensors and checkpoints touches files: re-exports only.
export type { SavableModule } from "./model/encode.ts";
export type { Classes } from "./model/registry.ts";
export { type CheckpointRecord, loadCheckpoint, saveCheckpoint } from "./node/checkpoint.ts";
export { loadFile, safeOpen, saveFile } from "./node/files.ts";
export {
  type LoadModelOptions,
  loadModel,
  type SaveModelOptions,
  saveModel,
} from "./node/model.ts";
export { load, save, torchOpen } from "./node/torch.ts";
export {
  type Resumed,
  type SaveOptions,
  type Stateful,
  TrainingRun,
  type TrainingRunOptions,
} from "./node/training-run.ts";
export {
  type FileContent,
  type WriteFileAtomicOptions,
  writeFileAtomic,
} from "./node/write-file-atomic.ts";
