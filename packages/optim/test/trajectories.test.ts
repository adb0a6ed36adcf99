// Every optimizer walks PyTorch's way: 100 steps in float64, and on from PyTorch's state dict.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import * as optim from "@tead/optim";
import { LBFGS, type OptimizerStateDict, type Params } from "@tead/optim";
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
  readonly optimizer: optim.Optimizer | LBFGS;
  readonly #looksUp: boolean;
  readonly #ridge: boolean;
  #step = 0;

  constructor({ optimizer: name, options, own, matrices = false }: Trajectory) {
    this.w = tensor(problem.w, { ...float64, requiresGrad: true });
    const b = tensor(problem.b, float64);
    this.b = (matrices ? b.reshape([1, 3]) : b).requiresGrad_();
    this.#looksUp = name === "SparseAdam";
    this.#ridge = name === "LBFGS";
    const Class = exported.get(name) as new (
      params: Params<object>,
      o: object,
    ) => optim.Optimizer | LBFGS;
    const all = this.#looksUp ? [this.w] : [this.w, this.b];
    const groups = [{ params: this.w }, { params: [this.b], ...camelOptions(own ?? {}) }];
    this.optimizer = new Class((own ? groups : all) as Params<object>, camelOptions(options));
  }

  #loss(): Tensor {
    const { w, b } = this;
    if (!this.#looksUp) {
      const loss = x.matmul(w).add(b).tanh().sub(y).square().mean();
      const total = loss.add(w.exp().sum().mul(0.01));
      if (!this.#ridge) return total;
      return total.add(w.square().sum().add(b.square().sum()).mul(0.3));
    }
    const step = this.#step;
    const rows = tensor([(2 * step) % 4, (3 * step + 1) % 4, (step * step) % 4]);
    const found = w.indexSelect(0, rows).add(b.detach());
    return found
      .tanh()
      .sub(y.narrow(0, 0, 3))
      .square()
      .mean();
  }
  /** One step; gives the loss before it. */
  async step(): Promise<number> {
    this.#step++;
    const closure = (): Tensor => {
      this.optimizer.zeroGrad();
      const loss = this.#loss();
      loss.backward();
      return loss;
    };
    const { optimizer } = this;
    const loss = optimizer instanceof LBFGS ? optimizer.step(closure) : optimizer.step(closure);
    return Number((await loss).itemSync());
  }
  /** Goes on from PyTorch's run. */
  resume({ shown, stateDict }: Trajectory): void {
    this.#step = half;
    this.w.detach().copy_(tensor(shown[half]?.w ?? [], float64));
    this.b.detach().copy_(tensor(shown[half]?.b ?? [], float64).reshape(this.b.shape));
    const state = Object.fromEntries(
      Object.entries(stateDict.state).map(([i, values]) => [
        i,
        Object.fromEntries(Object.entries(values).map(([k, v]) => [k, revived(v)])),
      ]),
    );
    this.optimizer.loadStateDict({ state, param_groups: stateDict.param_groups } as never);
  }
}

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
    const found = new Problem(run);
    for (let step = 1; step <= steps; step++) expectShown(found, run, step, await found.step());
  });

  test.each(Object.entries(runs))("%s goes on from PyTorch's state dict", async (_, run) => {
    const found = new Problem(run);
    found.resume(run);
    for (let step = half + 1; step <= steps; step++)
      expectShown(found, run, step, await found.step());
  });

  test.each(Object.entries(runs))("%s saves what PyTorch saves", async (_, run) => {
    const found = new Problem(run);
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
      const [first, second] = [new Problem(run), new Problem(run)];
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
