// All that a run needs to go on where it stopped, as one checkpoint file.
import { loadCheckpoint, saveCheckpoint } from "@tead/checkpoint/node";
import type { Module } from "@tead/nn";
import type { LRScheduler, Optimizer } from "@tead/optim";
import { type Backend, defaultGenerator, StateError, type Tensor } from "@tead/tensor";

/** Where in the run it is. */
export interface Position {
  /** The epoch that is under way or comes next, from 0. */
  epoch: number;
  /** Steps of it that are done. */
  step: number;
  /** Steps done in the whole run. */
  globalStep: number;
  /** The generator's state as this epoch began: from it the loader draws the same order again. */
  epochStart: Uint8Array;
}

interface Saved {
  readonly model: Record<string, Tensor>;
  readonly optimizer: ReturnType<Optimizer["stateDict"]>;
  readonly scheduler: ReturnType<LRScheduler["stateDict"]>;
  readonly position: Position;
  readonly generator: Uint8Array;
  readonly settings: Record<string, number | string>;
}

/** A run that can be saved and restored. */
export interface Run {
  readonly model: Module;
  /** Where the model is. A checkpoint does not say: it goes on on any device. */
  readonly device: Backend;
  readonly optimizer: Optimizer;
  /** Lowers the learning rate after each step. */
  readonly scheduler: LRScheduler;
  readonly position: Position;
  /** What must be the same for the run to go on: data, epochs, batch size, rate, seed. */
  readonly settings: Record<string, number | string>;
}

export async function saveRun(
  path: string,
  { model, optimizer, scheduler, position, settings }: Run,
): Promise<void> {
  const generator = defaultGenerator().getState();
  const state = {
    model: model.stateDict(),
    optimizer: optimizer.stateDict(),
    scheduler: scheduler.stateDict(),
    position,
    generator,
    settings,
  };
  await saveCheckpoint(path, state);
}

/** Puts a saved state into `run`; the generator goes on from where it was saved. */
export async function restoreRun(path: string, run: Run): Promise<Uint8Array> {
  const saved = await loadCheckpoint<Saved>(path);
  for (const [name, value] of Object.entries(run.settings))
    if (saved.settings[name] !== value)
      throw new StateError(
        `--resume: Cannot go on from ${path}: expected --${name} ${saved.settings[name]}, received ${value}`,
        { hint: "give the options of the run that wrote it, or another --log-dir to start anew" },
      );
  run.model.loadStateDict(saved.model);
  run.optimizer.loadStateDict(saved.optimizer);
  run.scheduler.loadStateDict(saved.scheduler);
  Object.assign(run.position, saved.position);
  defaultGenerator().setState(saved.generator);
  return saved.generator;
}
