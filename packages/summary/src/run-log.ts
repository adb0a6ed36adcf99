// The log of one run: events in the order of the calls, though some of their values arrive later.
import { encodeEvent, fileVersion, type SummaryValue } from "./event.ts";
import { frameRecord } from "./record.ts";
import type { EventSink } from "./sink.ts";

/** When an event happened. */
export interface Moment {
  readonly step: number;
  /** Seconds since 1970. */
  readonly walltime: number;
}

/** A value that is there, or that a device is still computing. */
export type Pending<T> = T | Promise<T>;

export class RunLog {
  readonly #sink: EventSink;
  /** The last value that is still awaited; undefined while all values are out. */
  #tail: Promise<void> | undefined;
  /** What went wrong since anyone was told. */
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param sink - Takes the records.
   * @param purgeStep - Everything logged earlier at this step or later is hidden from now on.
   * @param walltime - Of the first events, in seconds since 1970.
   */
  constructor(sink: EventSink, purgeStep: number | undefined, walltime: number) {
    this.#sink = sink;
    if (sink.empty) {
      const what = { fileVersion, writer: "@tead/summary" };
      sink.write(frameRecord(encodeEvent({ walltime, what })));
    }
    if (purgeStep !== undefined) {
      const start = { walltime, step: purgeStep, what: { sessionLog: "start" } } as const;
      sink.write(frameRecord(encodeEvent(start)));
    }
  }

  add(moment: Moment, value: Pending<SummaryValue>): void {
    this.#rethrow();
    if (this.#tail === undefined && !(value instanceof Promise)) {
      this.#write(moment, value);
      return;
    }
    const tail = this.#enqueue(this.#tail, moment, value).finally(() => {
      if (this.#tail === tail) this.#tail = undefined;
    });
    this.#tail = tail;
  }

  async flush(): Promise<void> {
    await this.#tail;
    await this.#sink.flush();
    this.#rethrow();
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#sink.close();
    this.#rethrow();
  }

  async #enqueue(
    before: Promise<void> | undefined,
    moment: Moment,
    value: Pending<SummaryValue>,
  ): Promise<void> {
    // Settled first: a value that fails while others are awaited must not count as unhandled.
    const [outcome] = await Promise.allSettled([value, before]);
    try {
      if (outcome.status === "rejected") throw outcome.reason;
      this.#write(moment, outcome.value);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  #write({ walltime, step }: Moment, value: SummaryValue): void {
    this.#sink.write(frameRecord(encodeEvent({ walltime, step, what: { summary: [value] } })));
  }

  #rethrow(): void {
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#failure = undefined;
    throw failure.error;
  }
}
