// Where records go: the one thing that a platform has to provide.

/** Takes framed records in order and keeps them somewhere: a file, memory, a socket. */
export interface EventSink {
  /** Whether nothing was ever written: then a version record must come first. */
  readonly empty: boolean;
  /** Takes one whole record. May keep it in memory for a while; must not block. */
  write(record: Uint8Array): void;
  /** Resolves once everything written so far is out. */
  flush(): Promise<void>;
  /** Flushes and lets go of what the sink holds. Nothing is written afterwards. */
  close(): Promise<void>;
}

/**
 * A sink that keeps the log in memory: for a browser that offers it as a download, and for tests.
 *
 * @example
 * import assert from "node:assert/strict";
 * import { frameRecord, MemorySink } from "@tead/summary";
 * const sink = new MemorySink();
 * sink.write(frameRecord(Uint8Array.of(7)));
 * assert.equal(sink.bytes().length, 17);
 */
export class MemorySink implements EventSink {
  readonly #records: Uint8Array[] = [];

  get empty(): boolean {
    return this.#records.length === 0;
  }

  write(record: Uint8Array): void {
    this.#records.push(record);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  /** The log so far, as the bytes of an event file. */
  bytes(): Uint8Array<ArrayBuffer> {
    const total = this.#records.reduce((sum, record) => sum + record.length, 0);
    const bytes = new Uint8Array(total);
    let offset = 0;
    for (const record of this.#records) {
      bytes.set(record, offset);
      offset += record.length;
    }
    return bytes;
  }
}
