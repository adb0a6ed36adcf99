// What of PyTorch's files, safetensors and checkpoints touches files: re-exports only.

export type { CheckpointRecord } from "./checkpoint.ts";
export type { SavableModule } from "./model/encode.ts";
export type { LoadModelOptions, SaveModelOptions } from "./model/model.ts";
export type { Classes } from "./model/registry.ts";
export { loadCheckpoint, saveCheckpoint } from "./node/checkpoint.ts";
export { loadFile, safeOpen, safeOpenSharded, saveFile } from "./node/files.ts";
export { folderStore } from "./node/folder-store.ts";
export { loadModel, saveModel } from "./node/model.ts";
export { load, save, torchOpen } from "./node/torch.ts";
export { TrainingRun } from "./node/training-run.ts";
export {
  type FileContent,
  type WriteFileAtomicOptions,
  writeFileAtomic,
} from "./node/write-file-atomic.ts";
export type { RunStore } from "./training/run-store.ts";
export type {
  Resumed,
  ResumeOptions,
  SaveOptions,
  Stateful,
  TrainingRunOptions,
} from "./training/training-run.ts";
