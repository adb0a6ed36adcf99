// Files that are there as a whole or not at all: written under another name, synced, then renamed.
import { randomBytes } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What to write: all of it, or its parts in order, as they become ready. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Options of `writeFileAtomic`. */
export interface WriteFileAtomicOptions {
  /**
   * Permissions of a new file, before the umask. Default 0o666; a file that is replaced passes on
   * its own.
   */
  readonly mode?: number;
}

/**
 * Writes a file so that under its name there is always either the old content or the new one,
 * whole: when the disk is full, when the content's iterator throws, when the process is killed,
 * when the machine loses power.
 *
 * The new content grows in a hidden file beside it, `.<name>.<process>.<random>.tmp`, which is
 * removed on failure (a killed process leaves it behind). A symbolic link is followed, and stays.
 *
 * @param path - The file to make or to replace.
 * @param content - Text, bytes, or bytes in parts.
 * @param options - `mode`.
 * @throws Error that names the file and the offset, with the system's error as its `cause`.
 * @example
 * import assert from "node:assert/strict";
 * import { mkdtempSync, readFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { writeFileAtomic } from "@tead/checkpoint/node";
 * const path = join(mkdtempSync(join(tmpdir(), "tead-")), "notes.txt");
 * await writeFileAtomic(path, "all or nothing");
 * assert.equal(readFileSync(path, "utf8"), "all or nothing");
 */
export async function writeFileAtomic(
  path: string,
  content: FileContent,
  { mode }: WriteFileAtomicOptions = {},
): Promise<void> {
  const progress = { offset: 0 };
  try {
    const target = await realpath(path).catch(() => path);
    const temporary = temporaryName(target);
    const file = await open(temporary, "wx", mode);
    try {
      await fill(file, target, content, progress, mode);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(dirname(target));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `writeFileAtomic: Cannot write ${path}: at byte ${progress.offset}: ${reason}`,
      { cause },
    );
  }
}

function temporaryName(target: string): string {
  const unique = randomBytes(6).toString("hex");
  return join(dirname(target), `.${basename(target)}.${process.pid}.${unique}.tmp`);
}

/** Writes, syncs and closes. */
async function fill(
  file: FileHandle,
  target: string,
  content: FileContent,
  progress: { offset: number },
  mode: number | undefined,
): Promise<void> {
  try {
    const before = mode === undefined ? await stat(target).catch(() => undefined) : undefined;
    if (before !== undefined) await file.chmod(before.mode & 0o7777);
    for await (const part of partsOf(content)) await writePart(file, part, progress);
    await file.sync();
  } finally {
    await file.close();
  }
}

function partsOf(content: FileContent): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (typeof content === "string") return [new TextEncoder().encode(content)];
  return content instanceof Uint8Array ? [content] : content;
}

/** The system takes less than 2 GiB at a time, and may write less than it was given. */
const maxWriteBytes = 1 << 30;

async function writePart(
  file: FileHandle,
  part: Uint8Array,
  progress: { offset: number },
): Promise<void> {
  for (let done = 0; done < part.length; ) {
    const length = Math.min(part.length - done, maxWriteBytes);
    const { bytesWritten } = await file.write(part, done, length, progress.offset);
    done += bytesWritten;
    progress.offset += bytesWritten;
  }
}

/**
 * Makes the rename last. Not every system lets a folder be synced; then its own order has to
 * do.
 */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync();
  } catch {
    // Windows and some network file systems refuse.
  } finally {
    await handle.close();
  }
}
