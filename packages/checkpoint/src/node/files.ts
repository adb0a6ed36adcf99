// Whole safetensors files: saved atomically, loaded after they were checked.
import { dirname, join } from "node:path";
import type { Tensor } from "@tead/tensor";
import type { Readable } from "../bytes/source.ts";
import { openSafeFile, type SafeFile } from "../safe-file.ts";
import {
  openShards,
  type SafeShards,
  type ShardedOptions,
  safeOpenSharded as safeOpenShardedAnywhere,
} from "../safe-shards.ts";
import { type SerializeOptions, serializeParts } from "../serialize.ts";
import { type LoadOptions, readTensors } from "../tensors.ts";
import { anySource, fileSource } from "./file-source.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

/**
 * Saves tensors as a safetensors file. They are read as they are at the call. The file is written
 * under another name and renamed: whatever happens, under `path` there is the old file or the new
 * one, whole.
 *
 * **dtypes**: all; a tensor comes back with the dtype it had, bit for bit.
 *
 * @param tensors - By name, such as a state dict.
 * @param path - The file to make or to replace.
 * @param options - `metadata`: strings to keep beside them.
 * @throws RangeError if a name is reserved or is not Unicode text.
 * @throws Error that names the file and the offset if it cannot be written.
 * @see https://huggingface.co/docs/safetensors/api/torch#safetensors.torch.save_file
 * @example
 * import assert from "node:assert/strict";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { cpu } from "@tead/backend-cpu";
 * import { loadFile, saveFile } from "@tead/checkpoint/node";
 * import { arange, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const path = join(mkdtempSync(join(tmpdir(), "tead-")), "weights.safetensors");
 * await saveFile({ "layer.weight": arange(4) }, path, { metadata: { epoch: "3" } });
 * const tensors = await loadFile(path);
 * assert.deepEqual(await tensors["layer.weight"]!.tolist(), [0, 1, 2, 3]);
 */
export async function saveFile(
  tensors: Readonly<Record<string, Tensor>>,
  path: string,
  options: SerializeOptions = {},
): Promise<void> {
  await writeFileAtomic(path, serializeParts(await readTensors(tensors), options));
}

/**
 * The tensors of a safetensors file, by name, in the order of the file. They do not require
 * gradients.
 *
 * @param path - The file.
 * @param options - `device`: where they go. Default: the default device.
 * @throws SafetensorsError if the file is not sound; then nothing is returned.
 * @see https://huggingface.co/docs/safetensors/api/torch#safetensors.torch.load_file
 */
export async function loadFile(
  path: string,
  options: LoadOptions = {},
): Promise<Record<string, Tensor>> {
  const file = await openSafeFile("loadFile", await fileSource(path), options);
  try {
    const tensors: [string, Tensor][] = [];
    for (const name of file.keys()) {
      tensors.push([name, await file.read("loadFile", name)]);
    }
    return Object.fromEntries(tensors);
  } finally {
    await file.close();
  }
}

/**
 * Opens a safetensors file without reading its tensors: `safeOpen` of the main entry, with paths.
 *
 * @param input - A path or `file:` URL, or what the main entry's `safeOpen` takes.
 * @param options - `device`: where tensors go. Default: the default device.
 * @throws SafetensorsError if the header does not describe every byte of the file.
 * @see https://huggingface.co/docs/safetensors/api/torch#safetensors.safe_open
 */
export async function safeOpen(
  input: string | Readable,
  options: LoadOptions = {},
): Promise<SafeFile> {
  return openSafeFile("safeOpen", await anySource("safeOpen", input), options);
}

/**
 * Opens a model in several safetensors files by its index: `safeOpenSharded` of the main entry,
 * with paths.
 *
 * @param index - The path of `model.safetensors.index.json`, beside which the files lie, or what
 * the main entry's `safeOpenSharded` takes.
 * @param options - `device`, `shard`.
 * @throws SafetensorsError if the index is damaged, or names a file outside its folder.
 * @see https://huggingface.co/docs/safetensors/metadata_parsing
 */
export async function safeOpenSharded(
  index: string | Readable,
  options: ShardedOptions = {},
): Promise<SafeShards> {
  if (typeof index !== "string") return safeOpenShardedAnywhere(index, options);
  const { shard = (file: string) => join(dirname(index), file) } = options;
  return openShards(await fileSource(index), options, async (file) =>
    anySource("safeOpenSharded", await shard(file)),
  );
}
