// A training run that can be stopped anywhere: all of its state in one file, several files kept.
import { type Backend, defaultGenerator, type Generator, StateError } from "@tead/tensor";
import { checkpointParts, readCheckpoint } from "../checkpoint.ts";
import { CheckpointError } from "../errors.ts";
import type { CheckpointValue } from "../structure.ts";
import type { RunStore } from "./run-store.ts";

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

/** Options of `resume`. */
export interface ResumeOptions {
  /** The checkpoint to go on from, such as the best. Default: the newest that can be read. */
  readonly file?: string;
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
 * The state of a training run: one call saves model, optimizer, scheduler, position in the data and
 * generators; another goes on from there, bit for bit on the CPU. The last `keepLast` checkpoints
 * stay, and the one with the best metric. In Node, `TrainingRun` of the `/node` entry takes a path.
 *
 * @param store - Where the checkpoints are: {@link directoryStore} in browsers.
 * @param parts - What has a state, by name: `{ model, optimizer, scheduler }`.
 * @param options - `keepLast`, `best`, `generators`, `device`.
 * @throws RangeError if `keepLast` is not a positive integer.
 * @see https://pytorch.org/tutorials/recipes/recipes/saving_and_loading_a_general_checkpoint.html
 */
export class TrainingRun {
  /** Epochs that are done. */
  epoch = 0;
  /** Batches of this epoch that were taken. */
  step = 0;
  /** Batches that were taken in the whole run. */
  globalStep = 0;
  readonly #store: RunStore;
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
  /** Whether what lies in the store is this run's. */
  #begun = false;

  constructor(
    store: RunStore,
    parts: Readonly<Record<string, Stateful>>,
    { keepLast = 3, best = "max", generators, device }: TrainingRunOptions = {},
  ) {
    if (!Number.isInteger(keepLast) || keepLast < 1)
      throw new RangeError(
        `TrainingRun: keepLast is out of range: expected a positive integer, received ${keepLast}`,
      );
    this.#store = store;
    this.#parts = parts;
    this.#keepLast = keepLast;
    this.#sign = best === "max" ? 1 : -1;
    this.#generators = generators ?? [defaultGenerator()];
    this.#device = device;
  }

  /** Path of the checkpoint with the best metric so far; undefined if none had one. */
  get bestPath(): string | undefined {
    return this.#best && this.#store.pathOf(this.#best.file);
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
   * @throws Error that names the file if it cannot be written.
   * @throws StateError if there are checkpoints already and `resume` was not called.
   */
  async save({ metric, extra = null }: SaveOptions = {}): Promise<string> {
    const { epoch, step, globalStep } = this;
    // The names' order is the run's.
    const [steps, epochs] = [String(globalStep).padStart(10, "0"), String(epoch).padStart(6, "0")];
    const file = `step-${steps}-${epochs}.ckpt`;
    const before = this.#best;
    if (metric !== undefined && this.#isBetter(metric, before)) this.#best = { file, metric };
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
    const written = Promise.allSettled([parts, this.#writing]).then(async () => {
      if (!this.#begun) await this.#checkEmpty();
      await this.#store.write(file, await parts);
      this.#begun = true;
      await this.#clean(file, best?.file);
    });
    this.#writing = written.catch(() => {
      if (this.#best === best) this.#best = before;
    });
    await written;
    return this.#store.pathOf(file);
  }

  /** Whether a metric is the best so far; NaN, of a run that has gone astray, never is. */
  #isBetter(metric: number, best: Best | undefined): boolean {
    if (best === undefined) return !Number.isNaN(metric);
    return this.#sign * metric > this.#sign * best.metric;
  }

  /**
   * Goes on from the newest checkpoint that can be read; removes what a killed process left behind.
   * Checkpoints newer than the one that it goes on from are removed by the next `save`.
   *
   * @param options - `file`: the one to go on from.
   * @returns What it found; undefined where there is none: the run begins.
   * @throws StateError if there are checkpoints and none can be read, or the parts are others.
   */
  async resume({ file }: ResumeOptions = {}): Promise<Resumed | undefined> {
    const store = this.#store;
    await store.tidy?.();
    this.#begun = true;
    const skipped: { path: string; error: Error }[] = [];
    for (const name of file === undefined ? (await this.#files()).reverse() : [file]) {
      const path = store.pathOf(name);
      let saved: Saved;
      try {
        const options = { device: this.#device };
        saved = await readCheckpoint<Saved>("resume", await store.open(name), options);
      } catch (error) {
        if (!(error instanceof CheckpointError) || file !== undefined) throw error;
        skipped.push({ path, error });
        continue;
      }
      this.#restore(path, saved);
      return { path, metric: saved.metric ?? undefined, extra: saved.extra, skipped };
    }
    if (skipped.length === 0) return undefined;
    const reasons = skipped.map(({ error }) => `  ${error.message}`).join("\n");
    throw new StateError(
      `resume: Cannot go on: expected a checkpoint that can be read, received ` +
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
    return (await this.#store.list()).filter((name) => filePattern.test(name)).sort();
  }

  async #checkEmpty(): Promise<void> {
    const [file] = await this.#files();
    if (file !== undefined)
      throw new StateError(
        `save: Cannot begin a run where one is: expected no checkpoints, received ${this.#store.pathOf(file)}`,
        { hint: "call resume() before the first save to go on with it, or choose another place" },
      );
  }

  /** Removes what is older than the last few, and what was newer than the place gone on from. */
  async #clean(written: string, best: string | undefined): Promise<void> {
    const files = await this.#files();
    const kept = files.filter((file) => file <= written).slice(-this.#keepLast);
    for (const file of files)
      if (!kept.includes(file) && file !== best) await this.#store.remove(file);
  }
}

const filePattern = /^step-\d{10,}-\d{6,}\.ckpt$/;
