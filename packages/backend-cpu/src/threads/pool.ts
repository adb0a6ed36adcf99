// A pool of worker threads over one shared memory: starts them, hands them jobs, waits for them. The protocol and its reasons
// are in docs/decisions/0008-threads.md.
import { StateError } from "@tead/tensor";
import { type Engine, sharedEngine, THREAD_BYTES, type WasmBuild } from "../wasm/engine.ts";
import type { KernelName } from "../wasm/exports.ts";
import * as layout from "./layout.ts";
import { type Spawned, spawn } from "./spawn.ts";

const { ARGUMENTS, CALLER_WAITS, EPOCH, FAILED, FLAGS, KERNEL, MOST_ARGUMENTS } = layout;
const { NEXT, OPEN, QUIT, READY, SLEEPING, TASKS } = layout;

/** How long the caller spins for the last tasks before it sleeps. */
const SPIN_MS = 0.2;

/** A kernel as `parallel` calls it: its arguments, then the task. */
type TaskKernel = (...numbers: number[]) => void;

/** Whether this thread may sleep: a page's main thread may not. */
const mayWait = (): boolean => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
};

export interface PoolOptions {
  /** Starts a worker. */
  readonly spawn?: (data: object) => Spawned | undefined;
  /** How long a worker may take for the tasks that it began after all others are done. */
  readonly limitMs?: number;
}

export class Pool {
  readonly engine: Engine;
  readonly threads: number;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #workers: Spawned[] = [];
  readonly #indices: ReadonlyMap<string, number>;
  readonly #limitMs: number;
  readonly #mayWait: boolean = mayWait();
  #broken = false;

  /** Starts `threads - 1` workers; they take part as soon as they are there. Throws where memory cannot be shared. */
  constructor(build: WasmBuild, threads: number, options: PoolOptions = {}) {
    const control = new SharedArrayBuffer(layout.CONTROL_BYTES);
    const shared = sharedEngine(build, threads);
    this.engine = shared.engine;
    this.threads = threads;
    this.#words = new Int32Array(control, 0, layout.ARGUMENT_BYTES / 4);
    this.#numbers = new Float64Array(control, layout.ARGUMENT_BYTES);
    this.#indices = new Map(Object.keys(this.engine.kernels).map((name, i) => [name, i]));
    this.#limitMs = options.limitMs ?? 60_000;
    const { memory } = this.engine;
    for (let slot = 0; slot < threads - 1; slot++) {
      const address = shared.scratch + (slot + 1) * THREAD_BYTES;
      const scratch = { kernel: this.#indices.get("setScratch"), address };
      const data = { module: shared.module, memory, control, slot, scratch };
      const worker = (options.spawn ?? spawn)(data);
      if (worker === undefined) break;
      this.#workers.push(worker);
    }
  }

  /** Workers that have started so far. */
  get ready(): number {
    return this.#broken ? 0 : Atomics.load(this.#words, READY);
  }

  /** Workers that were asked to start and may still come. */
  get expected(): number {
    return this.#broken ? 0 : this.#workers.length;
  }

  /** Runs kernel(...args, task) for all tasks on all threads, and returns when all are done. */
  run(name: KernelName, tasks: number, args: readonly number[]): void {
    const words = this.#words;
    if (args.length > MOST_ARGUMENTS) throw new RangeError(`${name}: Cannot pass ${args.length}`);
    this.#numbers.set(args);
    words[KERNEL] = this.#indices.get(name) as number;
    words[ARGUMENTS] = args.length;
    words[TASKS] = tasks;
    words[FAILED] = 0;
    Atomics.store(words, NEXT, 0);
    Atomics.store(words, OPEN, 1);
    Atomics.add(words, EPOCH, 1);
    if (Atomics.load(words, SLEEPING) > 0) Atomics.notify(words, EPOCH);
    try {
      const kernel = this.engine.kernels[name] as TaskKernel;
      const pull = (): number => Atomics.add(words, NEXT, 1);
      for (let task = pull(); task < tasks; task = pull()) kernel(...args, task);
    } finally {
      // What this thread did not finish, nobody should begin.
      Atomics.store(words, NEXT, tasks);
      Atomics.store(words, OPEN, 0);
      for (let slot = 0; slot < this.#workers.length; slot++) this.#join(FLAGS + 16 * slot, name);
    }
    if (Atomics.load(words, FAILED) === 1)
      throw new StateError(`${name}: A worker thread could not run its part`, { op: name });
  }

  /** Waits until the worker with this flag takes part no more. */
  #join(flag: number, name: string): void {
    const words = this.#words;
    for (let i = 0; i < 100; i++) if (Atomics.load(words, flag) === 0) return;
    const start = performance.now();
    let waited = 0;
    while (Atomics.load(words, flag) === 1) {
      waited = performance.now() - start;
      if (waited > this.#limitMs) this.#giveUp(name);
      if (!this.#mayWait || waited < SPIN_MS) continue;
      Atomics.store(words, CALLER_WAITS, 1);
      Atomics.wait(words, flag, 1, Math.min(this.#limitMs, 1000));
      Atomics.store(words, CALLER_WAITS, 0);
    }
  }

  #giveUp(name: string): never {
    this.stop();
    throw new StateError(`${name}: A worker thread stopped in the middle of a job`, { op: name });
  }

  /** Ends all workers. The pool takes no more jobs. */
  stop(): void {
    this.#broken = true;
    Atomics.store(this.#words, QUIT, 1);
    Atomics.add(this.#words, EPOCH, 1);
    Atomics.notify(this.#words, EPOCH);
    for (const worker of this.#workers) worker.terminate();
  }
}
