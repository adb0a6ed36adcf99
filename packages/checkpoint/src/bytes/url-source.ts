// A file behind a URL, read by range requests; a server without them is read as a whole, once.
import type { ByteSource } from "./source.ts";

/** The part of fetch that is used; typed here because the package uses no DOM types. */
type Fetch = (
  url: string,
  init: { readonly headers: Readonly<Record<string, string>> },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}>;

/** Read at once at the start, where most headers fit, and around small reads. */
const windowBytes = 1 << 16;

interface Window {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** @throws Error that names the URL if the server has no such file. */
export async function urlSource(op: string, url: string): Promise<ByteSource> {
  const { fetch } = globalThis as unknown as { fetch: Fetch };
  const refuse = (status: number, what: string): Error =>
    new Error(`${op}: Cannot read ${url}: expected ${what}, received status ${status}`);
  const request = (start: number, end: number): ReturnType<Fetch> =>
    fetch(url, { headers: { Range: `bytes=${start}-${end - 1}` } });

  const first = await request(0, windowBytes);
  const head = new Uint8Array(await first.arrayBuffer());
  // 416: the file is empty. 200: the server knows no ranges and sent everything.
  if (first.status !== 206 && first.status !== 200 && first.status !== 416)
    throw refuse(first.status, "a file (status 206 or 200)");
  const size =
    first.status === 200 ? head.length : totalOf(first.headers.get("content-range"), head.length);
  const fetched: Window[] = [{ start: 0, bytes: head }];
  const ask = async (start: number, end: number): Promise<Uint8Array> => {
    const response = await request(start, end);
    const total = totalOf(response.headers.get("content-range"), size);
    if (response.status !== 206) throw refuse(response.status, `bytes ${start} to ${end}`);
    if (total !== size)
      throw new Error(
        `${op}: Cannot read ${url}: expected a file of ${size} bytes, received one of ${total}`,
      );
    const bytes = new Uint8Array(await response.arrayBuffer());
    return bytes.length > end - start ? bytes.subarray(0, end - start) : bytes;
  };
  const read = async (start: number, length: number): Promise<Uint8Array> => {
    const end = Math.min(start + length, size);
    const window = fetched.find(
      (each) => each.start <= start && end <= each.start + each.bytes.length,
    );
    if (window !== undefined)
      return window.bytes.subarray(start - window.start, end - window.start);
    if (end - start > windowBytes) return ask(start, end);
    // Small reads come in groups: a window serves those that follow.
    const bytes = await ask(start, Math.min(start + windowBytes, size));
    fetched.push({ start, bytes });
    if (fetched.length > 5) fetched.splice(1, 1);
    return bytes.subarray(0, end - start);
  };
  return { name: url, size, read, close: async () => {} };
}

/** The size in `Content-Range: bytes 0-9/1234`. */
function totalOf(contentRange: string | null, otherwise: number): number {
  const total = Number(/\/(\d+)$/.exec(contentRange ?? "")?.[1] ?? Number.NaN);
  return Number.isSafeInteger(total) ? total : otherwise;
}
