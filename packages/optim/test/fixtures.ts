// The fixtures of PyTorch's optimizers and schedules, read.
import { readFileSync } from "node:fs";
import type { Schedule, Trajectories, Trajectory } from "./fixture.ts";

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8"));

const { runs, ...rest } = read("trajectories") as Trajectories;
const current = read("current") as { readonly runs: Readonly<Record<string, Trajectory>> };
/** PyTorch 1.13's runs, and those of PyTorch 2.13. */
export const trajectories: Trajectories = { ...rest, runs: { ...runs, ...current.runs } };

export const schedules = read("schedules") as {
  readonly steps: readonly number[];
  readonly metrics: readonly number[];
  readonly runs: Readonly<Record<string, Schedule>>;
};

type StateDict = Trajectory["stateDict"];
/** State dicts of this library as PyTorch 2.13 read them, to go on where it would have been. */
export const resumed: Readonly<Record<string, StateDict>> = (
  read("resumed") as { readonly states: Readonly<Record<string, StateDict>> }
).states;
