// What of PyTorch's files, safetensors and checkpoints touches files: re-exports only.
export { type CheckpointRecord, loadCheckpoint, saveCheckpoint } from "./node/checkpoint.ts";
export { loadFile, saveFile } from "./node/files.ts";
export { SafeFile, type SafeTensorInfo, safeOpen } from "./node/safe-file.ts";
export { load, save, torchOpen } from "./node/torch.ts";
export {
  type FileContent,
  type WriteFileAtomicOptions,
  writeFileAtomic,
} from "./node/write-file-atomic.ts";
