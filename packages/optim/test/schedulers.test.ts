// Every schedule gives PyTorch's rates, step by step, in closed form, and after an interruption.
import { cpu } from "@tead/backend-cpu";
import * as optim from "@tead/optim";
import { type LRScheduler, type Scheduled, SGD } from "@tead/optim";
import { setDefaultDevice, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { camelOptions, type Schedule, schedules } from "./fixture.ts";

setDefaultDevice(cpu());

const { runs } = schedules;
const exported = new Map<string, unknown>(Object.entries(optim));
/** What PyTorch requires is positional. */
const required: Readonly<Record<string, string>> = {
  StepLR: "stepSize",
  MultiStepLR: "milestones",
  ExponentialLR: "gamma",
  CosineAnnealingLR: "tMax",
  LambdaLR: "lrLambda",
};

function optimizerOf(): SGD {
  const groups = [0.8, 0.05].map((lr) => ({ params: zeros([1]), lr }));
  return new SGD(groups, { lr: 0.1 });
}
function make(run: Schedule, optimizer: Scheduled, more: object = {}): LRScheduler {
  const { T_max: tMax, ...rest } = run.options;
  const options: Record<string, unknown> = { ...camelOptions(rest), tMax };
  if (run.scheduler === "LambdaLR") options.lrLambda = (epoch: number) => 0.95 ** epoch;
  const name = required[run.scheduler];
  const Class = exported.get(run.scheduler) as new (...args: readonly unknown[]) => LRScheduler;
  const { [name ?? ""]: first, ...others } = options;
  const all = { ...others, ...more };
  return name === undefined ? new Class(optimizer, all) : new Class(optimizer, first, all);
}
function expectRates(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((e, i) => {
    expect(Math.abs((actual[i] as number) - e)).toBeLessThanOrEqual(1e-14 * Math.abs(e) + 1e-17);
  });
}

describe("a schedule", () => {
  test.each(Object.entries(runs))("%s gives PyTorch's rates for 25 epochs", (_, run) => {
    const optimizer = optimizerOf();
    const scheduler = make(run, optimizer);
    for (const expected of run.lrs) {
      expectRates(scheduler.getLastLr(), expected);
      expect(optimizer.paramGroups.map((group) => group.lr)).toEqual(scheduler.getLastLr());
      optimizer.step();
      scheduler.step();
    }
  });

  test.each(Object.entries(runs))("%s gives PyTorch's rates at a given epoch", (_, run) => {
    const scheduler = make(run, optimizerOf());
    [4, 2, 9, 13].forEach((epoch, i) => {
      scheduler.step(epoch);
      expectRates(scheduler.getLastLr(), run.closed[i] ?? []);
    });
  });

  test.each(Object.entries(runs))("%s goes on after lastEpoch as PyTorch's", (_, run) => {
    const optimizer = optimizerOf();
    make(run, optimizer);
    const resumed = make(run, optimizer, { lastEpoch: 5 });
    resumed.step();
    expectRates(resumed.getLastLr(), run.resumed);
  });

  test.each(Object.entries(runs))("%s saves what PyTorch saves, and loads it", (_, run) => {
    const optimizer = optimizerOf();
    const scheduler = make(run, optimizer);
    for (let epoch = 0; epoch < 9; epoch++) scheduler.step();
    const { _last_lr, ...saved } = scheduler.stateDict();
    const { _last_lr: expectedLast, ...expected } = run.stateDict;
    expectRates(_last_lr as number[], expectedLast as number[]);
    const { milestones } = saved;
    const plain = milestones instanceof Map ? { milestones: Object.fromEntries(milestones) } : {};
    expect({ ...saved, ...plain }).toEqual(expected);

    const fresh = optimizerOf();
    const loaded = make(run, fresh);
    fresh.paramGroups.forEach((group, i) => {
      group.lr = run.lrs[9]?.[i] as number;
    });
    loaded.loadStateDict(run.stateDict);
    for (const rates of run.lrs.slice(9)) {
      expectRates(loaded.getLastLr(), rates);
      loaded.step();
    }
  });

  test("every schedule of the package is compared", () => {
    const classes = Object.entries(optim)
      .filter(
        ([, value]) => typeof value === "function" && value.prototype instanceof optim.LRScheduler,
      )
      .map(([name]) => name);
    expect(new Set(Object.values(runs).map((run) => run.scheduler))).toEqual(new Set(classes));
  });

  test("refuses options out of range", () => {
    const optimizer = optimizerOf();
    expect(() => new optim.StepLR(optimizer, 0)).toThrow(
      "StepLR: Option stepSize is not valid: expected an integer of at least 1, received 0",
    );
    expect(() => new optim.CosineAnnealingLR(optimizer, -1)).toThrow(
      "CosineAnnealingLR: Option tMax is not valid: expected a number above 0, received -1",
    );
    expect(() => new optim.LinearLR(optimizer, { startFactor: 2 })).toThrow(
      "LinearLR: Option startFactor is not valid: expected a number from 0 to 1, received 2",
    );
    expect(() => new optim.ConstantLR(optimizer, { factor: -1 })).toThrow(
      "ConstantLR: Option factor",
    );
    expect(() => new optim.LambdaLR(optimizer, [() => 1])).toThrow(
      "LambdaLR: Option lrLambda is not valid: expected 2 functions, received 1",
    );
    expect(() => new optim.MultiStepLR(optimizer, [1.5])).toThrow(
      "MultiStepLR: Option milestones is not valid: expected integers, received 1.5",
    );
    expect(() => new optim.ExponentialLR(optimizer, Number.NaN)).toThrow(
      "ExponentialLR: Option gamma",
    );
    expect(() => new optim.StepLR(optimizerOf(), 1, { lastEpoch: 3 })).toThrow(
      "StepLR: Cannot go on after epoch 3: expected initialLr in paramGroups[0]\n" +
        "Hint: load the optimizer's state dict first",
    );
  });
});
