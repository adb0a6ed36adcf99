// A safetensors file that stays open: its header in memory, its tensors read when asked for.
import { type FileHandle, open } from "node:fs/promises";
import { type Backend, type DType, inRootContext, type Tensor } from "@tead/tensor";
import { SafetensorsError } from "../errors.ts";
import { type Header, lengthBytes, parseHeader, readHeaderLength } from "../header.ts";
import { checkElements, type TensorBytes } from "../serialize.ts";
import { type LoadOptions, makeTensor } from "../tensors.ts";

/** What a file says of one tensor. */
export interface SafeTensorInfo {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/**
 * Opens a safetensors file and checks its header against the file's size; reads no tensor yet.
 *
 * @param path - The file.
 * @param options - `device`: where tensors go. Default: the default device.
 * @throws SafetensorsError if the header does not describe every byte of the file.
 * @see https://huggingface.co/docs/safetensors/api/torch#safetensors.safe_open
 * @example
 * import assert from "node:assert/strict";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { cpu } from "@tead/backend-cpu";
 * import { safeOpen, saveFile } from "@tead/checkpoint/node";
 * import { arange, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const path = join(mkdtempSync(join(tmpdir(), "tead-")), "weights.safetensors");
 * await saveFile({ small: arange(3), large: arange(1000) }, path);
 * const file = await safeOpen(path);
 * assert.deepEqual(file.keys(), ["large", "small"]);
 * const small = await file.getTensor("small");
 * assert.deepEqual(await small.tolist(), [0, 1, 2]);
 * await file.close();
 */
export async function safeOpen(path: string, options: LoadOptions = {}): Promise<SafeFile> {
  return openSafeFile("safeOpen", path, options);
}

/** {@link safeOpen} under the name of the function that the user called. */
export async function openSafeFile(
  op: string,
  path: string,
  { device }: LoadOptions,
): Promise<SafeFile> {
  const handle = await open(path, "r");
  try {
    const source = { op, file: path, size: (await handle.stat()).size };
    const start = await readRange(handle, source, 0, Math.min(lengthBytes, source.size));
    const length = readHeaderLength(source, start);
    const header = parseHeader(source, await readRange(handle, source, lengthBytes, length));
    return new SafeFile(handle, path, header, device);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** An open safetensors file: what {@link safeOpen} returns. */
export class SafeFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #header: Header;
  readonly #device: Backend | undefined;

  /** @internal */
  constructor(handle: FileHandle, path: string, header: Header, device: Backend | undefined) {
    this.#handle = handle;
    this.path = path;
    this.#header = header;
    this.#device = device;
  }

  /** The tensors' names, in the order in which they stand in the file. */
  keys(): string[] {
    return [...this.#header.tensors.keys()];
  }

  /** The strings that are kept beside the tensors. */
  metadata(): Record<string, string> {
    return { ...this.#header.metadata };
  }

  /**
   * What the file says of a tensor; reads nothing.
   *
   * @throws RangeError if there is no tensor of that name.
   */
  info(name: string): SafeTensorInfo {
    const { dtype, shape } = this.#find("info", name);
    return { dtype, shape };
  }

  /**
   * Reads one tensor, and nothing else.
   *
   * @throws RangeError if there is no tensor of that name.
   * @throws SafetensorsError if the file has become shorter, or a bool is neither 0 nor 1.
   */
  async getTensor(name: string): Promise<Tensor> {
    return this.makeTensor(await this.readBytes("getTensor", name));
  }

  /** The bytes of one tensor. @internal */
  async readBytes(op: string, name: string): Promise<TensorBytes> {
    const { dtype, shape, start, end } = this.#find(op, name);
    const source = { op, file: this.path };
    const data = await readRange(this.#handle, source, start, end - start);
    checkElements(op, this.path, start, name, { dtype, shape, data });
    return { dtype, shape, data };
  }

  /**
   * The tensor on this file's device. Whatever mode or scope user code has entered since the read
   * began is not meant for it.
   * @internal
   */
  makeTensor(bytes: TensorBytes): Tensor {
    return inRootContext(() => makeTensor(bytes, this.#device));
  }

  /** Closes the file. Tensors that were read stay. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** `await using file = await safeOpen(...)` closes it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #find(op: string, name: string): SafeTensorInfo & { start: number; end: number } {
    const info = this.#header.tensors.get(name);
    if (info !== undefined) return info;
    const names = this.keys();
    const some = names.slice(0, 5).map((each) => JSON.stringify(each));
    if (names.length > some.length) some.push(`${names.length - some.length} more`);
    throw new RangeError(
      `${op}: Cannot find ${JSON.stringify(name)} in ${this.path}: ` +
        `expected one of ${some.join(", ") || "none"}`,
    );
  }
}

/** The system gives less than 2 GiB at a time. */
const maxReadBytes = 1 << 30;

async function readRange(
  handle: FileHandle,
  { op, file }: { readonly op: string; readonly file: string },
  start: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const count = Math.min(length - done, maxReadBytes);
    const { bytesRead } = await handle.read(bytes, done, count, start + done);
    if (bytesRead === 0) {
      const problem = `expected ${length - done} more bytes, received the end of the file`;
      throw new SafetensorsError(op, file, start + done, problem);
    }
    done += bytesRead;
  }
  return bytes;
}
