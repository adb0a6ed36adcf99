// Schedules that begin with a fraction of the rate.
import type { LearningRate } from "../groups.ts";
import { checkOption } from "../options.ts";
import { EpochScheduler, type Scheduled, type SchedulerOptions } from "./scheduler.ts";

const isFraction = (value: number): boolean => value >= 0 && value <= 1;

/** Options of {@link LinearLR}. */
export interface LinearLROptions extends SchedulerOptions {
  /** The fraction at the start, from 0 to 1. Default 1/3. */
  readonly startFactor?: number;
  /** The fraction at the end, from 0 to 1. Default 1. */
  readonly endFactor?: number;
  /** How many epochs lie between. Default 5. */
  readonly totalIters?: number;
}

/**
 * Raises (or lowers) the rate evenly from one fraction of the base rate to another.
 *
 * @param optimizer - Whose rates it changes.
 * @param options - `startFactor`, `endFactor`, `totalIters`, `lastEpoch`.
 * @throws RangeError if a factor is not from 0 to 1.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LinearLR, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const scheduler = new LinearLR(optimizer, { startFactor: 0.25, totalIters: 3 });
 * optimizer.step();
 * scheduler.step();
 * assert.deepEqual(scheduler.getLastLr(), [0.5]);
 */
export class LinearLR extends EpochScheduler {
  startFactor: number;
  endFactor: number;
  totalIters: number;

  constructor(optimizer: Scheduled, options: LinearLROptions = {}) {
    super(optimizer, options);
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
    const range = "a number from 0 to 1";
    checkOption("LinearLR", "startFactor", isFraction(startFactor), range, startFactor);
    checkOption("LinearLR", "endFactor", isFraction(endFactor), range, endFactor);
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.start();
  }
  protected override chained(groups: readonly LearningRate[]): number[] {
    const { lastEpoch, startFactor, totalIters } = this;
    if (lastEpoch === 0) return groups.map(({ lr }) => lr * startFactor);
    if (this.isInitial || lastEpoch > totalIters) return groups.map(({ lr }) => lr);
    const rise = this.endFactor - startFactor;
    const factor = 1 + rise / (totalIters * startFactor + (lastEpoch - 1) * rise);
    return groups.map(({ lr }) => lr * factor);
  }
  protected override closed(): number[] {
    const { lastEpoch, startFactor, endFactor, totalIters } = this;
    const done = ((endFactor - startFactor) * Math.min(totalIters, lastEpoch)) / totalIters;
    return this.baseLrs.map((lr) => lr * (startFactor + done));
  }
}

/** Options of {@link ConstantLR}. */
export interface ConstantLROptions extends SchedulerOptions {
  /** The fraction, from 0 to 1. Default 1/3. */
  readonly factor?: number;
  /** For how many epochs it holds. Default 5. */
  readonly totalIters?: number;
}

/**
 * Holds the rate at a fraction of the base rate for some epochs.
 *
 * @param optimizer - Whose rates it changes.
 * @param options - `factor`, `totalIters`, `lastEpoch`.
 * @throws RangeError if the factor is not from 0 to 1.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ConstantLR, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const scheduler = new ConstantLR(optimizer, { factor: 0.5, totalIters: 1 });
 * assert.deepEqual(scheduler.getLastLr(), [0.5]);
 * optimizer.step();
 * scheduler.step();
 * assert.deepEqual(scheduler.getLastLr(), [1]);
 */
export class ConstantLR extends EpochScheduler {
  factor: number;
  totalIters: number;

  constructor(optimizer: Scheduled, options: ConstantLROptions = {}) {
    super(optimizer, options);
    const { factor = 1 / 3, totalIters = 5 } = options;
    checkOption("ConstantLR", "factor", isFraction(factor), "a number from 0 to 1", factor);
    this.factor = factor;
    this.totalIters = totalIters;
    this.start();
  }
  protected override chained(groups: readonly LearningRate[]): number[] {
    const { lastEpoch, totalIters, factor } = this;
    if (lastEpoch === 0) return groups.map(({ lr }) => lr * factor);
    return groups.map(({ lr }) => (lastEpoch === totalIters ? lr * (1 / factor) : lr));
  }
  protected override closed(): number[] {
    const { lastEpoch, totalIters, factor } = this;
    return this.baseLrs.map((lr) => lr * (factor + (lastEpoch >= totalIters ? 1 - factor : 0)));
  }
}

/** Options of {@link PolynomialLR}. */
export interface PolynomialLROptions extends SchedulerOptions {
  /** After how many epochs the rate is 0. Default 5. */
  readonly totalIters?: number;
  /** The power. Default 1. */
  readonly power?: number;
}

/**
 * Lowers the rate to 0 along a power: base (1 - epoch / totalIters)^power.
 *
 * @param optimizer - Whose rates it changes.
 * @param options - `totalIters`, `power`, `lastEpoch`.
 * @throws RangeError if `totalIters` is not above 0.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { PolynomialLR, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const scheduler = new PolynomialLR(optimizer, { totalIters: 4, power: 2 });
 * optimizer.step();
 * scheduler.step();
 * assert.deepEqual(scheduler.getLastLr(), [0.5625]);
 */
export class PolynomialLR extends EpochScheduler {
  totalIters: number;
  power: number;

  constructor(optimizer: Scheduled, options: PolynomialLROptions = {}) {
    super(optimizer, options);
    const { totalIters = 5, power = 1 } = options;
    checkOption("PolynomialLR", "totalIters", totalIters > 0, "a number above 0", totalIters);
    this.totalIters = totalIters;
    this.power = power;
    this.start();
  }
  protected override chained(groups: readonly LearningRate[]): number[] {
    const { lastEpoch, totalIters, power } = this;
    if (this.isInitial || lastEpoch > totalIters) return groups.map(({ lr }) => lr);
    const left = (1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters);
    return groups.map(({ lr }) => lr * left ** power);
  }
  protected override closed(): number[] {
    const { lastEpoch, totalIters, power } = this;
    const left = 1 - Math.min(totalIters, lastEpoch) / totalIters;
    return this.baseLrs.map((lr) => lr * left ** power);
  }
}
