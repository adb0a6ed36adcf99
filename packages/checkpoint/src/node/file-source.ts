// A file as a source of bytes, open while it is used.
import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type ByteSource, type Readable, sourceOf, type UrlLike } from "../bytes/source.ts";

/** The system gives less than 2 GiB at a time. */
const maxReadBytes = 1 << 30;

/** Opens a file. @throws the system's error if it cannot. */
export async function fileSource(path: string): Promise<ByteSource> {
  const handle = await open(path, "r");
  const read = async (start: number, length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - start)));
    let done = 0;
    while (done < bytes.length) {
      const count = Math.min(bytes.length - done, maxReadBytes);
      const { bytesRead } = await handle.read(bytes, done, count, start + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  };
  const { size } = await handle.stat().catch(async (error: unknown) => {
    await handle.close();
    throw error;
  });
  return { name: path, size, read, close: () => handle.close() };
}

/** The source of a path, a `file:` URL, or whatever can be read on every platform. */
export async function anySource(op: string, input: string | Readable): Promise<ByteSource> {
  if (typeof input === "string") return fileSource(input);
  if ("protocol" in input && (input as UrlLike).protocol === "file:")
    return fileSource(fileURLToPath((input as UrlLike).href));
  return sourceOf(op, input);
}
