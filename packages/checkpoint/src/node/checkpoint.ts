// Checkpoints of a training run in files.
import type { Readable } from "../bytes/source.ts";
import { type CheckpointRecord, checkpointParts, readCheckpoint } from "../checkpoint.ts";
import type { LoadOptions } from "../tensors.ts";
import { anySource } from "./file-source.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

/**
 * Saves a nested value with all its tensors as one file, atomically: state dicts of model and
 * optimizer, scheduler, epoch, generator state. Everything is read as it is at the call. It is a
 * safetensors file: other programs find the tensors under their path, such as `model.conv1.weight`.
 *
 * @param path - The file to make or to replace.
 * @param state - Records, arrays, maps, numbers, bigints, strings, booleans, null, typed arrays and
 * tensors, nested as you like. A tensor that stands in two places is stored once. A property that
 * is `undefined` is left out.
 * @throws TypeError if it holds anything else, or itself; the message names the path.
 * @throws Error that names the file and the offset if it cannot be written.
 * @see https://pytorch.org/tutorials/beginner/saving_loading_models.html#save
 * @example
 * import assert from "node:assert/strict";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { cpu } from "@tead/backend-cpu";
 * import { loadCheckpoint, saveCheckpoint } from "@tead/checkpoint/node";
 * import { setDefaultDevice, type Tensor, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const path = join(mkdtempSync(join(tmpdir(), "tead-")), "last.ckpt");
 * await saveCheckpoint(path, { model: { weight: zeros([2, 3]) }, epoch: 4, lr: [0.1, 0.01] });
 * const state = await loadCheckpoint<{ model: Record<string, Tensor>; epoch: number }>(path);
 * assert.equal(state.epoch, 4);
 * assert.deepEqual(state.model["weight"]!.shape, [2, 3]);
 */
export async function saveCheckpoint(path: string, state: object): Promise<void> {
  await writeFileAtomic(path, await checkpointParts("saveCheckpoint", state));
}

/**
 * The nested value that {@link saveCheckpoint} saved: `loadCheckpoint` of the main entry, with
 * paths. Nothing is returned unless the whole file is sound.
 *
 * @typeParam T - What the checkpoint is known to hold; nothing checks it.
 * @param input - A path or `file:` URL, or what the main entry's `loadCheckpoint` takes.
 * @param options - `device`: where tensors go. Default: the default device.
 * @throws SafetensorsError if the file is damaged.
 * @throws StateError if it is a safetensors file without a structure: `loadFile` reads those.
 * @throws UnsupportedError if a newer version wrote it.
 * @see https://pytorch.org/tutorials/beginner/saving_loading_models.html#load
 */
export async function loadCheckpoint<T extends object = CheckpointRecord>(
  input: string | Readable,
  options: LoadOptions = {},
): Promise<T> {
  const source = await anySource("loadCheckpoint", input);
  return readCheckpoint("loadCheckpoint", source, options);
}
