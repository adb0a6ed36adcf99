// Schedules by functions of the epoch, which their state dicts leave out.
import type { LearningRate } from "../groups.ts";
import {
  EpochScheduler,
  forEachGroup,
  type Scheduled,
  type SchedulerOptions,
  type SchedulerStateDict,
} from "./scheduler.ts";

/** A factor at an epoch. */
export type LrLambda = (epoch: number) => number;

abstract class ByFunction extends EpochScheduler {
  readonly #lambdas: readonly LrLambda[];

  constructor(
    optimizer: Scheduled,
    lrLambda: LrLambda | readonly LrLambda[],
    options: SchedulerOptions,
  ) {
    super(optimizer, options);
    this.#lambdas = forEachGroup(this.constructor.name, "lrLambda", optimizer, lrLambda);
    for (const lambda of this.#lambdas)
      if (typeof lambda !== "function")
        throw new TypeError(
          `${this.constructor.name}: Option lrLambda is not valid: expected a function, ` +
            `received ${typeof lambda}`,
        );
    this.start();
  }
  /** A group's factor at the present epoch. */
  protected factor(group: number): number {
    return (this.#lambdas[group] as LrLambda)(this.lastEpoch);
  }
  /** The functions are not saved: in their place stand nulls, as PyTorch expects. */
  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), lr_lambdas: this.#lambdas.map(() => null) };
  }
}

/**
 * Sets the rate to the base rate times a function of the epoch.
 *
 * @param optimizer - Whose rates it changes.
 * @param lrLambda - One function for all groups, or one for each.
 * @param options - `lastEpoch`.
 * @throws RangeError if there are not as many functions as groups.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LambdaLR, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const scheduler = new LambdaLR(optimizer, (epoch) => 1 / (1 + epoch));
 * optimizer.step();
 * scheduler.step();
 * assert.deepEqual(scheduler.getLastLr(), [0.5]);
 */
export class LambdaLR extends ByFunction {
  constructor(
    optimizer: Scheduled,
    lrLambda: LrLambda | readonly LrLambda[],
    options: SchedulerOptions = {},
  ) {
    super(optimizer, lrLambda, options);
  }
  protected override chained(): number[] {
    return this.baseLrs.map((lr, i) => lr * this.factor(i));
  }
}

/**
 * Multiplies the rate by a function of the epoch, every epoch but the first.
 *
 * @param optimizer - Whose rates it changes.
 * @param lrLambda - One function for all groups, or one for each.
 * @param options - `lastEpoch`.
 * @throws RangeError if there are not as many functions as groups.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MultiplicativeLR, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const scheduler = new MultiplicativeLR(optimizer, () => 0.5);
 * optimizer.step();
 * scheduler.step();
 * assert.deepEqual(scheduler.getLastLr(), [0.5]);
 */
export class MultiplicativeLR extends ByFunction {
  constructor(
    optimizer: Scheduled,
    lrLambda: LrLambda | readonly LrLambda[],
    options: SchedulerOptions = {},
  ) {
    super(optimizer, lrLambda, options);
  }
  protected override chained(groups: readonly LearningRate[]): number[] {
    return groups.map(({ lr }, i) => (this.isInitial ? lr : lr * this.factor(i)));
  }
}
