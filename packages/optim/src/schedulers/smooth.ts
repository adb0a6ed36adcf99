// Schedules that change the rate every epoch.
import type { LearningRate } from "../optimizer.ts";
import { checkOption } from "./check.ts";
import {
  LRScheduler,
  type Scheduled,
  type SchedulerOptions,
  type SchedulerStateDict,
} from "./scheduler.ts";

/**
 * Multiplies the rate by `gamma` every epoch.
 *
 * @param optimizer - Whose rates it changes.
 * @param gamma - The factor.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ExponentialLR, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const scheduler = new ExponentialLR(optimizer, 0.5);
 * optimizer.step();
 * scheduler.step();
 * assert.deepEqual(scheduler.getLastLr(), [0.5]);
 */
export class ExponentialLR extends LRScheduler {
  gamma: number;

  constructor(optimizer: Scheduled, gamma: number, options: SchedulerOptions = {}) {
    super(optimizer, options);
    checkOption("ExponentialLR", "gamma", Number.isFinite(gamma), "a number", gamma);
    this.gamma = gamma;
    this.start();
  }
  protected override chained(groups: readonly LearningRate[]): number[] {
    return groups.map(({ lr }) => (this.lastEpoch === 0 ? lr : lr * this.gamma));
  }
  protected override closed(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** this.lastEpoch);
  }
}

/** Options of {@link CosineAnnealingLR}. */
export interface CosineAnnealingLROptions extends SchedulerOptions {
  /** The least rate. Default 0. */
  readonly etaMin?: number;
}

/**
 * Lowers the rate along half a cosine: etaMin + (base - etaMin) (1 + cos(pi epoch / tMax)) / 2.
 *
 * @param optimizer - Whose rates it changes.
 * @param tMax - The epoch of the least rate.
 * @param options - `etaMin`, `lastEpoch`.
 * @throws RangeError if `tMax` is not above 0.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { CosineAnnealingLR, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const scheduler = new CosineAnnealingLR(optimizer, 2);
 * optimizer.step();
 * scheduler.step();
 * assert.equal(optimizer.paramGroups[0]?.lr, 0.5);
 */
export class CosineAnnealingLR extends LRScheduler {
  protected static override readonly stateKeys: Readonly<Record<string, string>> = {
    tMax: "T_max",
  };
  tMax: number;
  etaMin: number;

  constructor(optimizer: Scheduled, tMax: number, options: CosineAnnealingLROptions = {}) {
    super(optimizer, options);
    checkOption("CosineAnnealingLR", "tMax", tMax > 0, "a number above 0", tMax);
    this.tMax = tMax;
    this.etaMin = options.etaMin ?? 0;
    this.start();
  }
  protected override chained(groups: readonly LearningRate[]): number[] {
    const { lastEpoch, tMax, etaMin } = this;
    if (lastEpoch === 0) return groups.map(({ lr }) => lr);
    if (this.isFirstStep) return this.closed();
    if ((lastEpoch - 1 - tMax) % (2 * tMax) === 0)
      return groups.map(
        ({ lr }, i) =>
          lr + (((this.baseLrs[i] as number) - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2,
      );
    const ratio =
      (1 + Math.cos((Math.PI * lastEpoch) / tMax)) /
      (1 + Math.cos((Math.PI * (lastEpoch - 1)) / tMax));
    return groups.map(({ lr }) => ratio * (lr - etaMin) + etaMin);
  }
  protected override closed(): number[] {
    const { lastEpoch, tMax, etaMin } = this;
    return this.baseLrs.map(
      (lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * lastEpoch) / tMax))) / 2,
    );
  }
}

/** A factor of the base rate at an epoch. */
export type LrLambda = (epoch: number) => number;

/**
 * Sets the rate to the base rate times a function of the epoch.
 *
 * @param optimizer - Whose rates it changes.
 * @param lrLambda - One function for all groups, or one for each.
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
export class LambdaLR extends LRScheduler {
  readonly #lambdas: readonly LrLambda[];

  constructor(
    optimizer: Scheduled,
    lrLambda: LrLambda | readonly LrLambda[],
    options: SchedulerOptions = {},
  ) {
    super(optimizer, options);
    const { length } = optimizer.paramGroups;
    const lambdas =
      typeof lrLambda === "function" ? new Array<LrLambda>(length).fill(lrLambda) : lrLambda;
    checkOption(
      "LambdaLR",
      "lrLambda",
      lambdas.length === length,
      `${length} functions`,
      lambdas.length,
    );
    this.#lambdas = lambdas;
    this.start();
  }
  protected override chained(): number[] {
    return this.baseLrs.map((lr, i) => lr * (this.#lambdas[i] as LrLambda)(this.lastEpoch));
  }
  /** The functions are not saved: in their place stand nulls, as PyTorch expects. */
  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), lr_lambdas: this.#lambdas.map(() => null) };
  }
}
