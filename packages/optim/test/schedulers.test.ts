// Every schedule gives PyTorch's rates, step by step, in closed form, and after an interruption.
import { cpu } from "@tead/backend-cpu";
import * as optim from "@tead/optim";
import { Adam, type LRScheduler, ReduceLROnPlateau, type Scheduled, SGD } from "@tead/optim";
import { setDefaultDevice, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { camelOptions, type Json, type Schedule, schedules } from "./fixture.ts";

setDefaultDevice(cpu());

const { runs, steps, metrics } = schedules;
const exported = new Map<string, unknown>(Object.entries(optim));
/** What PyTorch requires is positional. */
const required: Readonly<Record<string, readonly string[]>> = {
  StepLR: ["stepSize"],
  MultiStepLR: ["milestones"],
  ExponentialLR: ["gamma"],
  CosineAnnealingLR: ["tMax"],
  CosineAnnealingWarmRestarts: ["t0"],
  LambdaLR: ["lrLambda"],
  MultiplicativeLR: ["lrLambda"],
  CyclicLR: ["baseLr", "maxLr"],
  OneCycleLR: ["maxLr"],
  SWALR: ["swaLr"],
  ChainedScheduler: ["schedulers"],
  SequentialLR: ["schedulers", "milestones"],
};
/** Functions, which a fixture cannot hold: those of tools/fixtures/optim_schedules.py. */
const functions: Readonly<Record<string, object>> = {
  LambdaLR: { lrLambda: (epoch: number) => 0.95 ** epoch },
  MultiplicativeLR: { lrLambda: (epoch: number) => 0.95 + 0.04 * (epoch % 3) },
  "CyclicLR function": { scaleFn: (x: number) => 1 / (1 + x) },
};

function optimizerOf({ optimizer }: Pick<Schedule, "optimizer"> = {}): SGD | Adam {
  const groups = [0.8, 0.05].map((lr) => ({ params: zeros([1]), lr }));
  return optimizer === "Adam" ? new Adam(groups) : new SGD(groups, { lr: 0.1, momentum: 0.9 });
}
type Parts = readonly (readonly [name: string, options: Readonly<Record<string, Json>>])[];
function build(
  scheduler: string,
  { T_max: tMax, T_0: t0, T_mult: tMult, schedulers, ...rest }: Readonly<Record<string, Json>>,
  optimizer: Scheduled,
  more: object = {},
): LRScheduler {
  const parts = schedulers as Parts | undefined;
  const all: Record<string, unknown> = {
    ...camelOptions(rest),
    ...{ tMax, t0, tMult, ...more },
    schedulers: parts?.map(([name, options]) => build(name, options, optimizer)),
  };
  const names = required[scheduler] ?? [];
  const positional = names.map((name) => all[name]);
  for (const name of names) delete all[name];
  const Class = exported.get(scheduler) as new (...args: readonly unknown[]) => LRScheduler;
  const target = scheduler === "ChainedScheduler" ? [] : [optimizer];
  return new Class(...target, ...positional, all);
}
const make = (title: string, run: Schedule, optimizer: Scheduled, more: object = {}): LRScheduler =>
  build(run.scheduler, run.options, optimizer, { ...functions[title], ...more });
const advance = (scheduler: LRScheduler, step: number): void =>
  scheduler instanceof ReduceLROnPlateau
    ? scheduler.step(metrics[step] as number)
    : scheduler.step();

function expectRates(actual: readonly number[], expected: readonly number[] = []): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((e, i) => {
    expect(Math.abs((actual[i] as number) - e)).toBeLessThanOrEqual(1e-13 * Math.abs(e) + 1e-16);
  });
}
const ratesOf = ({ paramGroups }: Scheduled): number[] => paramGroups.map((group) => group.lr);
const momentaOf = ({ paramGroups }: Scheduled): number[] =>
  paramGroups.map(({ momentum, betas }) => momentum ?? betas?.[0] ?? 0);

/** Follows PyTorch's rates from one step on to the last one shown. */
function expectRun(run: Schedule, scheduler: LRScheduler, optimizer: SGD | Adam, from = 0): void {
  const last = steps[run.lrs.length - 1] as number;
  for (let step = from; step <= last; step++) {
    const row = steps.indexOf(step);
    if (row !== -1 && run.lrs[row] !== undefined) {
      expectRates(ratesOf(optimizer), run.lrs[row]);
      expectRates(momentaOf(optimizer), run.momenta?.[row] ?? momentaOf(optimizer));
      expectRates(scheduler.getLastLr(), ratesOf(optimizer));
    }
    optimizer.step();
    if (step < last) advance(scheduler, step);
  }
}

/** Infinities as numbers. */
function revived(value: Json): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(revived);
  if ("$f" in value) return value.$f === "inf" ? Infinity : -Infinity;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, revived(v)]));
}
/** A state dict as JSON would have it, without the last digits. */
function plain(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(13));
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
}

const titled = Object.entries(runs);
const byEpoch = titled.filter(([, run]) => run.epochs !== undefined);

describe("a schedule", () => {
  test.each(titled)("%s gives PyTorch's rates for 100 steps", (title, run) => {
    const optimizer = optimizerOf(run);
    expectRun(run, make(title, run, optimizer), optimizer);
  });

  test.each(byEpoch)("%s gives PyTorch's rates at a given epoch", (title, run) => {
    const scheduler = make(title, run, optimizerOf(run));
    run.epochs?.forEach((epoch, i) => {
      scheduler.step(epoch);
      expectRates(scheduler.getLastLr(), run.closed[i]);
    });
  });

  test.each(byEpoch)("%s goes on after lastEpoch as PyTorch's", (title, run) => {
    const optimizer = optimizerOf(run);
    make(title, run, optimizer);
    const resumed = make(title, run, optimizer, { lastEpoch: 5 });
    resumed.step();
    expectRates(resumed.getLastLr(), run.resumed);
  });

  test.each(titled)("%s saves what PyTorch saves, and loads it", (title, run) => {
    const first = optimizerOf(run);
    const scheduler = make(title, run, first);
    for (let step = 0; step < 9; step++) advance(scheduler, step);
    expect(plain(scheduler.stateDict())).toMatchObject(
      plain(revived(run.stateDict)) as Record<string, unknown>,
    );

    const fresh = optimizerOf(run);
    const loaded = make(title, run, fresh);
    fresh.loadStateDict(first.stateDict());
    loaded.loadStateDict(revived(run.stateDict) as Record<string, unknown>);
    expectRun(run, loaded, fresh, 9);
  });

  test("every schedule of the package is compared", () => {
    const classes = Object.entries(optim)
      .filter(
        ([name, value]) =>
          typeof value === "function" &&
          value.prototype instanceof optim.LRScheduler &&
          name !== "EpochScheduler",
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
      "LambdaLR: Option lrLambda is not valid: expected one value for each of 2 groups, received 1",
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
