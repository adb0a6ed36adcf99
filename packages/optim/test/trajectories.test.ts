// Every optimizer walks PyTorch's way: 100 steps in float64, and on from PyTorch's state dict.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import type { OptimizerStateDict } from "@tead/optim";
import * as optim from "@tead/optim";
import { setDefaultDevice, Tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { type Json, revived, type Trajectory } from "./fixture.ts";
import { resumed, trajectories } from "./fixtures.ts";
import { Problem } from "./problem.ts";

setDefaultDevice(cpu());

const { runs, half, steps } = trajectories;

function expectNear(
  actual: readonly number[],
  expected: readonly number[],
  relative = 1e-10,
): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((e, i) => {
    const tolerance = relative * Math.max(1, Math.abs(e));
    expect(Math.abs((actual[i] as number) - e)).toBeLessThanOrEqual(tolerance);
  });
}
const numbers = (value: unknown): number[] => {
  if (value instanceof Tensor) return Array.from(value.dataSync(), Number);
  return Array.isArray(value) ? value.flatMap(numbers) : [value as number];
};
function expectShown(found: Problem, run: Trajectory, step: number, loss: number): void {
  const shown = run.shown[step];
  if (shown === undefined) return;
  expectNear([loss], [shown.loss]);
  expectNear(numbers(found.w), shown.w.flat());
  expectNear(numbers(found.b), shown.b);
}
const entriesOf = (dict: OptimizerStateDict): [number, Record<string, unknown>][] => [
  ...(dict.state as ReadonlyMap<number, Record<string, unknown>>),
];

/** What PyTorch's 1.13 saves and we do not: counts nobody reads, and room for work. */
const leftOut = (optimizer: string, key: string, value: Json): boolean =>
  value === null || key === "al" || (optimizer === "Rprop" && key === "step");

describe("an optimizer", () => {
  test.each(Object.entries(runs))("%s takes PyTorch's 100 steps", async (_, run) => {
    const found = new Problem(run, trajectories);
    for (let step = 1; step <= steps; step++) expectShown(found, run, step, await found.step());
  });

  test.each(Object.entries(runs))("%s goes on from PyTorch's state dict", async (_, run) => {
    const found = new Problem(run, trajectories);
    found.resume(run);
    for (let step = half + 1; step <= steps; step++)
      expectShown(found, run, step, await found.step());
  });

  test.each(Object.entries(runs))("%s saves what PyTorch saves, and reads", async (name, run) => {
    const found = new Problem(run, trajectories);
    for (let step = 1; step <= half; step++) await found.step();
    const saved = found.optimizer.stateDict();
    expect(saved.param_groups).toMatchObject(run.stateDict.param_groups);
    const mine = new Map(entriesOf(saved));
    for (const [i, values] of Object.entries(run.stateDict.state)) {
      const state = mine.get(Number(i)) ?? {};
      const theirs = Object.entries(values).filter(([k, v]) => !leftOut(run.optimizer, k, v));
      expect(Object.keys(state)).toEqual(expect.arrayContaining(theirs.map(([k]) => k)));
      // LBFGS keeps differences of gradients that are nearly equal once it has arrived.
      const relative = run.optimizer === "LBFGS" ? 1e-6 : 1e-10;
      for (const [k, v] of theirs) expectNear(numbers(state[k]), numbers(revived(v)), relative);
    }
    // PyTorch 2.13 has loaded this very state dict and gone on to where its own run ends.
    const read = resumed[name];
    if (read === undefined) return;
    expect(saved.param_groups).toEqual(read.param_groups);
    for (const [i, state] of mine) {
      expect(Object.keys(state)).toEqual(Object.keys(read.state[i] ?? {}));
      for (const [k, v] of Object.entries(read.state[i] ?? {}))
        expectNear(numbers(state[k]), numbers(revived(v)), 1e-6);
    }
  });

  test("PyTorch 2.13 has read a state dict of every optimizer", () => {
    const read = Object.keys(resumed).map((name) => runs[name]?.optimizer);
    expect(new Set(read)).toEqual(new Set(Object.values(runs).map((run) => run.optimizer)));
  });

  test("every optimizer of the package has a trajectory", () => {
    const classes = Object.entries(optim)
      .filter(
        ([name, value]) =>
          typeof value === "function" &&
          value.prototype instanceof optim.OptimizerBase &&
          name !== "Optimizer",
      )
      .map(([name]) => name);
    expect(new Set(Object.values(runs).map((run) => run.optimizer))).toEqual(new Set(classes));
  });

  test("its own state dict comes back, and shares nothing with the one loaded from", async () => {
    for (const name of ["SGD momentum", "LBFGS"]) {
      const run = runs[name] as Trajectory;
      const [first, second] = [new Problem(run, trajectories), new Problem(run, trajectories)];
      for (let step = 0; step < 3; step++) await first.step();
      const saved = first.optimizer.stateDict();
      second.w.detach().copy_(first.w.detach());
      second.b.detach().copy_(first.b.detach());
      second.optimizer.loadStateDict(saved);
      for (let step = 0; step < 3; step++) {
        await first.step();
        await second.step();
      }
      expect(numbers(second.w)).toEqual(numbers(first.w));
    }
  });
});
