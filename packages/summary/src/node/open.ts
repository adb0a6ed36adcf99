// Opens the event file of a folder: a new one, or the newest one behind its last whole record.
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { FileFormatError } from "@tead/transforms/image";
import { EventFile, type EventFileOptions } from "./event-file.ts";
import { scanRecords } from "./recover.ts";

export interface OpenOptions extends EventFileOptions {
  readonly filenameSuffix: string;
  /** Continue the newest event file, if there is one. */
  readonly append: boolean;
  /** Told of a damaged file that was found when appending. */
  readonly onWarning: (warning: FileFormatError) => void;
}

/** Files opened by this process, counted: the last part of their names. */
let opened = 0;

export function openEventFile(folder: string, options: OpenOptions): EventFile {
  mkdirSync(folder, { recursive: true });
  return (options.append ? continueNewest(folder, options) : undefined) ?? create(folder, options);
}

/** `events.out.tfevents.<seconds>.<host>.<process>.<n>`: TensorBoard reads them in this order. */
function create(folder: string, options: OpenOptions): EventFile {
  for (;;) {
    const seconds = `${Math.floor(Date.now() / 1000)}`.padStart(10, "0");
    const name = `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${opened++}`;
    const path = join(folder, name + options.filenameSuffix);
    try {
      return new EventFile(path, openSync(path, "wx"), 0, options);
    } catch (error) {
      // A worker thread of this process counts from 0 as well.
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}

function continueNewest(folder: string, options: OpenOptions): EventFile | undefined {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.includes("tfevents"))
    .map((entry) => entry.name)
    .sort();
  const newest = names.at(-1);
  if (newest === undefined) return undefined;
  const path = join(folder, newest);
  const fd = openSync(path, "r+");
  try {
    const { end, problem, torn } = scanRecords(fd, fstatSync(fd).size);
    if (problem !== undefined) {
      const next = torn
        ? "the log goes on after the last whole record"
        : "the log goes on in a new file, this one stays as it is";
      options.onWarning(new FileFormatError("SummaryWriter", path, end, `${problem}; ${next}`));
    }
    if (problem === undefined || torn) {
      if (torn) ftruncateSync(fd, end);
      return new EventFile(path, fd, end, options);
    }
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
}
