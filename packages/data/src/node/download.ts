// Downloads that survive interruption: a ".part" file that later runs continue, a checksum, then a rename.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Options of {@link downloadFile}. */
export interface DownloadOptions {
  /** MD5 of the whole file, in hexadecimal. Without it only the announced length is checked. */
  readonly md5?: string;
  /** Ends the download; what has arrived stays for the next run. */
  readonly signal?: AbortSignal;
  /** Called as bytes arrive. */
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/** How far a download is. */
export interface DownloadProgress {
  readonly url: string;
  readonly receivedBytes: number;
  /** Unknown (undefined) where the server does not say. */
  readonly totalBytes: number | undefined;
}

/** No mirror gave the file. What has arrived stays beside the target as `<target>.part`; the next run goes on there. */
export class DownloadError extends Error {
  override readonly name: string = "DownloadError";
  /** Path of the file that was wanted. */
  readonly file: string;
  /** What went wrong, by URL. */
  readonly failures: ReadonlyMap<string, string>;

  constructor(file: string, failures: ReadonlyMap<string, string>, keptBytes: number) {
    const lines = [...failures].map(([url, reason]) => `  ${url}: ${reason}`);
    const kept =
      keptBytes > 0 ? `; ${keptBytes} bytes are kept, the next run goes on from there` : "";
    super(
      [
        `downloadFile: Cannot download ${file}: no mirror delivered it${kept}`,
        ...lines,
        `Hint: without a network, put the file at ${file} yourself`,
      ].join("\n"),
    );
    this.file = file;
    this.failures = failures;
  }
}

/**
 * Downloads `target` from the first of `urls` that delivers it. An interrupted download leaves `<target>.part`, which the
 * next call continues; the target itself appears only when it is whole. A target that is there already (and has the
 * right checksum) is left alone.
 *
 * @param urls - Mirrors of the same file, in order of preference.
 * @param target - Path of the file to write. Its folder is made if need be.
 * @param options - `md5`, `signal`, `onProgress`.
 * @throws DownloadError with the reason of each mirror if none delivers the file.
 * @throws Error that names the file if it cannot be written: a full disk, a missing permission.
 */
export async function downloadFile(
  urls: readonly string[],
  target: string,
  options: DownloadOptions = {},
): Promise<void> {
  if (urls.length === 0) throw new RangeError(`downloadFile: Cannot download ${target}: no URL`);
  if (await isWhole(target, options.md5)) return;
  await mkdir(dirname(target), { recursive: true });
  const part = `${target}.part`;
  const failures = new Map<string, string>();
  for (const url of urls) {
    try {
      await fetchPart(url, part, options);
      await rename(part, target);
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isFileError(error)) {
        throw new Error(`downloadFile: Cannot write ${part}: ${error.message}`, { cause: error });
      }
      failures.set(url, reasonOf(error));
    }
  }
  throw new DownloadError(target, failures, await sizeOf(part));
}

/** True if the file exists and, where a checksum is known, has it. */
async function isWhole(path: string, md5: string | undefined): Promise<boolean> {
  const exists = await stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
  return exists && (md5 === undefined || (await md5Of(path)) === md5);
}

/** Continues `part` from `url` until it is whole; starts over once if the continued file is a wrong one. */
async function fetchPart(url: string, part: string, options: DownloadOptions): Promise<void> {
  const resumed = (await sizeOf(part)) > 0;
  try {
    await fetchRest(url, part, options);
    await verify(part, options.md5);
  } catch (error) {
    if (!(error instanceof WrongContentError)) throw error;
    await rm(part, { force: true });
    if (!resumed) throw error;
    await fetchPart(url, part, options);
  }
}

/** The bytes are all there and are the wrong ones: to continue them is useless. */
class WrongContentError extends Error {}

async function verify(part: string, md5: string | undefined): Promise<void> {
  if (md5 === undefined) return;
  const actual = await md5Of(part);
  if (actual !== md5) throw new WrongContentError(`wrong MD5: expected ${md5}, received ${actual}`);
}

async function fetchRest(url: string, part: string, options: DownloadOptions): Promise<void> {
  const { signal, onProgress } = options;
  const offset = await sizeOf(part);
  const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
  const response = await fetch(url, { headers, signal: signal ?? null });
  if (response.status === 416) {
    await response.body?.cancel();
    // Nothing is left beyond our end: the file is whole, which the checksum decides, or another one.
    if (options.md5 !== undefined) return;
    throw new WrongContentError(`HTTP 416: the server has no bytes beyond ${offset}`);
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`HTTP ${response.status} ${response.statusText}`.trim());
  }
  const start = startOf(response, offset);
  const totalBytes = totalOf(response, start);
  const file = await open(part, start === 0 ? "w" : "r+");
  try {
    let receivedBytes = start;
    for await (const chunk of response.body) {
      await file.write(chunk, 0, chunk.length, receivedBytes);
      receivedBytes += chunk.length;
      onProgress?.({ url, receivedBytes, totalBytes });
    }
    await settle(file, receivedBytes);
    if (totalBytes !== undefined && receivedBytes < totalBytes) {
      throw new Error(`the connection ended after ${receivedBytes} of ${totalBytes} bytes`);
    }
  } finally {
    await file.close();
  }
}

async function settle(file: FileHandle, length: number): Promise<void> {
  await file.truncate(length);
  await file.sync();
}

/** Where the answer's bytes belong: a server may ignore the range and send the whole file. */
function startOf(response: Response, offset: number): number {
  if (response.status !== 206) return 0;
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  if (Number(range?.[1]) !== offset) {
    throw new WrongContentError(`the server continued at byte ${range?.[1]}, not at ${offset}`);
  }
  return offset;
}

function totalOf(response: Response, start: number): number | undefined {
  const length = response.headers.get("content-length");
  const encoded = response.headers.has("content-encoding");
  return length === null || encoded ? undefined : start + Number(length);
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (info) => info.size,
    () => 0,
  );
}

async function md5Of(path: string): Promise<string> {
  const hash = createHash("md5");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

/** A full disk or a missing permission is no fault of a mirror. */
function isFileError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

/** `fetch` hides what happened in the cause of "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const code = "code" in cause ? String(cause.code) : "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `no network, or no such host (${code})`;
  return cause.message || code || error.message;
}
