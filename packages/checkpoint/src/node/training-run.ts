// A training run that can be stopped anywhere: all of its state in one file, several files kept.
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Backend, defaultGenerator, type Generator, StateError } from "@tead/tensor";
import { CheckpointError } from "../errors.ts";
import type { CheckpointValue } from "../structure.ts";
import { checkpointParts, loadCheckpoint } from "./checkpoint.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

/** What has a state: modules, optimizers, schedulers, and classes of yours. */
export interface Stateful {
  /** What the next run needs of it. */
  stateDict(): object;
  /** Takes over a state that `stateDict()` gave. */
  loadStateDict(state: never): unknown;
}

/** Options of {@link TrainingRun}. */
export interface TrainingRunOptions {
  /** How many of the last checkpoints stay. Default 3. */
  readonly keepLast?: number;
  /** Which metric is the best: the checkpoint that has it stays as well. Default "max". */
  readonly best?: "max" | "min";
  /**
   * The generators that the run draws from, those of loaders included. Default: the default one.
   */
  readonly generators?: readonly Generator[];
  /** Where tensors go that are loaded. Default: the default device. */
  readonly device?: Backend;
}

/** What a call of `save` adds. */
export interface SaveOptions {
  /** How good the run is now: the best checkpoint is kept. */
  readonly metric?: number;
  /** Anything else to keep; `resume` gives it back. */
  readonly extra?: CheckpointValue;
}

/** What `resume` found. */
export interface Resumed {
  readonly path: string;
  readonly metric: number | undefined;
  readonly extra: CheckpointValue;
  /** Newer files that could not be read, with the reason. */
  readonly skipped: readonly { readonly path: string; readonly error: Error }[];
}

interface Best {
  readonly file: string;
  readonly metric: number;
}

interface Saved {
  readonly states: Record<string, object>;
  readonly position: { epoch: number; step: number; globalStep: number };
  readonly generators: Uint8Array[];
  readonly epochStart: Uint8Array[];
  readonly metric: number | null;
  readonly best: Best | null;
  readonly extra: CheckpointValue;
}

/**
 * The state of a training run in a folder: one call saves model, optimizer, scheduler, position in
 * the data and generators; another goes on from there, bit for bit on the CPU.
 *
 * Files are written under another name, synced and renamed: a process that is killed at any moment
 * leaves checkpoints that load. The last `keepLast` of them stay, and the one with the best metric.
 *
 * @param folder - Where the checkpoints are; it is made if missing.
 * @param parts - What has a state, by name: `{ model, optimizer, scheduler }`.
 * @param options - `keepLast`, `best`, `generators`, `device`.
 * @throws RangeError if `keepLast` is not a positive integer.
 * @see https://pytorch.org/tutorials/recipes/recipes/saving_and_loading_a_general_checkpoint.html
 * @example
 * import assert from "node:assert/strict";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import "@tead/autograd";
 * import { cpu } from "@tead/backend-cpu";
 * import { TrainingRun } from "@tead/checkpoint/node";
 * import { DataLoader } from "@tead/data";
 * import { Linear } from "@tead/nn";
 * import { SGD } from "@tead/optim";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const folder = mkdtempSync(join(tmpdir(), "tead-"));
 * const model = new Linear(1, 1);
 * const optimizer = new SGD(model.parameters(), { lr: 0.1 });
 * const loader = new DataLoader([0.5, 1, 1.5, 2], { batchSize: 2, shuffle: true });
 *
 * const run = new TrainingRun(folder, { model, optimizer });
 * await run.resume(); // goes on where the last process stopped, if there was one
 * while (run.epoch < 3) {
 *   for await (const batch of run.batches(loader)) {
 *     optimizer.zeroGrad();
 *     model.forward(batch.to("float32").reshape([-1, 1])).square().sum().backward();
 *     optimizer.step();
 *   }
 *   await run.save({ metric: run.epoch });
 * }
 *
 * const again = new TrainingRun(folder, { model, optimizer });
 * assert.equal((await again.resume())?.metric, 3);
 * assert.deepEqual([again.epoch, again.globalStep], [3, 6]);
 */
export class TrainingRun {
  readonly folder: string;
  /** Epochs that are done. */
  epoch = 0;
  /** Batches of this epoch that were taken. */
  step = 0;
  /** Batches that were taken in the whole run. */
  globalStep = 0;
  readonly #parts: Readonly<Record<string, Stateful>>;
  readonly #keepLast: number;
  readonly #sign: 1 | -1;
  readonly #generators: readonly Generator[];
  readonly #device: Backend | undefined;
  #best: Best | undefined;
  /** The generators' states when this epoch began: from them its order is drawn again. */
  #epochStart: Uint8Array[] = [];
  /** The generators' states where a resumed epoch goes on. */
  #resumedAt: Uint8Array[] | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(
    folder: string,
    parts: Readonly<Record<string, Stateful>>,
    { keepLast = 3, best = "max", generators, device }: TrainingRunOptions = {},
  ) {
    if (!Number.isInteger(keepLast) || keepLast < 1)
      throw new RangeError(
        `TrainingRun: keepLast is out of range: expected a positive integer, received ${keepLast}`,
      );
    this.folder = folder;
    this.#parts = parts;
    this.#keepLast = keepLast;
    this.#sign = best === "max" ? 1 : -1;
    this.#generators = generators ?? [defaultGenerator()];
    this.#device = device;
  }

  /** Path of the checkpoint with the best metric so far; undefined if none had one. */
  get bestPath(): string | undefined {
    return this.#best && join(this.folder, this.#best.file);
  }

  /**
   * The rest of this epoch's batches; at its end `epoch` goes up by one. After `resume` the batches
   * that were done are drawn again, in the order that they had, and skipped.
   *
   * Call `save` in the loop after the optimizer's step: the batch under way counts as done.
   *
   * @param loader - A `DataLoader`, or whatever gives the same batches for the same generators.
   */
  async *batches<B>(loader: AsyncIterable<B>): AsyncGenerator<B, void, undefined> {
    const resumedAt = this.#resumedAt;
    this.#resumedAt = undefined;
    const skipped = this.step;
    if (skipped > 0) this.#setGenerators(this.#epochStart);
    else this.#epochStart = this.#generatorStates();
    let index = 0;
    for await (const batch of loader) {
      if (index++ < skipped) {
        // Before the next batch is asked for: fetching it may draw, and so may an epoch's end.
        if (index === skipped && resumedAt !== undefined) this.#setGenerators(resumedAt);
        continue;
      }
      this.step++;
      this.globalStep++;
      yield batch;
    }
    this.epoch++;
    this.step = 0;
  }

  /**
   * Saves everything as it is at the call, then removes what need not stay.
   *
   * @param options - `metric`, `extra`.
   * @returns The path of the file.
   * @throws Error that names the file and the offset if it cannot be written.
   */
  async save({ metric, extra = null }: SaveOptions = {}): Promise<string> {
    const { epoch, step, globalStep } = this;
    // The names' order is the run's.
    const [steps, epochs] = [String(globalStep).padStart(10, "0"), String(epoch).padStart(6, "0")];
    const file = `step-${steps}-${epochs}.ckpt`;
    const before = this.#best;
    if (metric !== undefined && (before === undefined || this.#isBetter(metric, before)))
      this.#best = { file, metric };
    const best = this.#best;
    const states = Object.entries(this.#parts).map(([name, part]) => [name, part.stateDict()]);
    const state: Saved = {
      states: Object.fromEntries(states),
      position: { epoch, step, globalStep },
      generators: this.#generatorStates(),
      epochStart: [...this.#epochStart],
      metric: metric ?? null,
      best: best ?? null,
      extra,
    };
    // Everything is read now; the files are written one after another.
    const parts = checkpointParts("save", state);
    const path = join(this.folder, file);
    const written = Promise.allSettled([parts, this.#writing]).then(async () => {
      await mkdir(this.folder, { recursive: true });
      await writeFileAtomic(path, await parts);
      await this.#clean(best?.file);
    });
    this.#writing = written.catch(() => {
      if (this.#best === best) this.#best = before;
    });
    await written;
    return path;
  }

  #isBetter(metric: number, { metric: best }: Best): boolean {
    return this.#sign * metric > this.#sign * best;
  }

  /**
   * Goes on from the newest checkpoint that can be read; removes what a killed process left behind.
   *
   * @returns What it found; undefined in an empty folder: the run begins.
   * @throws StateError if there are checkpoints and none can be read, or the parts are others.
   */
  async resume(): Promise<Resumed | undefined> {
    await this.#removeTemporary();
    const skipped: { path: string; error: Error }[] = [];
    for (const file of (await this.#files()).reverse()) {
      const path = join(this.folder, file);
      let saved: Saved;
      try {
        saved = await loadCheckpoint<Saved>(path, { device: this.#device });
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error;
        skipped.push({ path, error });
        continue;
      }
      this.#restore(path, saved);
      return { path, metric: saved.metric ?? undefined, extra: saved.extra, skipped };
    }
    if (skipped.length === 0) return undefined;
    const reasons = skipped.map(({ error }) => `  ${error.message}`).join("\n");
    throw new StateError(
      `resume: Cannot go on: expected a checkpoint in ${this.folder} that can be read, received ` +
        `${skipped.length} that cannot\n${reasons}`,
    );
  }

  #restore(path: string, { states, position, ...saved }: Saved): void {
    const [expected, received] = [this.#parts, states].map((each) => Object.keys(each).join(", "));
    if (expected !== received || saved.generators.length !== this.#generators.length)
      throw new StateError(
        `resume: Cannot go on from ${path}: expected ${received} and ${saved.generators.length} ` +
          `generators, received ${expected} and ${this.#generators.length}`,
      );
    for (const [name, part] of Object.entries(this.#parts))
      part.loadStateDict(states[name] as never);
    this.epoch = position.epoch;
    this.step = position.step;
    this.globalStep = position.globalStep;
    this.#best = saved.best ?? undefined;
    this.#epochStart = saved.epochStart;
    this.#resumedAt = saved.generators;
    this.#setGenerators(saved.generators);
  }

  #generatorStates(): Uint8Array[] {
    return this.#generators.map((generator) => generator.getState());
  }
  #setGenerators(states: readonly Uint8Array[]): void {
    for (const [i, generator] of this.#generators.entries())
      generator.setState(states[i] as Uint8Array);
  }

  /** The checkpoints, oldest first. */
  async #files(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => filePattern.test(name)).sort();
  }

  async #clean(best: string | undefined): Promise<void> {
    const files = await this.#files();
    const extra = files.slice(0, -this.#keepLast).filter((file) => file !== best);
    for (const file of extra) await rm(join(this.folder, file), { force: true });
  }

  async #removeTemporary(): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const owner = temporaryPattern.exec(name)?.[1];
      if (owner !== undefined && !isAlive(Number(owner)))
        await rm(join(this.folder, name), { force: true });
    }
  }
}

const filePattern = /^step-\d{10,}-\d{6,}\.ckpt$/;
/** What writeFileAtomic names the file that it fills, with the process that does. */
const temporaryPattern = /^\.step-\d+-\d+\.ckpt\.(\d+)\.[\da-f]+\.tmp$/;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Alive, and another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
