// Tensors to and from safetensors bytes.
import { type Backend, empty, type Tensor } from "@tead/tensor";
import { bytesOf, elementsOf } from "./bytes/elements.ts";
import { readBytes, type SerializeOptions, serialize, type TensorBytes } from "./serialize.ts";

/** Options of the functions that read tensors. */
export interface LoadOptions {
  /** Where the tensors go. Default: the default device. */
  readonly device?: Backend;
}

/**
 * The tensors as a safetensors file. All are read as they are at the call, from whatever device
 * they live on; views are stored on their own, without what they are views of.
 *
 * **dtypes**: all; a tensor comes back with the dtype it had, bit for bit.
 *
 * @param tensors - By name, such as a state dict.
 * @param options - `metadata`: strings to keep beside them.
 * @throws RangeError if a name is reserved or is not Unicode text.
 * @see https://huggingface.co/docs/safetensors/api/torch#safetensors.torch.save
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { loadSafetensors, saveSafetensors } from "@tead/checkpoint";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const bytes = await saveSafetensors({ weight: tensor([[1, 2], [3, 4.5]]) });
 * const { weight } = loadSafetensors(bytes);
 * assert.deepEqual(await weight!.tolist(), [[1, 2], [3, 4.5]]);
 */
export async function saveSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  options: SerializeOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return serialize(await readTensors(tensors), options);
}

/**
 * The tensors of a safetensors file, by name, in the order of the file. The whole file is checked
 * before a tensor is made. They do not require gradients.
 *
 * @param bytes - A whole file.
 * @param options - `device`.
 * @throws SafetensorsError if the bytes are not a sound safetensors file.
 * @see https://huggingface.co/docs/safetensors/api/torch#safetensors.torch.load
 */
export function loadSafetensors(
  bytes: Uint8Array,
  { device }: LoadOptions = {},
): Record<string, Tensor> {
  const { tensors } = readBytes("loadSafetensors", bytes, "<bytes>");
  const made = Object.entries(tensors).map(([name, each]) => [name, makeTensor(each, device)]);
  return Object.fromEntries(made) as Record<string, Tensor>;
}

/** The bytes of all tensors, as they are at the time of the call. */
export async function readTensors(
  tensors: Readonly<Record<string, Tensor>>,
): Promise<Record<string, TensorBytes>> {
  // All reads begin before the first is awaited: nothing that runs meanwhile shows.
  const reads = Object.entries(tensors).map(async ([name, tensor]) => {
    const { dtype, shape } = tensor;
    return [name, { dtype, shape, data: bytesOf(await tensor.bits()) }] as const;
  });
  return Object.fromEntries(await Promise.all(reads));
}

/** A tensor of its own with the given bytes. */
export function makeTensor({ dtype, shape, data }: TensorBytes, device?: Backend): Tensor {
  const tensor = empty(shape, { dtype, device });
  if (data.length > 0)
    tensor.device.write(tensor.buffer, tensor.offset, elementsOf(dtype, data, false));
  return tensor;
}
