// The files of a training run in a folder.
import { mkdir, readdir, rm } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { RunStore } from "../training/run-store.ts";
import { fileSource } from "./file-source.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

/** What writeFileAtomic names the file that it fills, with the process that does. */
const temporaryPattern = /^\.step-\d+-\d+\.ckpt\.(\d+)\.[\da-f]+\.tmp$/;

/**
 * The files of a training run in a folder: written under another name, synced and renamed.
 * `new TrainingRun("folder", ...)` makes one itself.
 *
 * @param folder - It is made when the first file is written.
 */
export function folderStore(folder: string): RunStore {
  const list = (): Promise<string[]> => readdir(folder).catch(() => []);
  // A file that is named by its whole path may lie elsewhere.
  const pathOf = (file: string): string => (isAbsolute(file) ? file : join(folder, file));
  return {
    pathOf,
    list,
    write: async (file, parts) => {
      await mkdir(folder, { recursive: true });
      await writeFileAtomic(join(folder, file), parts);
    },
    open: (file) => fileSource(pathOf(file)),
    remove: (file) => rm(join(folder, file), { force: true }),
    tidy: async () => {
      for (const name of await list()) {
        const owner = temporaryPattern.exec(name)?.[1];
        if (owner !== undefined && !isAlive(Number(owner)))
          await rm(join(folder, name), { force: true });
      }
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Alive, and another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
