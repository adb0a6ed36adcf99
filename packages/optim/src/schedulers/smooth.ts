// Schedules that change the rate every epoch.
import type { LearningRate } from "../groups.ts";
import { checkOption } from "../options.ts";
import { EpochScheduler, type Scheduled, type SchedulerOptions } from "./scheduler.ts";

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
export class ExponentialLR extends EpochScheduler {
  gamma: number;

  constructor(optimizer: Scheduled, gamma: number, options: SchedulerOptions = {}) {
    super(optimizer, options);
    checkOption("ExponentialLR", "gamma", Number.isFinite(gamma), "a number", gamma);
    this.gamma = gamma;
    this.start();
  }
  protected override chained(groups: readonly LearningRate[]): number[] {
    return groups.map(({ lr }) => (this.isInitial ? lr : lr * this.gamma));
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
export class CosineAnnealingLR extends EpochScheduler {
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
    if (this.isInitial) return groups.map(({ lr }) => lr);
    if (this.stepCount === 1 && lastEpoch > 0) return this.closed();
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

/** Options of {@link CosineAnnealingWarmRestarts}. */
export interface CosineAnnealingWarmRestartsOptions extends SchedulerOptions {
  /** By what each period is longer than the one before, an integer. Default 1. */
  readonly tMult?: number;
  /** The least rate. Default 0. */
  readonly etaMin?: number;
}

/**
 * Lowers the rate along half a cosine, again and again:
 * etaMin + (base - etaMin) (1 + cos(pi tCur / tI)) / 2, with tCur epochs since the last restart and
 * a period tI that is multiplied by `tMult` at each restart.
 *
 * `step(epoch)` may be given a fraction, to change the rate after every batch.
 *
 * @param optimizer - Whose rates it changes.
 * @param t0 - The length of the first period.
 * @param options - `tMult`, `etaMin`, `lastEpoch`.
 * @throws RangeError if `t0` or `tMult` is no integer of at least 1.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { CosineAnnealingWarmRestarts, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const scheduler = new CosineAnnealingWarmRestarts(optimizer, 2);
 * const rates = [1, 2, 3].map(() => {
 *   optimizer.step();
 *   scheduler.step();
 *   return scheduler.getLastLr()[0];
 * });
 * assert.deepEqual(rates, [0.5, 1, 0.5]);
 */
export class CosineAnnealingWarmRestarts extends EpochScheduler {
  protected static override readonly stateKeys: Readonly<Record<string, string>> = {
    ...{ t0: "T_0", tI: "T_i", tMult: "T_mult", tCur: "T_cur" },
  };
  t0: number;
  /** The length of this period. */
  tI: number;
  tMult: number;
  etaMin: number;
  /** Epochs since the last restart. */
  tCur: number;

  constructor(optimizer: Scheduled, t0: number, options: CosineAnnealingWarmRestartsOptions = {}) {
    super(optimizer, options);
    const { tMult = 1, etaMin = 0 } = options;
    for (const [name, value] of Object.entries({ t0, tMult })) {
      const valid = Number.isInteger(value) && value >= 1;
      checkOption(this.constructor.name, name, valid, "an integer of at least 1", value);
    }
    this.t0 = t0;
    this.tI = t0;
    this.tMult = tMult;
    this.etaMin = etaMin;
    this.tCur = this.lastEpoch;
    this.start();
  }
  protected override chained(): number[] {
    const { etaMin, tCur, tI } = this;
    const share = (1 + Math.cos((Math.PI * tCur) / tI)) / 2;
    return this.baseLrs.map((lr) => etaMin + (lr - etaMin) * share);
  }
  /** Goes on by one epoch, or to the given one, which may lie between two. */
  override step(epoch: number | undefined = this.lastEpoch < 0 ? 0 : undefined): void {
    if (epoch === undefined) {
      this.tCur++;
      if (this.tCur >= this.tI) {
        this.tCur %= this.tI;
        this.tI *= this.tMult;
      }
      this.lastEpoch++;
    } else {
      checkOption(this.constructor.name, "epoch", epoch >= 0, "a number of at least 0", epoch);
      this.#place(epoch);
      this.lastEpoch = Math.floor(epoch);
    }
    this.setRates(this.chained());
  }
  /** Finds the period of an epoch: before it lie as many as fit t0 (1 + tMult + tMult^2 + ...). */
  #place(epoch: number): void {
    const { t0, tMult } = this;
    const ratio = epoch / t0;
    const periods =
      tMult === 1
        ? Math.floor(ratio)
        : Math.floor(Math.log(ratio * (tMult - 1) + 1) / Math.log(tMult));
    const before = tMult === 1 ? periods * t0 : (t0 * (tMult ** periods - 1)) / (tMult - 1);
    this.tCur = epoch - before;
    this.tI = t0 * tMult ** periods;
  }
}
