// Unpacking gzip, with errors that say where a stream breaks.
import { gunzipSync } from "node:zlib";
import { FileFormatError } from "@tead/transforms/image";

/** True if `bytes` begin as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The unpacked contents of a gzip file.
 *
 * @param file - Its name, for messages.
 * @throws FileFormatError with file and offset if the stream is cut off, damaged, or fails its checksum.
 */
export function gunzip(bytes: Uint8Array, file: string): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const truncated = isTruncation(cause);
    const offset = truncated ? bytes.length : faultOffset(bytes);
    const problem = truncated
      ? "the gzip stream ends early"
      : `the gzip stream is damaged (${message})`;
    throw new FileFormatError("gunzip", file, offset, problem, { cause });
  }
}

const isTruncation = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "Z_BUF_ERROR";

/** The first byte that no stream could have: the shortest prefix that is worse than cut off ends with it. */
function faultOffset(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isGoodPrefix(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return bad - 1;
}

function isGoodPrefix(bytes: Uint8Array): boolean {
  try {
    gunzipSync(bytes);
    return true;
  } catch (error) {
    return isTruncation(error);
  }
}
