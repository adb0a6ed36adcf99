// Schedules that lower the rate at certain epochs.
import type { LearningRate } from "../groups.ts";
import { checkOption } from "../options.ts";
import {
  EpochScheduler,
  type Scheduled,
  type SchedulerOptions,
  type SchedulerStateDict,
} from "./scheduler.ts";

/** Options of {@link StepLR} and {@link MultiStepLR}. */
export interface StepLROptions extends SchedulerOptions {
  /** What the rate is multiplied by. Default 0.1. */
  readonly gamma?: number;
}

/**
 * Multiplies the rate by `gamma` every `stepSize` epochs.
 *
 * @param optimizer - Whose rates it changes.
 * @param stepSize - How many epochs a rate lasts.
 * @param options - `gamma`, `lastEpoch`.
 * @throws RangeError if `stepSize` is no integer of at least 1.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { SGD, StepLR } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const scheduler = new StepLR(optimizer, 2, { gamma: 0.5 });
 * const rates = [0, 1, 2, 3].map(() => {
 *   const [rate] = scheduler.getLastLr();
 *   optimizer.step();
 *   scheduler.step();
 *   return rate;
 * });
 * assert.deepEqual(rates, [1, 1, 0.5, 0.5]);
 */
export class StepLR extends EpochScheduler {
  stepSize: number;
  gamma: number;

  constructor(optimizer: Scheduled, stepSize: number, options: StepLROptions = {}) {
    super(optimizer, options);
    const valid = Number.isInteger(stepSize) && stepSize >= 1;
    checkOption("StepLR", "stepSize", valid, "an integer of at least 1", stepSize);
    this.stepSize = stepSize;
    this.gamma = options.gamma ?? 0.1;
    this.start();
  }
  protected override chained(groups: readonly LearningRate[]): number[] {
    const now = this.lastEpoch !== 0 && this.lastEpoch % this.stepSize === 0;
    return groups.map(({ lr }) => (now ? lr * this.gamma : lr));
  }
  protected override closed(): number[] {
    const steps = Math.floor(this.lastEpoch / this.stepSize);
    return this.baseLrs.map((lr) => lr * this.gamma ** steps);
  }
}

/**
 * Multiplies the rate by `gamma` at each of the given epochs.
 *
 * @param optimizer - Whose rates it changes.
 * @param milestones - The epochs; one that stands twice counts twice.
 * @param options - `gamma`, `lastEpoch`.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MultiStepLR, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const scheduler = new MultiStepLR(optimizer, [1, 5], { gamma: 0.5 });
 * optimizer.step();
 * scheduler.step();
 * assert.deepEqual(scheduler.getLastLr(), [0.5]);
 */
export class MultiStepLR extends EpochScheduler {
  milestones: ReadonlyMap<number, number>;
  gamma: number;

  constructor(optimizer: Scheduled, milestones: Iterable<number>, options: StepLROptions = {}) {
    super(optimizer, options);
    const counts = new Map<number, number>();
    for (const epoch of milestones) {
      checkOption("MultiStepLR", "milestones", Number.isInteger(epoch), "integers", epoch);
      counts.set(epoch, (counts.get(epoch) ?? 0) + 1);
    }
    this.milestones = counts;
    this.gamma = options.gamma ?? 0.1;
    this.start();
  }
  protected override chained(groups: readonly LearningRate[]): number[] {
    const times = this.milestones.get(this.lastEpoch);
    return groups.map(({ lr }) => (times === undefined ? lr : lr * this.gamma ** times));
  }
  protected override closed(): number[] {
    let times = 0;
    for (const [epoch, count] of this.milestones) if (epoch <= this.lastEpoch) times += count;
    return this.baseLrs.map((lr) => lr * this.gamma ** times);
  }
  /** Takes `milestones` as a Map or as the object that JSON makes of one. */
  override loadStateDict(state: SchedulerStateDict): void {
    super.loadStateDict(state);
    const saved = state.milestones as ReadonlyMap<number, number> | Record<string, number>;
    const entries = saved instanceof Map ? saved : Object.entries(saved);
    this.milestones = new Map([...entries].map(([epoch, count]) => [Number(epoch), count]));
  }
}
