// Where a training run keeps its files: a folder, a directory of a browser, a place of one's own.
import type { ByteSource } from "../bytes/source.ts";

/**
 * A place for the files of a {@link TrainingRun}. `folderStore` of the `/node` entry is one for
 * folders, `directoryStore` one for the file system of browsers.
 *
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { type RunStore, TrainingRun } from "@tead/checkpoint";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 *
 * const files = new Map<string, Uint8Array>();
 * const store: RunStore = {
 *   pathOf: (file) => `memory:${file}`,
 *   list: async () => [...files.keys()],
 *   write: async (file, parts) => {
 *     files.set(file, Uint8Array.from([...parts].flatMap((part) => [...part])));
 *   },
 *   open: async (file) => {
 *     const bytes = files.get(file)!;
 *     const read = async (start: number, length: number) => bytes.subarray(start, start + length);
 *     return { name: file, size: bytes.length, read, close: async () => {} };
 *   },
 *   remove: async (file) => void files.delete(file),
 * };
 * const run = new TrainingRun(store, {});
 * assert.equal(await run.save(), "memory:step-0000000000-000000.ckpt");
 * assert.ok((await run.resume()) !== undefined);
 */
export interface RunStore {
  /** What messages and results call a file. */
  pathOf(file: string): string;
  /** The names of all files; none where the place does not exist yet. */
  list(): Promise<readonly string[]>;
  /**
   * Makes or replaces a file. Whatever happens, the file that was there stays until the new one is
   * there as a whole.
   */
  write(file: string, parts: Iterable<Uint8Array>): Promise<void>;
  /** Opens a file for reading. */
  open(file: string): Promise<ByteSource>;
  /** Removes a file; one that is not there is no error. */
  remove(file: string): Promise<void>;
  /** Removes what writers that have ended left half-written. `resume` calls it. */
  tidy?(): Promise<void>;
}
