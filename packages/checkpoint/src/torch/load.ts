// torch.load over bytes, Blobs and URLs.
import { type Readable, sourceOf } from "../bytes/source.ts";
import { loadSource, type TorchLoadOptions } from "./torch-file.ts";
import type { TorchValue } from "./values.ts";

/**
 * What `torch.save` wrote, in PyTorch 0.1 to 2.x or here: PyTorch's `torch.load` with
 * `weights_only=True`. Strides and shared storages stay as they were; parameters, and tensors that
 * required a gradient, require one.
 *
 * | Python | JavaScript |
 * |---|---|
 * | None, bool, str, bytes, set | null, boolean, string, `Uint8Array`, `Set` |
 * | int | number; bigint where it is no safe integer |
 * | float | number |
 * | list, tuple, `torch.Size` | array, {@link Tuple}, {@link Size} (both are arrays) |
 * | dict, `OrderedDict` | record where all keys are strings, else `Map` |
 * | `Counter` | `Map` |
 * | `torch.dtype`, `torch.device` | {@link TorchDType}, {@link TorchDevice} |
 *
 * Nothing in a file is run: a name that is not on the allow-list is refused, by name.
 *
 * **dtypes**: all that there are here; complex and quantized tensors are refused.
 *
 * @typeParam T - What the file is known to hold; nothing checks it.
 * @param input - Bytes, a `Blob` or `File`, an http(s) `URL`.
 * @param options - `mapLocation`, `memoryLimit`, `verify`.
 * @throws TorchFileError at what is damaged or not allowed; it names the file and the byte offset.
 * @see https://pytorch.org/docs/stable/generated/torch.load.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { load, save } from "@tead/checkpoint";
 * import { arange, setDefaultDevice, type Tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const weight = arange(6, { dtype: "float32" }).reshape([2, 3]);
 * const bytes = await save({ weight, row: weight.narrow(0, 1, 1), epoch: 3 });
 * const { row, epoch } = await load<{ weight: Tensor; row: Tensor; epoch: number }>(bytes);
 * assert.deepEqual(await row.tolist(), [[3, 4, 5]]);
 * assert.equal(row.storage.count, 6);
 * assert.equal(epoch, 3);
 */
export async function load<T = TorchValue>(
  input: Readable,
  options: TorchLoadOptions = {},
): Promise<T> {
  return loadSource("load", await sourceOf("load", input), options);
}
