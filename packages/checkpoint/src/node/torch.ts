// torch.save and torch.load with paths.
import type { Readable } from "../bytes/source.ts";
import { torchParts } from "../torch/save.ts";
import {
  loadSource,
  openTorchFile,
  type TorchFile,
  type TorchLoadOptions,
  type TorchOpenOptions,
} from "../torch/torch-file.ts";
import type { TorchValue } from "../torch/values.ts";
import { anySource } from "./file-source.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

/**
 * Saves a value as a file that PyTorch's `torch.load` reads, also with `weights_only=True`. Under
 * `path` there is the old file or the new one, whole, whatever happens.
 *
 * What becomes of each value, and what is refused: see `save` of the package's main entry.
 *
 * **dtypes**: all, bit for bit.
 *
 * @param value - What to save: a tensor, a state dict, values nested as you like.
 * @param path - The file to make or to replace.
 * @throws TypeError if it holds what Python could not read; the message names the path in it.
 * @throws Error that names the file and the offset if it cannot be written.
 * @see https://pytorch.org/docs/stable/generated/torch.save.html
 * @example
 * import assert from "node:assert/strict";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { cpu } from "@tead/backend-cpu";
 * import { load, save } from "@tead/checkpoint/node";
 * import { setDefaultDevice, type Tensor, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const path = join(mkdtempSync(join(tmpdir(), "tead-")), "model.pt");
 * await save({ "fc.weight": zeros([10, 4]) }, path);
 * const state = await load<Record<string, Tensor>>(path);
 * assert.deepEqual(state["fc.weight"]!.shape, [10, 4]);
 */
export async function save(value: unknown, path: string): Promise<void> {
  await writeFileAtomic(path, await torchParts("save", value));
}

/**
 * What `torch.save` wrote, from a file: see `load` of the package's main entry for what becomes of
 * Python's values.
 *
 * @typeParam T - What the file is known to hold; nothing checks it.
 * @param input - A path or `file:` URL, or what the main entry's `load` takes.
 * @param options - `mapLocation`, `memoryLimit`, `verify`.
 * @throws TorchFileError at what is damaged or not allowed; it names the file and the byte offset.
 * @see https://pytorch.org/docs/stable/generated/torch.load.html
 */
export async function load<T = TorchValue>(
  input: string | Readable,
  options: TorchLoadOptions = {},
): Promise<T> {
  return loadSource("load", await anySource("load", input), options);
}

/**
 * Opens a file of PyTorch's without reading its tensors: `torchOpen` of the main entry, with paths.
 *
 * @param input - A path or `file:` URL, or what the main entry's `torchOpen` takes.
 * @param options - `memoryLimit`, `verify`.
 * @throws TorchFileError at what is damaged or not allowed.
 */
export async function torchOpen<T = TorchValue>(
  input: string | Readable,
  options: TorchOpenOptions = {},
): Promise<TorchFile<T>> {
  return openTorchFile(await anySource("torchOpen", input), options);
}
