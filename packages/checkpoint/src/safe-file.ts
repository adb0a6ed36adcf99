// A safetensors file that stays open: its header in memory, its tensors read when asked for.
import {
  type Backend,
  byteLengthOf,
  type DType,
  empty,
  inRootContext,
  type Tensor,
} from "@tead/tensor";
import { elementsOf } from "./bytes/elements.ts";
import {
  type ByteSource,
  guarded,
  type Readable,
  readExactly,
  readInChunks,
  sourceOf,
} from "./bytes/source.ts";
import { SafetensorsError } from "./errors.ts";
import { type Header, lengthBytes, parseHeader, readHeaderLength } from "./header.ts";
import { checkElements, type TensorBytes } from "./serialize.ts";
import { type LoadOptions, makeTensor } from "./tensors.ts";

/** What a file says of one tensor. */
export interface SafeTensorInfo {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/**
 * Opens a safetensors file and checks its header against the file's size; reads no tensor yet. Of
 * a Blob or URL it reads byte ranges, never the whole.
 *
 * @param input - Bytes, a `Blob` or `File`, an http(s) `URL` that serves ranges.
 * @param options - `device`: where tensors go. Default: the default device.
 * @throws SafetensorsError if the header does not describe every byte of the file.
 * @see https://huggingface.co/docs/safetensors/api/torch#safetensors.safe_open
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { safeOpen, saveSafetensors } from "@tead/checkpoint";
 * import { arange, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const blob = new Blob([await saveSafetensors({ small: arange(3), large: arange(1000) })]);
 * await using file = await safeOpen(blob);
 * assert.deepEqual(file.keys(), ["large", "small"]);
 * const small = await file.getTensor("small");
 * assert.deepEqual(await small.tolist(), [0, 1, 2]);
 */
export async function safeOpen(input: Readable, options: LoadOptions = {}): Promise<SafeFile> {
  return openSafeFile("safeOpen", await sourceOf("safeOpen", input), options);
}

/** {@link safeOpen} under the name of the function that the user called. @internal */
export async function openSafeFile(
  op: string,
  source: ByteSource,
  { device }: LoadOptions,
): Promise<SafeFile> {
  try {
    const { name, size } = source;
    const about = { op, file: name, size };
    const start = await source.read(0, lengthBytes);
    const length = readHeaderLength(about, start);
    const header = parseHeader(about, await source.read(lengthBytes, length));
    return new SafeFile(guarded(source), header, device);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** An open safetensors file: what {@link safeOpen} returns. */
export class SafeFile {
  /** What messages call the file. */
  readonly path: string;
  readonly #source: ByteSource;
  readonly #header: Header;
  readonly #device: Backend | undefined;

  /** @internal */
  constructor(source: ByteSource, header: Header, device: Backend | undefined) {
    this.#source = source;
    this.path = source.name;
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
    return this.read("getTensor", name);
  }

  /** {@link getTensor} under another name; piece by piece, so that no copy is ever whole. @internal */
  async read(op: string, name: string): Promise<Tensor> {
    const { dtype, shape, start, end } = this.#find(op, name);
    const tensor = inRootContext(() => empty(shape, { dtype, device: this.#device }));
    let written = tensor.offset;
    await readInChunks(this.#source, start, end - start, this.#onEnd(op), (data, at) => {
      checkElements(op, this.path, at, name, { dtype, shape, data });
      tensor.device.write(tensor.buffer, written, elementsOf(dtype, data, false));
      written += data.length / byteLengthOf(dtype);
    });
    return tensor;
  }

  /** The bytes of one tensor. @internal */
  async readBytes(op: string, name: string): Promise<TensorBytes> {
    const { dtype, shape, start, end } = this.#find(op, name);
    const data = await readExactly(this.#source, start, end - start, this.#onEnd(op));
    checkElements(op, this.path, start, name, { dtype, shape, data });
    return { dtype, shape, data };
  }

  #onEnd(op: string): (at: number, missing: number) => Error {
    return (at, missing) => {
      const problem = `expected ${missing} more bytes, received the end of the file`;
      return new SafetensorsError(op, this.path, at, problem);
    };
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
    await this.#source.close();
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
