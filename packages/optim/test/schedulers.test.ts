// Every schedule gives PyTorch's rates, step by step, in closed form, and after an interruption.
import { cpu } from "@tead/backend-cpu";
import * as optim from "@tead/optim";
import { Adam, type LRScheduler, ReduceLROnPlateau, type Scheduled, SGD } from "@tead/optim";
import { setDefaultDevice, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { camelOptions, type Json, type Schedule } from "./fixture.ts";
import { schedules } from "./fixtures.ts";

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

  test("refuses options of cycles out of range", () => {
    const optimizer = optimizerOf();
    const { CyclicLR, OneCycleLR, SWALR, PolynomialLR, ReduceLROnPlateau } = optim;
    const refusals: [make: () => unknown, message: string][] = [
      [() => new CyclicLR(optimizer, 0.1, 1, { stepSizeUp: 0 }), "stepSizeUp is not valid"],
      [() => new CyclicLR(optimizer, 0.1, 1, { mode: "x" as never }), "triangular2 or expRange"],
      [() => new OneCycleLR(optimizer, 1), "The length of the run is missing: expected totalSteps"],
      [() => new OneCycleLR(optimizer, 1, { epochs: 2 }), "stepsPerEpoch is not valid"],
      [() => new OneCycleLR(optimizer, 1, { totalSteps: 1.5 }), "totalSteps is not valid"],
      [() => new OneCycleLR(optimizer, 1, { totalSteps: 9, pctStart: 2 }), "pctStart is not valid"],
      [() => new SWALR(optimizer, 1, { annealEpochs: -1 }), "annealEpochs is not valid"],
      [
        () => new SWALR(optimizer, [1]),
        "swaLr is not valid: expected one value for each of 2 groups",
      ],
      [() => new SWALR(optimizer, 1, { annealStrategy: "x" as never }), "expected cos or linear"],
      [() => new PolynomialLR(optimizer, { totalIters: 0 }), "totalIters is not valid"],
      [
        () => new ReduceLROnPlateau(optimizer, { factor: 1 }),
        "factor is not valid: expected a number",
      ],
      [() => new ReduceLROnPlateau(optimizer, { mode: "x" as never }), "expected min or max"],
      [
        () => new ReduceLROnPlateau(optimizer, { thresholdMode: "x" as never }),
        "expected rel or abs",
      ],
      [
        () => new optim.CosineAnnealingWarmRestarts(optimizer, 0),
        "t0 is not valid: expected an int",
      ],
      [() => new optim.CosineAnnealingWarmRestarts(optimizer, 2).step(-1), "epoch is not valid"],
      [() => new optim.LambdaLR(optimizer, 3 as never), "expected a function, received number"],
    ];
    for (const [make, message] of refusals) expect(make).toThrow(message);
    const without = new optim.Adadelta([zeros([1])]);
    expect(() => new CyclicLR(without, 0.1, 1)).toThrow(
      "CyclicLR: Cannot cycle the momentum: expected an optimizer with momentum or betas\n" +
        "Hint: pass cycleMomentum: false",
    );
    const short = new OneCycleLR(optimizer, 1, { totalSteps: 1, cycleMomentum: false });
    short.step();
    expect(() => short.step()).toThrow(
      "OneCycleLR: Cannot make step 2: expected at most 1 steps in all",
    );
  });

  test("refuses to be composed of what does not fit together", () => {
    const [one, other] = [optimizerOf(), optimizerOf()];
    const { ChainedScheduler, ExponentialLR, SequentialLR } = optim;
    const [a, b] = [new ExponentialLR(one, 0.5), new ExponentialLR(other, 0.5)];
    expect(() => new ChainedScheduler([])).toThrow(
      "ChainedScheduler: No schedules: expected at least one",
    );
    expect(() => new ChainedScheduler([a, b])).toThrow(
      "ChainedScheduler: The schedules do not belong together: expected one optimizer for all, " +
        "received another for schedulers[1]",
    );
    expect(() => new SequentialLR(one, [b], [])).toThrow("received another for schedulers[0]");
    expect(() => new SequentialLR(one, [a], [3])).toThrow(
      "SequentialLR: Option milestones is not valid: expected 0 for 1 schedules, received 1",
    );
    const plateau = new ReduceLROnPlateau(one);
    expect(() => new SequentialLR(one, [a, plateau], [3])).toThrow(
      "ReduceLROnPlateau: Cannot be a part of another schedule: expected one that steps without a metric",
    );
    expect(() => plateau.step(zeros([]) as never)).toThrow(
      "ReduceLROnPlateau: Cannot take the metric: expected a number, received object",
    );
    const chained = new ChainedScheduler([a]);
    expect(() => chained.loadStateDict({ _schedulers: [] })).toThrow(
      "ChainedScheduler: Cannot load the state dict: expected 1 schedules, received 0",
    );
  });

  test("schedules made of schedules nest as if they stood alone", () => {
    const { ChainedScheduler, ConstantLR, ExponentialLR, SequentialLR } = optim;
    const ratesFor = (make: (o: Scheduled) => LRScheduler): number[][] => {
      const optimizer = optimizerOf();
      const scheduler = make(optimizer);
      return Array.from({ length: 9 }, () => {
        const rates = ratesOf(optimizer);
        scheduler.step();
        return rates;
      });
    };
    const parts = (o: Scheduled): LRScheduler[] => [
      new ConstantLR(o, { factor: 0.1, totalIters: 2 }),
      new ExponentialLR(o, 0.9),
      new ExponentialLR(o, 0.5),
    ];
    const flat = ratesFor((o) => new SequentialLR(o, parts(o), [2, 5]));
    const first = ratesFor((o) => {
      const [a, b, c] = parts(o) as [LRScheduler, LRScheduler, LRScheduler];
      return new SequentialLR(o, [new SequentialLR(o, [a, b], [2]), c], [5]);
    });
    const second = ratesFor((o) => {
      const [a, b, c] = parts(o) as [LRScheduler, LRScheduler, LRScheduler];
      return new SequentialLR(o, [a, new SequentialLR(o, [b, c], [3])], [2]);
    });
    const chained = ratesFor((o) => {
      const chains = parts(o).map((part) => new ChainedScheduler([part]));
      return new SequentialLR(o, chains, [2, 5]);
    });
    for (const nested of [first, second, chained])
      nested.forEach((row, i) => {
        expectRates(row, flat[i]);
      });
  });
});
