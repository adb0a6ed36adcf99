// A file behind a URL, read by range requests; a server without them is read as a whole, once.
import type { BlobLike, ByteSource } from "./source.ts";

/** The part of fetch that is used; typed here because the package uses no DOM types. */
type Fetch = (
  url: string,
  init: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> },
) => Promise<Response>;
interface Response {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: { cancel(): Promise<void> } | null;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<BlobLike>;
}

/** Read at once at the start, where most headers fit, and around small reads. */
const windowBytes = 1 << 16;

interface Window {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** What a `Content-Range` such as `bytes 0-9/1234` says, as far as a page may see it. */
interface ContentRange {
  readonly start: number | undefined;
  readonly total: number | undefined;
}

/** @throws Error that names the URL if the server has no such file, or cannot be reached. */
export async function urlSource(op: string, url: string): Promise<ByteSource> {
  const remote = new RemoteFile(op, url);
  const response = await remote.request(0, windowBytes);
  const { status } = response;
  // 416: the file is empty. 200: the server knows no ranges and sends everything.
  if (status !== 206 && status !== 200 && status !== 416)
    throw await remote.refuse(response, "a file (status 206 or 200)");
  const head = status === 416 ? new Uint8Array() : await remote.bytesOf(response);
  const size = status === 206 ? await remote.sizeOf(response, head.length) : head.length;
  if (size === undefined) {
    const whole = await remote.bytesOf(await remote.all());
    return new UrlSource(remote, whole.length, { start: 0, bytes: whole });
  }
  return new UrlSource(remote, size, { start: 0, bytes: head });
}

/** The Blob behind a `blob:` or `data:` URL: nothing is copied. */
export async function fetchedBlob(op: string, url: string): Promise<BlobLike> {
  const response = await new RemoteFile(op, url).all();
  return response.blob();
}

/** The requests about one file. */
class RemoteFile {
  readonly op: string;
  readonly url: string;
  /** What tells its versions apart, as the first answer has it. */
  #version: string | undefined;

  constructor(op: string, url: string) {
    this.op = op;
    this.url = url;
  }

  fail(problem: string, options?: ErrorOptions): Error {
    return new Error(`${this.op}: Cannot read ${this.url}: ${problem}`, options);
  }

  async refuse(response: Response, expected: string): Promise<Error> {
    await response.body?.cancel().catch(() => {});
    return this.fail(`expected ${expected}, received status ${response.status}`);
  }

  request(start: number, end: number): Promise<Response> {
    return this.#fetch({ headers: { Range: `bytes=${start}-${end - 1}` } });
  }

  async #fetch(init: Parameters<Fetch>[1]): Promise<Response> {
    const { fetch } = globalThis as unknown as { readonly fetch: Fetch };
    let response: Response;
    try {
      response = await fetch(this.url, init);
    } catch (cause) {
      throw this.#lost(cause);
    }
    const { headers, status } = response;
    if (status !== 200 && status !== 206) return response;
    // Compressed answers have a weak tag, ranges the same one without its mark.
    const tag = headers.get("etag")?.replace(/^W\//, "");
    const version = tag ?? headers.get("last-modified") ?? "";
    this.#version ??= version;
    if (version === this.#version) return response;
    await response.body?.cancel().catch(() => {});
    throw this.fail("the file has changed since it was opened");
  }

  /** The connection failed, or the page may not look: fetch does not tell which. */
  #lost(cause: unknown): Error {
    const { message, cause: inner } = cause as Error;
    const reason = inner instanceof Error ? `${message} (${inner.message})` : message;
    return this.fail(reason, { cause });
  }

  async bytesOf(response: Response): Promise<Uint8Array> {
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (cause) {
      throw this.#lost(cause);
    }
  }

  /** The whole file's size; undefined where the server hides it. */
  async sizeOf(first: Response, received: number): Promise<number | undefined> {
    const { total } = contentRange(first);
    if (total !== undefined) return total;
    if (received < windowBytes) return received;
    // Pages of other origins see a Content-Length, and a Content-Range only where the server says so.
    const { status, headers } = await this.#fetch({ method: "HEAD" });
    const length = Number(headers.get("content-length") ?? Number.NaN);
    return status === 200 && Number.isSafeInteger(length) && length >= received
      ? length
      : undefined;
  }

  async all(): Promise<Response> {
    const response = await this.#fetch({});
    if (response.status !== 200) throw await this.refuse(response, "a file (status 200)");
    return response;
  }
}

class UrlSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #remote: RemoteFile;
  /** What was read lately; the file's beginning stays. */
  readonly #windows: Window[];

  constructor(remote: RemoteFile, size: number, head: Window) {
    this.name = remote.url;
    this.size = size;
    this.#remote = remote;
    this.#windows = [head];
  }

  async read(start: number, length: number): Promise<Uint8Array> {
    const end = Math.min(start + length, this.size);
    const window = this.#windows.find(
      (each) => each.start <= start && end <= each.start + each.bytes.length,
    );
    if (window !== undefined)
      return window.bytes.subarray(start - window.start, end - window.start);
    if (end - start > windowBytes) return this.#ask(start, end);
    // Small reads come in groups: a window serves those that follow.
    const bytes = await this.#ask(start, Math.min(start + windowBytes, this.size));
    this.#windows.push({ start, bytes });
    if (this.#windows.length > 5) this.#windows.splice(1, 1);
    return bytes.subarray(0, end - start);
  }

  async #ask(start: number, end: number): Promise<Uint8Array> {
    const remote = this.#remote;
    const response = await remote.request(start, end);
    const { status } = response;
    if (status !== 206 && status !== 200)
      throw await remote.refuse(response, `bytes ${start} to ${end}`);
    const said = contentRange(response);
    const bytes = await remote.bytesOf(response);
    const total = status === 200 ? bytes.length : (said.total ?? this.size);
    if (total !== this.size)
      throw remote.fail(`expected a file of ${this.size} bytes, received one of ${total}`);
    // A server may know ranges at one time and send everything at another.
    if (status === 200) return bytes.subarray(start, end);
    if (said.start !== undefined && said.start !== start)
      throw remote.fail(`expected bytes from ${start} on, received those from ${said.start} on`);
    return bytes.subarray(0, end - start);
  }

  async close(): Promise<void> {}
}

function contentRange({ headers }: Response): ContentRange {
  const text = headers.get("content-range") ?? "";
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(text.trim()) ?? [];
  const numberOf = (digits: string | undefined): number | undefined => {
    const number = Number(digits ?? Number.NaN);
    return Number.isSafeInteger(number) ? number : undefined;
  };
  return { start: numberOf(start), total: numberOf(total) };
}
