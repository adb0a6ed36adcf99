// How many threads the CPU uses, and the two functions through which kernels use them: engineFor() and parallel().
import { type Engine, wasmAvailable, wasmEngine } from "../wasm/engine.ts";
import type { KernelName } from "../wasm/exports.ts";
import { MOST_THREADS } from "./layout.ts";
import { Pool } from "./pool.ts";
import { machineThreads, whyOneThread } from "./spawn.ts";

/** Unless told otherwise, no more threads than this: the calling thread has to copy for all of them. */
const MOST_BY_DEFAULT = 16;
/** Jobs of fewer multiply-adds run on one thread: less than 100 microseconds of work, where copying to shared memory shows. */
const WORTH_THREADS = 1 << 21;
/** What the first job must cost for workers to be started: about 2 milliseconds of work. */
const WORTH_STARTING = 1 << 25;

let wanted: number | undefined;
let pool: Pool | undefined;
/** The work so far that more threads would have helped with: many small jobs start the pool too. */
let missed = 0;
/** Why there is one thread, once that is known. */
let reason: string | undefined;

/** What is said, once, to those who turn on TEAD_DEBUG: in the environment or as a global. */
const debug = (text: string): void => {
  const { process, TEAD_DEBUG } = globalThis as {
    readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
    readonly TEAD_DEBUG?: unknown;
  };
  if (TEAD_DEBUG || process?.env?.TEAD_DEBUG) console.log(`@tead/backend-cpu: ${text}`);
};

const giveUpThreads = (why: string): void => {
  if (reason !== why) debug(`one thread only: ${why}`);
  reason = why;
  wanted = 1;
};

/**
 * The number of threads that large matrix products and convolutions may use, the calling one included.
 * Unless set, it is what the machine reports, at most 16; 1 where memory cannot be shared between threads.
 * @see https://pytorch.org/docs/stable/generated/torch.get_num_threads.html
 * @example
 * import assert from "node:assert/strict";
 * import { getNumThreads } from "@tead/backend-cpu";
 * assert(getNumThreads() >= 1);
 */
export function getNumThreads(): number {
  if (wanted === undefined) {
    const why = whyOneThread();
    if (why === undefined) wanted = Math.max(1, Math.min(machineThreads(), MOST_BY_DEFAULT));
    else giveUpThreads(why);
  }
  return wanted as number;
}

/**
 * Sets the number of threads that large matrix products and convolutions may use, the calling one included. Results are the
 * same, to the bit, whatever the number. Threads start with the first large job and never keep a program running. Where
 * memory cannot be shared (a page that is not cross-origin isolated), one thread runs all the same.
 * @param threads - from 1 to 64
 * @throws RangeError for any other number
 * @see https://pytorch.org/docs/stable/generated/torch.set_num_threads.html
 * @example
 * import assert from "node:assert/strict";
 * import { getNumThreads, setNumThreads } from "@tead/backend-cpu";
 * setNumThreads(1);
 * assert.equal(getNumThreads(), 1);
 */
export function setNumThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS)
    throw new RangeError(
      `setNumThreads: Cannot use ${threads} threads: expected an integer from 1 to ${MOST_THREADS}`,
    );
  const why = threads > 1 ? whyOneThread() : undefined;
  if (why !== undefined) {
    giveUpThreads(why);
    return;
  }
  if (pool !== undefined && pool.threads !== threads) {
    pool.stop();
    pool = undefined;
  }
  wanted = threads;
}

/** Starts the pool for the build that runs, and replaces one that is of no use any more. */
const startPool = (threads: number): Pool | undefined => {
  const { build } = wasmEngine();
  if (pool !== undefined && pool.engine.build === build && pool.expected > 0) return pool;
  pool?.stop();
  try {
    pool = new Pool(build, threads);
  } catch (error) {
    pool = undefined;
    giveUpThreads(`memory cannot be shared: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
  if (pool.expected > 0) return pool;
  pool = undefined;
  giveUpThreads("workers cannot be started");
  return undefined;
};

/**
 * The engine for a job of about `cost` multiply-adds (or work that takes as long): one whose memory all threads see if the job
 * is worth it and they have started, else the private one. Both hold the same kernels.
 */
export function engineFor(cost: number): Engine {
  if (cost >= WORTH_THREADS && getNumThreads() > 1) {
    missed += cost;
    if (missed >= WORTH_STARTING) {
      const started = startPool(wanted as number);
      if (started !== undefined && started.ready > 0) return started.engine;
    }
  }
  return wasmEngine();
}

/** How many threads may work on a job of this engine: for cutting work where the cut cannot change results. */
export function threadsOf(engine: Engine): number {
  return engine.shared && pool?.engine === engine ? pool.ready + 1 : 1;
}

/**
 * Runs kernel(...args, task) for the tasks 0 to tasks - 1, on all threads if the engine is the shared one, and returns when all
 * are done. Tasks must not depend on each other: each writes its own part of the result, in a fixed order.
 */
export function parallel(
  engine: Engine,
  name: KernelName,
  tasks: number,
  args: readonly number[],
): void {
  if (tasks > 1 && engine.shared && pool?.engine === engine) {
    pool.run(name, tasks, args);
    return;
  }
  const kernel = engine.kernels[name] as (...numbers: number[]) => void;
  for (let task = 0; task < tasks; task++) kernel(...args, task);
}

/** Starts the threads now, and resolves when as many as can have started; with the number that run. For tests and measurements. */
export async function threadsStarted(timeoutMs = 5000): Promise<number> {
  if (!wasmAvailable() || getNumThreads() === 1) return 1;
  missed = WORTH_STARTING;
  const started = startPool(wanted as number);
  const end = performance.now() + timeoutMs;
  while (started !== undefined && started.ready < started.expected && performance.now() < end)
    await new Promise<void>((resolve) => setTimeout(resolve, 1));
  return started === undefined ? 1 : started.ready + 1;
}
