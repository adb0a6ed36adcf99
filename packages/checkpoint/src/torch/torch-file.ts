// A file of PyTorch's that stays open: its values in memory, its tensors read when asked for.
import { inRootContext, type Storage, type Tensor } from "@tead/tensor";
import { type ByteSource, guarded, type Readable, sourceOf } from "../bytes/source.ts";
import { TorchFileError } from "../errors.ts";
import type { Archive, OpenContext } from "./archive.ts";
import { openLegacy } from "./legacy-format.ts";
import {
  deviceFor,
  type MapLocation,
  metaTensor,
  readStorage,
  tensorOver,
} from "./make-tensors.ts";
import type { Budget } from "./pickle-reader.ts";
import type { StoredStorage, StoredTensor } from "./stored-tensor.ts";
import { isTar, openTar } from "./tar-format.ts";
import { maxDepth, storedTensors, toJavaScript } from "./to-javascript.ts";
import type { TorchValue } from "./values.ts";
import { openZip } from "./zip-format.ts";

/** Options of `torchOpen`. */
export interface TorchOpenOptions {
  /**
   * What the file's values other than tensors' elements may take in memory, in bytes, about.
   * Default: twice the file's size and 16 MiB, so that a small hostile file cannot fill it.
   */
  readonly memoryLimit?: number;
  /** Whether checksums are compared, where the file has them. Default true. */
  readonly verify?: boolean;
}

/** Options of `load`. */
export interface TorchLoadOptions extends TorchOpenOptions {
  /** Where tensors go. Default: the default device. */
  readonly mapLocation?: MapLocation;
}

/** A source that is open under the name of the function that the user called. @internal */
export async function openTorchSource(
  op: string,
  source: ByteSource,
  { memoryLimit, verify = true }: TorchOpenOptions,
): Promise<{ context: OpenContext; archive: Archive }> {
  const limit = memoryLimit ?? 2 * source.size + 2 ** 24;
  const budget: Budget = { left: limit, limit };
  const context = { op, source, budget, verify };
  try {
    return { context, archive: await openArchive(context) };
  } catch (cause) {
    // What no check foresaw, such as a Map of too many entries, is still the file's fault.
    if (!(cause instanceof RangeError)) throw cause;
    throw new TorchFileError(op, source.name, 0, `it cannot be read: ${cause.message}`, { cause });
  }
}

/** By the first bytes, whatever the file's name says. */
async function openArchive(context: OpenContext): Promise<Archive> {
  const { op, source } = context;
  const head = await source.read(0, 512);
  const starts = (...bytes: number[]): boolean => bytes.every((byte, i) => head[i] === byte);
  if (starts(0x50, 0x4b)) return openZip(context);
  // PROTO 2, LONG1 of 10 bytes: the magic number.
  if (starts(0x80, 0x02, 0x8a, 0x0a)) return openLegacy(context);
  if (isTar(head)) return openTar(context);
  const safetensors = head[8] === 0x7b;
  const hint = safetensors ? "\nHint: it looks like safetensors; read it with loadFile" : "";
  const problem = `expected a file that torch.save wrote (zip, legacy or tar), received other bytes${hint}`;
  throw new TorchFileError(op, source.name, 0, problem);
}

/** Converts the values; nesting that is too deep is the file's fault. */
function convert(
  { op, source }: OpenContext,
  { value }: Archive,
  tensor: (stored: StoredTensor) => unknown,
): unknown {
  const problem = `expected values that nest at most ${maxDepth} deep, received more`;
  return toJavaScript(value, tensor, () => new TorchFileError(op, source.name, 0, problem));
}

/** All of a file: values and tensors, sharing storages as they did. @internal */
export async function loadAll(
  context: OpenContext,
  archive: Archive,
  map: MapLocation | undefined,
): Promise<unknown> {
  const storages = new Map<string, { stored: StoredStorage; storage: Storage }>();
  for (const { storage: stored } of storedTensors(archive.value)) {
    if (stored === undefined || storages.has(stored.key)) continue;
    const device = deviceFor(context.op, map, stored.location);
    const all = [0, stored.count] as const;
    const storage = await readStorage(context, archive, device, stored, all);
    storages.set(stored.key, { stored, storage });
  }
  const tensor = (each: StoredTensor): Tensor => {
    if (each.storage === undefined) return metaTensor(each, context);
    const { stored, storage } = storages.get(each.storage.key)!;
    if (stored.dtype === each.dtype) return tensorOver(each, storage, each.offset, context);
    const { op, source } = context;
    const problem = `expected storage "${stored.key}" in one dtype, received it in ${stored.dtype} and ${each.dtype}`;
    throw new TorchFileError(op, source.name, 0, problem);
  };
  return inRootContext(() => convert(context, archive, tensor));
}

/** Reads everything from `source` and closes it. @internal */
export async function loadSource<T>(
  op: string,
  source: ByteSource,
  { mapLocation, ...options }: TorchLoadOptions,
): Promise<T> {
  try {
    const { context, archive } = await openTorchSource(op, source, options);
    return (await loadAll(context, archive, mapLocation)) as T;
  } finally {
    await source.close();
  }
}

/** Opens `source`; closes it if that fails. @internal */
export async function openTorchFile<T>(
  source: ByteSource,
  options: TorchOpenOptions,
): Promise<TorchFile<T>> {
  try {
    const file = guarded(source);
    const { context, archive } = await openTorchSource("torchOpen", file, options);
    return new TorchFile<T>(context, archive);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/**
 * What PyTorch's `torch.save` wrote, opened: numbers, strings and containers are read, tensors are
 * not. They stand in `value` as {@link StoredTensor}s, which `read()` reads one by one.
 *
 * Zip archives need a read at the end and one of the pickle, whatever their size.
 *
 * @typeParam T - What the file is known to hold; nothing checks it.
 * @param input - Bytes, a `Blob` or `File`, an http(s) `URL` that serves ranges.
 * @param options - `memoryLimit`, `verify`.
 * @throws TorchFileError at what is damaged or not allowed; it names the file and the byte offset.
 * @see https://pytorch.org/docs/stable/generated/torch.load.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { save, type StoredTensor, torchOpen } from "@tead/checkpoint";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const blob = new Blob([await save({ small: zeros([2, 3]), large: zeros([1000, 1000]) })]);
 * await using file = await torchOpen<Record<string, StoredTensor>>(blob);
 * const { small, large } = file.value;
 * assert.deepEqual(large!.shape, [1000, 1000]);
 * assert.deepEqual((await file.read(small!)).shape, [2, 3]);
 */
export async function torchOpen<T = TorchValue>(
  input: Readable,
  options: TorchOpenOptions = {},
): Promise<TorchFile<T>> {
  return openTorchFile(await sourceOf("torchOpen", input), options);
}

/** An open file of PyTorch's: what {@link torchOpen} returns. */
export class TorchFile<T = TorchValue> {
  /** What it holds, with {@link StoredTensor}s in the places of tensors. */
  readonly value: T;
  /** Which of PyTorch's formats it has: zip since 1.6, legacy and tar before. */
  readonly format: "zip" | "legacy" | "tar";
  readonly #context: OpenContext;
  readonly #archive: Archive;

  /** @internal */
  constructor(context: OpenContext, archive: Archive) {
    this.#context = context;
    this.#archive = archive;
    this.format = archive.format;
    this.value = convert(context, archive, (stored) => stored) as T;
  }

  /**
   * Reads one tensor: of its storage the part from its first element to its last, as a storage of
   * its own. `load` keeps shared storages shared.
   *
   * @param stored - A tensor of `value`.
   * @param options - `mapLocation`.
   * @throws TorchFileError if the file is damaged there.
   */
  async read(
    stored: StoredTensor,
    { mapLocation }: { readonly mapLocation?: MapLocation } = {},
  ): Promise<Tensor> {
    const context = this.#context;
    if (stored.storage === undefined) return inRootContext(() => metaTensor(stored, context));
    const device = deviceFor("read", mapLocation, stored.storage.location);
    const range = [stored.offset, stored.span()] as const;
    const storage = await readStorage(context, this.#archive, device, stored.storage, range);
    return inRootContext(() => tensorOver(stored, storage, 0, context));
  }

  /** Closes the file. Tensors that were read stay. */
  async close(): Promise<void> {
    await this.#context.source.close();
  }
  /** `await using file = await torchOpen(...)` closes it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
