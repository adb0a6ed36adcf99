// One event file on disk: records wait in memory until there are enough of them for a write.
import { closeSync, fdatasync, ftruncateSync, write, writeSync } from "node:fs";
import { promisify } from "node:util";
import type { EventSink } from "../sink.ts";

const writeAt = promisify(write);
const sync = promisify(fdatasync);

export interface EventFileOptions {
  /** This many waiting records start a write. */
  readonly maxQueue: number;
  /** A record waits at most this many seconds. */
  readonly flushSecs: number;
}

/** Files that may still hold records in memory when the process ends. */
const openFiles = new Set<EventFile>();
const saveAll = (): void => {
  for (const file of openFiles) file.saveNow();
};

export class EventFile implements EventSink {
  readonly path: string;
  readonly #fd: number;
  readonly #options: EventFileOptions;
  /** Bytes of whole records that are on disk. */
  #end: number;
  /** Records that no write has taken yet. */
  #waiting: Uint8Array[] = [];
  /** Whole records that a write has taken and not finished; they go to `#end`. */
  #taken: Uint8Array | undefined;
  #drain: Promise<void> | undefined;
  #failure: unknown;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * @param path - For messages.
   * @param fd - A file open for writing at any position; this object closes it.
   * @param end - Where the first record goes.
   * @param options - When to write.
   */
  constructor(path: string, fd: number, end: number, options: EventFileOptions) {
    this.path = path;
    this.#fd = fd;
    this.#end = end;
    this.#options = options;
    if (openFiles.size === 0) process.on("exit", saveAll);
    openFiles.add(this);
  }

  get empty(): boolean {
    return this.#end === 0 && this.#taken === undefined && this.#waiting.length === 0;
  }

  write(record: Uint8Array): void {
    this.#rethrow();
    this.#waiting.push(record);
    if (this.#waiting.length >= this.#options.maxQueue) this.#startDrain();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#startDrain(), this.#options.flushSecs * 1000);
      this.#timer.unref();
    }
  }

  async flush(): Promise<void> {
    if (this.#closed) return;
    this.#startDrain();
    await this.#drain;
    this.#rethrow();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.flush();
      await sync(this.#fd);
    } finally {
      this.#closed = true;
      clearTimeout(this.#timer);
      openFiles.delete(this);
      if (openFiles.size === 0) process.off("exit", saveAll);
      closeSync(this.#fd);
    }
  }

  /** Writes what is left, without waiting, because the process is about to end. */
  saveNow(): void {
    try {
      // A write may be under way in another thread: the same bytes at the same place do no harm.
      const bytes = Buffer.concat([...(this.#taken ? [this.#taken] : []), ...this.#waiting]);
      let done = 0;
      while (done < bytes.length) {
        done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#end + done);
      }
    } catch {
      // Nobody is left who could be told.
    }
  }

  #startDrain(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drain ??= this.#writeWaiting().finally(() => {
      this.#drain = undefined;
    });
  }

  async #writeWaiting(): Promise<void> {
    try {
      while (this.#taken !== undefined || this.#waiting.length > 0) {
        // What failed last time comes first.
        this.#taken = Buffer.concat([...(this.#taken ? [this.#taken] : []), ...this.#waiting]);
        this.#waiting = [];
        await this.#writeTaken(this.#taken);
        this.#end += this.#taken.length;
        this.#taken = undefined;
      }
    } catch (cause) {
      this.#cutBack();
      const reason = cause instanceof Error ? cause.message : String(cause);
      const problem = `EventFile: Cannot write ${this.path}: at byte ${this.#end}: ${reason}`;
      this.#failure ??= new Error(problem, { cause });
    }
  }

  async #writeTaken(bytes: Uint8Array): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const at = this.#end + done;
      const { bytesWritten } = await writeAt(this.#fd, bytes, done, bytes.length - done, at);
      done += bytesWritten;
    }
  }

  /** Takes back a record that was written in part, so that the file ends with a whole one. */
  #cutBack(): void {
    try {
      ftruncateSync(this.#fd, this.#end);
    } catch {
      // The next writer finds the torn record and cuts it off.
    }
  }

  #rethrow(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }
}
