// The files of a training run in a directory handle of a browser: the origin private file system,
// or a folder that the user has picked.
import { type BlobLike, blobSource } from "../bytes/source.ts";
import type { RunStore } from "./run-store.ts";

/** What a `FileSystemFileHandle` is, as far as it is used. */
export interface FileHandleLike {
  /** The file as it is now. */
  getFile(): Promise<BlobLike>;
  /** A stream whose content becomes the file's when it is closed. */
  createWritable?(): Promise<{
    /** Appends bytes. */
    write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
    /** Makes the content the file's. */
    close(): Promise<void>;
    /** Leaves the file as it was. */
    abort(): Promise<void>;
  }>;
  /** Workers of browsers without `createWritable` have this. */
  createSyncAccessHandle?(): Promise<{
    /** Makes the file so long. */
    truncate(size: number): void;
    /** Writes bytes at an offset; gives how many. */
    write(bytes: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
    /** Brings all to the disk. */
    flush(): void;
    /** Gives the file back. */
    close(): void;
  }>;
  /** Renames the file. */
  move?(name: string): Promise<void>;
}

/** What a `FileSystemDirectoryHandle` is, as far as it is used. */
export interface DirectoryHandleLike {
  readonly name: string;
  /** The names in it. */
  keys(): AsyncIterable<string>;
  /** A file in it, made where told to. */
  getFileHandle(name: string, options?: { readonly create?: boolean }): Promise<FileHandleLike>;
  /** Removes a file. */
  removeEntry(name: string): Promise<void>;
}

/** A file that is being filled has its name behind this. */
const unfinished = ".unfinished-";

/**
 * The files of a {@link TrainingRun} in a directory of a browser: one of the origin private file
 * system, which no user sees and no other site reads, or one that the user has picked. A directory
 * serves one run at a time.
 *
 * A file is filled under another name and renamed; where the browser cannot rename, its stream puts
 * the content in place when it is whole. A page that is closed in between leaves at most an empty
 * file, which `resume` passes over.
 *
 * ```js
 * import { directoryStore, TrainingRun } from "@tead/checkpoint";
 * import { Linear } from "@tead/nn";
 * const root = await navigator.storage.getDirectory();
 * const store = directoryStore(await root.getDirectoryHandle("run", { create: true }));
 * const run = new TrainingRun(store, { model: new Linear(2, 2) });
 * ```
 *
 * @param directory - What `navigator.storage.getDirectory()` or `showDirectoryPicker()` gave, or a
 * directory in it.
 * @see https://developer.mozilla.org/docs/Web/API/File_System_API/Origin_private_file_system
 */
export function directoryStore(directory: DirectoryHandleLike): RunStore {
  const pathOf = (file: string): string => [directory.name, file].filter(Boolean).join("/");
  const remove = async (file: string): Promise<void> => {
    await directory.removeEntry(file).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  };
  const names = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const name of directory.keys()) found.push(name);
    return found;
  };
  const write: RunStore["write"] = async (file, parts) => {
    try {
      const temporary = await directory.getFileHandle(unfinished + file, { create: true });
      if (temporary.move === undefined) {
        await remove(unfinished + file);
        await fill(await directory.getFileHandle(file, { create: true }), parts);
      } else {
        await fill(temporary, parts);
        await temporary.move(file);
      }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`save: Cannot write ${pathOf(file)}: ${reason}`, { cause });
    }
  };
  return {
    pathOf,
    write,
    remove,
    list: async () => (await names()).filter((name) => !name.startsWith(unfinished)),
    open: async (file) => {
      const handle = await directory.getFileHandle(file);
      return { ...blobSource(await handle.getFile()), name: pathOf(file) };
    },
    tidy: async () => {
      for (const name of await names()) if (name.startsWith(unfinished)) await remove(name);
    },
  };
}

const isMissing = (error: unknown): boolean =>
  (error as { readonly name?: string } | undefined)?.name === "NotFoundError";

/** Fills a file: by a stream, or in a worker without one by its handle. */
async function fill(file: FileHandleLike, parts: Iterable<Uint8Array>): Promise<void> {
  if (file.createWritable !== undefined) {
    const stream = await file.createWritable();
    try {
      for (const part of parts) await stream.write(part as Uint8Array<ArrayBuffer>);
    } catch (error) {
      await stream.abort();
      throw error;
    }
    await stream.close();
    return;
  }
  if (file.createSyncAccessHandle === undefined)
    throw new Error("this browser writes files in workers only");
  const handle = await file.createSyncAccessHandle();
  try {
    handle.truncate(0);
    let at = 0;
    for (const part of parts) at += handle.write(part as Uint8Array<ArrayBuffer>, { at });
    handle.flush();
  } finally {
    handle.close();
  }
}
