// torch.save: a value as the parts of a file in PyTorch's zip format.
import { type Storage, UnsupportedError } from "@tead/tensor";
import { concat } from "../bytes/concat.ts";
import { bytesOf } from "../bytes/elements.ts";
import { pickle } from "./pickle.ts";
import { zipParts } from "./zip-writer.ts";

/** The parts of the file, in order. Everything is read as it is at the call. @internal */
export async function torchParts(op: string, value: unknown): Promise<Iterable<Uint8Array>> {
  const { bytes, storages } = pickle(op, value);
  // All reads begin before the first is awaited: nothing that runs meanwhile shows.
  const elements = await Promise.all(storages.map((storage) => readStorage(op, storage)));
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  return zipParts([
    { name: "archive/data.pkl", parts: [bytes] },
    { name: "archive/byteorder", parts: [text("little")] },
    ...elements.map((part, i) => ({ name: `archive/data/${i}`, parts: [part] })),
    { name: "archive/version", parts: [text("3\n")] },
  ]);
}

async function readStorage(op: string, { device, buffer, count }: Storage): Promise<Uint8Array> {
  if (count === 0) return new Uint8Array();
  const elements = await device.read(buffer, 0, count);
  if (littleEndian) return bytesOf(elements);
  throw new UnsupportedError(`${op}: Cannot save: expected a little-endian machine`);
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * A value in PyTorch's zip format: PyTorch's `torch.save`, and what its `torch.load` reads, also
 * with `weights_only=True`. Storages that tensors share are saved once, and as a whole: a small
 * view of a large tensor takes the large tensor's place; save `view.clone()` where that matters.
 * Everything is read as it is at the call.
 *
 * | JavaScript | Python |
 * |---|---|
 * | null, boolean, string | None, bool, str |
 * | number that is a safe integer, bigint | int |
 * | any other number (also -0), {@link Float} | float |
 * | array, {@link Tuple}, {@link Size} | list, tuple, `torch.Size` |
 * | record, `Map` | dict; `OrderedDict` or `Counter` where `load` read one, or {@link orderedDict} says so |
 * | `Set`, `Uint8Array` | set, bytes |
 * | `Parameter` of @tead/nn, other tensor | `nn.Parameter`, `Tensor` |
 * | {@link TorchDType}, {@link TorchDevice} | `torch.dtype`, `torch.device` |
 *
 * A property that is `undefined` is left out.
 *
 * **dtypes**: all; a tensor comes back with the dtype it had, bit for bit.
 *
 * @param value - What to save: a tensor, a state dict, values nested as you like.
 * @throws TypeError if it holds anything else, or itself; the message names the path.
 * @see https://pytorch.org/docs/stable/generated/torch.save.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { load, save } from "@tead/checkpoint";
 * import { setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const bytes = await save({ weight: tensor([1.5, 2]), epoch: 3 });
 * const saved = await load<{ weight: Tensor; epoch: number }>(bytes);
 * assert.deepEqual(await saved.weight.tolist(), [1.5, 2]);
 */
export async function save(value: unknown): Promise<Uint8Array<ArrayBuffer>> {
  return concat(await torchParts("save", value));
}
