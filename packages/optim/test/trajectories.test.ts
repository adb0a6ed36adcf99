// Every optimizer walks PyTorch's way: 100 steps in float64, and on from PyTorch's state dict.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import * as optim from "@tead/optim";
import { type Optimizer, type OptimizerStateDict, type Params, SGD } from "@tead/optim";
import { setDefaultDevice, Tensor, tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { camelOptions, type Json, revived, type Trajectory, trajectories } from "./fixture.ts";

setDefaultDevice(cpu());

const { problem, runs, half, steps } = trajectories;
const float64 = { dtype: "float64" } as const;
const [x, y] = [problem.x, problem.y].map((values) => tensor(values, float64)) as [Tensor, Tensor];

const exported = new Map<string, unknown>(Object.entries(optim));

class Problem {
  readonly w: Tensor;
  readonly b: Tensor;
  readonly optimizer: Optimizer;

  constructor({ optimizer: name, options, grouped }: Trajectory) {
    this.w = tensor(problem.w, { ...float64, requiresGrad: true });
    this.b = tensor(problem.b, { ...float64, requiresGrad: true });
    const Class = exported.get(name) as new (params: Params<object>, o: object) => Optimizer;
    const groups = [{ params: this.w }, { params: [this.b], lr: 0.03, weightDecay: 0.2 }];
    const params = (grouped ? groups : [this.w, this.b]) as Params<object>;
    this.optimizer = new Class(params, camelOptions(options));
  }
  /** One step; gives the loss before it. */
  step(): number {
    this.optimizer.zeroGrad();
    const loss = x.matmul(this.w).add(this.b).tanh().sub(y).square().mean();
    const total = loss.add(this.w.exp().sum().mul(0.01));
    total.backward();
    this.optimizer.step();
    return Number(total.itemSync());
  }
}

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((e, i) => {
    expect(Math.abs((actual[i] as number) - e)).toBeLessThanOrEqual(
      1e-10 * Math.max(1, Math.abs(e)),
    );
  });
}
const numbers = (t: Tensor): number[] => Array.from(t.dataSync(), Number);
function expectShown(found: Problem, run: Trajectory, step: number, loss: number): void {
  const shown = run.shown[step];
  if (shown === undefined) return;
  expectNear([loss], [shown.loss]);
  expectNear(numbers(found.w), shown.w.flat());
  expectNear(numbers(found.b), shown.b);
}

/** Our state dict as plain values, without what PyTorch marks as absent. */
function plain(dict: OptimizerStateDict): { state: object; param_groups: Json[] } {
  const entries = [...(dict.state as ReadonlyMap<number, object>)].map(([i, values]) => [
    i,
    Object.fromEntries(
      Object.entries(values).map(([k, v]) => [k, v instanceof Tensor ? numbers(v) : v]),
    ),
  ]);
  return { state: Object.fromEntries(entries), param_groups: dict.param_groups as never };
}

describe("an optimizer", () => {
  test.each(Object.entries(runs))("%s takes PyTorch's 100 steps", (_, run) => {
    const found = new Problem(run);
    for (let step = 1; step <= steps; step++) expectShown(found, run, step, found.step());
  });

  test.each(Object.entries(runs))("%s goes on from PyTorch's state dict", (_, run) => {
    const found = new Problem(run);
    found.w.detach().copy_(tensor(run.shown[half]?.w ?? [], float64));
    found.b.detach().copy_(tensor(run.shown[half]?.b ?? [], float64));
    const state = Object.fromEntries(
      Object.entries(run.stateDict.state).map(([i, values]) => [
        i,
        Object.fromEntries(Object.entries(values).map(([k, v]) => [k, revived(v)])),
      ]),
    );
    found.optimizer.loadStateDict({ state, param_groups: run.stateDict.param_groups });
    for (let step = half + 1; step <= steps; step++) expectShown(found, run, step, found.step());
  });

  test.each(Object.entries(runs))("%s saves what PyTorch saves", (_, run) => {
    const found = new Problem(run);
    for (let step = 1; step <= half; step++) found.step();
    const { state, param_groups } = plain(found.optimizer.stateDict());
    expect(param_groups).toEqual(run.stateDict.param_groups);
    for (const [i, values] of Object.entries(run.stateDict.state)) {
      const mine = ((state as Record<string, object>)[i] ?? {}) as Record<string, Json>;
      const theirs = Object.entries(values).filter(
        ([, v]) => (v as { momentum_buffer?: null }) !== null,
      );
      expect(Object.keys(mine).sort()).toEqual(theirs.map(([k]) => k).sort());
      for (const [k, v] of theirs) {
        const expected = revived(v);
        expectNear(
          [mine[k] as number].flat(),
          expected instanceof Tensor ? numbers(expected) : [expected as number],
        );
      }
    }
  });

  test("every optimizer of the package has a trajectory", () => {
    const classes = Object.entries(optim)
      .filter(
        ([, value]) => typeof value === "function" && value.prototype instanceof optim.Optimizer,
      )
      .map(([name]) => name);
    expect(new Set(Object.values(runs).map((run) => run.optimizer))).toEqual(new Set(classes));
  });

  test("its own state dict comes back, and shares nothing with the one loaded from", () => {
    const run = runs["SGD momentum"] as Trajectory;
    const [first, second] = [new Problem(run), new Problem(run)];
    first.step();
    const saved = first.optimizer.stateDict();
    second.w.detach().copy_(first.w.detach());
    second.b.detach().copy_(first.b.detach());
    second.optimizer.loadStateDict(saved);
    first.step();
    second.step();
    expect(numbers(second.w)).toEqual(numbers(first.w));
    expect(second.optimizer).toBeInstanceOf(SGD);
  });
});
