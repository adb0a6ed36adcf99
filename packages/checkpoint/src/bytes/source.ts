// Where bytes come from: memory, a Blob, a URL that serves ranges. Files stand under /node.
import { StateError } from "@tead/tensor";

/** Bytes that can be read from any place: what every reader here asks of a file. */
export interface ByteSource {
  /** What to call it in messages: a path, a URL. */
  readonly name: string;
  /** Bytes of the whole. */
  readonly size: number;
  /**
   * The bytes from `start`, `length` of them or as many as there are. They may be a view: a reader
   * does not write them.
   */
  read(start: number, length: number): Promise<Uint8Array>;
  /** Gives back what it holds open. */
  close(): Promise<void>;
}

/** What a `Blob` or a `File` is, as far as it is read. */
export interface BlobLike {
  readonly size: number;
  /** Bytes `start` to `end`, read when asked for. */
  slice(
    start: number,
    end: number,
  ): {
    /** The bytes themselves. */
    arrayBuffer(): Promise<ArrayBuffer>;
  };
}

/** What a `URL` is, as far as it is read. */
export interface UrlLike {
  readonly href: string;
  readonly protocol: string;
}

/** What can be read on every platform: bytes, a `Blob` or `File`, a `URL`, a source of one's own. */
export type Readable = Uint8Array | BlobLike | UrlLike | ByteSource;

/** A source over bytes in memory. */
export function bytesSource(bytes: Uint8Array, name = "<bytes>"): ByteSource {
  return {
    name,
    size: bytes.length,
    read: async (start, length) => bytes.subarray(start, start + length),
    close: async () => {},
  };
}

/** A source over a `Blob` or a `File`. */
export function blobSource(blob: BlobLike): ByteSource {
  return {
    name: (blob as { readonly name?: string }).name ?? "<blob>",
    size: blob.size,
    read: async (start, length) =>
      new Uint8Array(await blob.slice(start, start + length).arrayBuffer()),
    close: async () => {},
  };
}

const isSource = (input: object): input is ByteSource => "read" in input && "size" in input;
const isBlob = (input: object): input is BlobLike => "slice" in input && "size" in input;
const isUrl = (input: object): input is UrlLike => "href" in input && "protocol" in input;

/**
 * The source of whatever can be read.
 *
 * @throws TypeError if it is none of these; a path needs the `/node` entry.
 */
export async function sourceOf(op: string, input: Readable): Promise<ByteSource> {
  if (input instanceof Uint8Array) return bytesSource(input);
  if (typeof input === "object" && input !== null) {
    if (isSource(input)) return input;
    if (isBlob(input)) return blobSource(input);
    if (isUrl(input) && /^https?:$/.test(input.protocol)) {
      const { urlSource } = await import("./url-source.ts");
      return urlSource(op, input.href);
    }
    if (isUrl(input) && /^(blob|data):$/.test(input.protocol)) {
      const { fetchedBlob } = await import("./url-source.ts");
      return blobSource(await fetchedBlob(op, input.href));
    }
  }
  const received = isPath(input) ? "a path" : input === null ? "null" : `a ${typeof input}`;
  const hint = isPath(input)
    ? '\nHint: files are read by the same name in "@tead/checkpoint/node"'
    : "";
  throw new TypeError(
    `${op}: Cannot read this: expected bytes, a Blob or an http(s) URL, received ${received}${hint}`,
  );
}

const isPath = (input: unknown): boolean =>
  typeof input === "string" ||
  (typeof input === "object" && input !== null && isUrl(input) && input.protocol === "file:");

/** The bytes that are asked for, or what `onEnd` makes is thrown: all of them. */
export async function readExactly(
  source: ByteSource,
  start: number,
  length: number,
  onEnd: (offset: number, missing: number) => Error,
): Promise<Uint8Array> {
  if (start + length > source.size) throw onEnd(source.size, start + length - source.size);
  const bytes = await source.read(start, length);
  if (bytes.length < length) throw onEnd(start + bytes.length, length - bytes.length);
  return bytes;
}

/** How much is read of a large range at once: a multiple of every element's size. */
const chunkBytes = 1 << 23;

/** Reads a range in pieces, so that it is never in memory as a whole. */
export async function readInChunks(
  source: ByteSource,
  start: number,
  length: number,
  onEnd: (offset: number, missing: number) => Error,
  take: (bytes: Uint8Array, at: number) => void,
): Promise<void> {
  for (let done = 0; done < length; done += chunkBytes) {
    const size = Math.min(chunkBytes, length - done);
    take(await readExactly(source, start + done, size, onEnd), start + done);
  }
}

/** The same source, which says so when it is read after it was closed. */
export function guarded(source: ByteSource): ByteSource {
  const { name, size } = source;
  let open = true;
  return {
    ...{ name, size },
    read: async (start, length) => {
      if (open) return source.read(start, length);
      throw new StateError(
        `read: Cannot read ${name}: expected an open file, received a closed one`,
      );
    },
    close: async () => {
      if (!open) return;
      open = false;
      await source.close();
    },
  };
}
