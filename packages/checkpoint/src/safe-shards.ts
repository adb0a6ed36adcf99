// A model in several safetensors files: an index says which tensor stands in which.
import { StateError, type Tensor } from "@tead/tensor";
import {
  type ByteSource,
  type Readable,
  readExactly,
  sourceOf,
  type UrlLike,
} from "./bytes/source.ts";
import { SafetensorsError } from "./errors.ts";
import { openSafeFile, type SafeFile, type SafeTensorInfo } from "./safe-file.ts";
import type { LoadOptions } from "./tensors.ts";

/** Typed here because the package uses no DOM types. */
const { URL: Url } = globalThis as unknown as {
  readonly URL: new (path: string, base: string) => UrlLike;
};

/** Options of `safeOpenSharded`. */
export interface ShardedOptions extends LoadOptions {
  /**
   * What to read for a file that the index names. Default, for an index at a URL or a path: the
   * file beside it.
   */
  readonly shard?: (file: string) => Readable | Promise<Readable>;
}

/**
 * Opens a model in several safetensors files by its index, `model.safetensors.index.json`. The
 * files are opened when a tensor of theirs is asked for.
 *
 * @param index - The index: an http(s) `URL`; bytes or a `Blob` with `shard`.
 * @param options - `device`, `shard`.
 * @throws SafetensorsError if the index is damaged, or names a file outside its folder.
 * @see https://huggingface.co/docs/safetensors/metadata_parsing
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { safeOpenSharded, saveSafetensors } from "@tead/checkpoint";
 * import { arange, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const files = {
 *   "model-1.safetensors": await saveSafetensors({ a: arange(2) }),
 *   "model-2.safetensors": await saveSafetensors({ b: arange(3) }),
 * };
 * const map = { a: "model-1.safetensors", b: "model-2.safetensors" };
 * const index = new Blob([JSON.stringify({ metadata: { total_size: 20 }, weight_map: map })]);
 * const shard = (file: string) => new Blob([files[file as keyof typeof files]]);
 * await using model = await safeOpenSharded(index, { shard });
 * assert.deepEqual(model.keys(), ["a", "b"]);
 * assert.deepEqual(await (await model.getTensor("b")).tolist(), [0, 1, 2]);
 */
export async function safeOpenSharded(
  index: Readable,
  options: ShardedOptions = {},
): Promise<SafeShards> {
  const { href } = index as Partial<UrlLike>;
  const beside = (file: string): Readable => {
    if (href !== undefined) return new Url(file, href);
    throw new StateError(
      `safeOpenSharded: Cannot find ${file}: expected option shard, received none`,
    );
  };
  const { shard = beside } = options;
  const source = await sourceOf("safeOpenSharded", index);
  return openShards(source, options, async (file) =>
    sourceOf("safeOpenSharded", await shard(file)),
  );
}

/** {@link safeOpenSharded} with the way to open a file. @internal */
export async function openShards(
  source: ByteSource,
  options: LoadOptions,
  open: (file: string) => Promise<ByteSource>,
): Promise<SafeShards> {
  try {
    const index = await readIndex(source);
    const opener = async (file: string): Promise<SafeFile> =>
      openSafeFile("safeOpenSharded", await open(file), options);
    return new SafeShards(source.name, index, opener);
  } finally {
    await source.close();
  }
}

const maxIndexBytes = 100_000_000;

interface Index {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly files: ReadonlyMap<string, string>;
}

async function readIndex(source: ByteSource): Promise<Index> {
  const fail = (problem: string, options?: ErrorOptions): Error =>
    new SafetensorsError("safeOpenSharded", source.name, 0, problem, options);
  const { size } = source;
  if (size > maxIndexBytes)
    throw fail(`expected an index of at most ${maxIndexBytes} bytes, received ${size}`);
  const bytes = await readExactly(source, 0, size, () => fail("the index is cut off"));
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw fail(`the index is not JSON: ${(cause as Error).message}`, { cause });
  }
  const { weight_map: map, metadata = {} } = isRecord(parsed) ? parsed : {};
  if (!isRecord(map) || !isRecord(metadata))
    throw fail('expected an index with a "weight_map", received other JSON');
  const files = new Map<string, string>();
  for (const [name, file] of Object.entries(map)) {
    // A file in the same folder, whatever the index would have us read.
    if (typeof file !== "string" || !/^[^/\\:?#%]+$/.test(file) || /^\.+$/.test(file))
      throw fail(
        `${JSON.stringify(name)}: expected the name of a file beside the index, received ${JSON.stringify(file)}`,
      );
    files.set(name, file);
  }
  return { metadata, files };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An open model in several safetensors files: what {@link safeOpenSharded} returns. */
export class SafeShards {
  /** What messages call the index. */
  readonly path: string;
  readonly #index: Index;
  readonly #open: (file: string) => Promise<SafeFile>;
  readonly #opened = new Map<string, Promise<SafeFile>>();
  #closed = false;

  /** @internal */
  constructor(path: string, index: Index, open: (file: string) => Promise<SafeFile>) {
    this.path = path;
    this.#index = index;
    this.#open = open;
  }

  /** The tensors' names, in the order of the index. */
  keys(): string[] {
    return [...this.#index.files.keys()];
  }

  /** What the index says beside: `total_size` in bytes. */
  metadata(): Record<string, unknown> {
    return { ...this.#index.metadata };
  }

  /**
   * What the file of a tensor says of it.
   *
   * @throws RangeError if there is no tensor of that name.
   */
  async info(name: string): Promise<SafeTensorInfo> {
    return (await this.#fileOf("info", name)).info(name);
  }

  /**
   * Reads one tensor, and nothing else.
   *
   * @throws RangeError if there is no tensor of that name.
   * @throws SafetensorsError if its file is damaged.
   */
  async getTensor(name: string): Promise<Tensor> {
    return (await this.#fileOf("getTensor", name)).getTensor(name);
  }

  async #fileOf(op: string, name: string): Promise<SafeFile> {
    if (this.#closed)
      throw new StateError(
        `${op}: Cannot read ${this.path}: expected an open file, received a closed one`,
      );
    const file = this.#index.files.get(name);
    if (file === undefined)
      throw new RangeError(
        `${op}: Cannot find ${JSON.stringify(name)} in ${this.path}: ` +
          `expected one of ${this.#index.files.size} names, see keys()`,
      );
    const opened = this.#opened.get(file) ?? this.#open(file);
    this.#opened.set(file, opened);
    // What failed once may succeed later.
    opened.catch(() => this.#opened.delete(file));
    return opened;
  }

  /** Closes all files. Tensors that were read stay. */
  async close(): Promise<void> {
    this.#closed = true;
    const opened = await Promise.allSettled(this.#opened.values());
    this.#opened.clear();
    await Promise.all(opened.map((each) => each.status === "fulfilled" && each.value.close()));
  }

  /** `await using model = await safeOpenSharded(...)` closes it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
