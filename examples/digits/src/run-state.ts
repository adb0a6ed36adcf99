// All that a run needs to go on where it stopped, and where it is kept.
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TrainingRun } from "@tead/checkpoint/node";
import type { Module } from "@tead/nn";
import type { LRScheduler, Optimizer } from "@tead/optim";
import { type Backend, StateError } from "@tead/tensor";

/** What must be the same for a run to go on: data, epochs, batch size, rate, seed. */
export type Settings = Readonly<Record<string, number | string>>;

/** A run of the example. */
export interface Run {
  readonly model: Module;
  /** Where the model is. A checkpoint does not say: it goes on on any device. */
  readonly device: Backend;
  readonly optimizer: Optimizer;
  /** Lowers the learning rate after each step. */
  readonly scheduler: LRScheduler;
  /** Where in the data it is, and its checkpoints. */
  readonly training: TrainingRun;
  readonly settings: Settings;
}

/** The folder of a run's checkpoints: the last two, and the one with the best test accuracy. */
export const checkpointFolder = (logDir: string): string => join(logDir, "checkpoints");

/** The checkpoints of `parts`. */
export function trainingIn(
  logDir: string,
  parts: Pick<Run, "model" | "optimizer" | "scheduler">,
): TrainingRun {
  return new TrainingRun(checkpointFolder(logDir), { ...parts }, { keepLast: 2 });
}

/** Makes room for a run that begins anew. */
export async function removeCheckpoints(logDir: string): Promise<void> {
  await rm(checkpointFolder(logDir), { recursive: true, force: true });
}

/** Saves the run as it is; `accuracy` is the last epoch's on the test images. */
export function saveRun({ training, settings }: Run, accuracy?: number): Promise<string> {
  return training.save({ extra: settings, metric: accuracy });
}

/**
 * Goes on from a checkpoint, or from the newest one.
 * @throws StateError if there is none, or the settings were others.
 */
export async function resumeRun(run: Run, logDir: string, checkpoint?: string): Promise<void> {
  const file = checkpoint && resolve(checkpoint);
  const resumed = await run.training.resume(file === undefined ? {} : { file });
  if (resumed === undefined)
    throw new StateError(
      `--resume: Cannot go on: expected a checkpoint in ${checkpointFolder(logDir)}, received none`,
      { hint: "start without --resume" },
    );
  for (const { error } of resumed.skipped)
    console.log(`Passed over a checkpoint. ${error.message}`);
  const before = resumed.extra as Settings;
  for (const [name, value] of Object.entries(run.settings))
    if (before[name] !== value)
      throw new StateError(
        `--resume: Cannot go on from ${resumed.path}: expected --${name} ${before[name]}, received ${value}`,
        { hint: "give the options of the run that wrote it, or another --log-dir to start anew" },
      );
}
