// A directory handle in memory, as far as it is used. What is closed counts; a file that was made
// and not filled is empty, as in browsers.
import type { DirectoryHandleLike, FileHandleLike } from "../../src/index.ts";

/** How the files of a directory can be written. */
export interface Abilities {
  readonly move?: boolean;
  /** A stream, a handle as workers have it, or neither. */
  readonly write?: "stream" | "handle" | "none";
  /** Called for each write: what it throws, the write throws. */
  readonly onWrite?: () => void;
}

/** The directory, and what it holds by name. */
export class MemoryDirectory implements DirectoryHandleLike {
  readonly name = "run";
  readonly files: Map<string, Uint8Array<ArrayBuffer>> = new Map();
  abilities: Abilities;

  constructor(abilities: Abilities = {}) {
    this.abilities = abilities;
  }

  async *keys(): AsyncGenerator<string> {
    yield* [...this.files.keys()];
  }

  async removeEntry(name: string): Promise<void> {
    if (!this.files.delete(name)) throw missing(name);
  }

  async getFileHandle(
    name: string,
    { create = false }: { readonly create?: boolean } = {},
  ): Promise<FileHandleLike> {
    const { files } = this;
    if (!files.has(name)) {
      if (!create) throw missing(name);
      files.set(name, new Uint8Array());
    }
    const { move = true, write = "stream", onWrite = () => {} } = this.abilities;
    const handle: FileHandleLike = {
      getFile: async () => new Blob([files.get(name) as Uint8Array<ArrayBuffer>]),
    };
    if (move)
      handle.move = async (target) => {
        files.set(target, files.get(name) as Uint8Array<ArrayBuffer>);
        files.delete(name);
      };
    if (write === "stream")
      handle.createWritable = async () => {
        const parts: Uint8Array[] = [];
        return {
          write: async (bytes) => {
            onWrite();
            parts.push(bytes);
          },
          close: async () => void files.set(name, Uint8Array.from(Buffer.concat(parts))),
          abort: async () => {},
        };
      };
    if (write === "handle")
      handle.createSyncAccessHandle = async () => ({
        truncate: (size) => void files.set(name, new Uint8Array(size)),
        write: (bytes, { at }) => {
          onWrite();
          const before = files.get(name) as Uint8Array;
          const after = new Uint8Array(Math.max(before.length, at + bytes.length));
          after.set(before);
          after.set(bytes, at);
          files.set(name, after);
          return bytes.length;
        },
        flush: () => {},
        close: () => {},
      });
    return handle;
  }
}

const missing = (name: string): Error =>
  Object.assign(new Error(`${name} was not found`), { name: "NotFoundError" });
