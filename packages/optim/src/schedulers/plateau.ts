// A schedule that goes by a metric.
import { StateError } from "@tead/tensor";
import { checkOption } from "../options.ts";
import { forEachGroup, LRScheduler, type Scheduled } from "./scheduler.ts";

/** Options of {@link ReduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions {
  /** Whether a good metric is low or high. Default "min". */
  readonly mode?: "min" | "max";
  /** What the rate is multiplied by, below 1. Default 0.1. */
  readonly factor?: number;
  /** How many epochs without an improvement are borne. Default 10. */
  readonly patience?: number;
  /** By how much a metric must be better to count as an improvement. Default 1e-4. */
  readonly threshold?: number;
  /** Whether the threshold is a part of the best metric, or a difference. Default "rel". */
  readonly thresholdMode?: "rel" | "abs";
  /** For how many epochs after a reduction nothing is counted. Default 0. */
  readonly cooldown?: number;
  /** The least rate, for all groups or for each. Default 0. */
  readonly minLr?: number | readonly number[];
  /** The least change of a rate that is worth making. Default 1e-8. */
  readonly eps?: number;
}

/**
 * Multiplies the rate by `factor` once the metric has not improved for more than `patience` epochs.
 *
 * @param optimizer - Whose rates it changes.
 * @param options - All optional.
 * @throws RangeError if an option is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ReduceLROnPlateau, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const scheduler = new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 1 });
 * for (const loss of [3, 2, 2, 2]) scheduler.step(loss);
 * assert.deepEqual(scheduler.getLastLr(), [0.5]);
 */
export class ReduceLROnPlateau extends LRScheduler {
  factor: number;
  /** The least rate of all groups, those that are added later included; null for one each. */
  defaultMinLr: number | null;
  minLrs: readonly number[];
  patience: number;
  cooldown: number;
  eps: number;
  mode: "min" | "max";
  threshold: number;
  thresholdMode: "rel" | "abs";
  lastEpoch = 0;
  /** The best metric so far; the worst possible one at first. */
  best: number;
  /** The worst possible metric. */
  modeWorse: number;
  /** How many epochs of the cooldown are left. */
  cooldownCounter = 0;
  /** How many epochs in a row brought no improvement. */
  numBadEpochs = 0;

  constructor(optimizer: Scheduled, options: ReduceLROnPlateauOptions = {}) {
    super(optimizer);
    const { mode = "min", factor = 0.1, patience = 10, threshold = 1e-4, minLr = 0 } = options;
    const { thresholdMode = "rel", cooldown = 0, eps = 1e-8 } = options;
    const name = "ReduceLROnPlateau";
    checkOption(name, "factor", factor < 1, "a number below 1", factor);
    checkOption(name, "mode", ["min", "max"].includes(mode), "min or max", mode);
    const knownMode = ["rel", "abs"].includes(thresholdMode);
    checkOption(name, "thresholdMode", knownMode, "rel or abs", thresholdMode);
    this.factor = factor;
    this.defaultMinLr = typeof minLr === "number" ? minLr : null;
    this.minLrs = forEachGroup(name, "minLr", optimizer, minLr);
    this.patience = patience;
    this.cooldown = cooldown;
    this.eps = eps;
    this.mode = mode;
    this.threshold = threshold;
    this.thresholdMode = thresholdMode;
    this.modeWorse = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.best = this.modeWorse;
  }

  /**
   * Takes the metric of one more epoch.
   * @throws TypeError if it is no number.
   */
  override step(metric: number): void {
    if (typeof metric !== "number")
      throw new TypeError(
        `ReduceLROnPlateau: Cannot take the metric: expected a number, received ${typeof metric}\n` +
          "Hint: pass Number(await loss.item())",
      );
    this.lastEpoch++;
    if (this.#isBetter(metric)) {
      this.best = metric;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.#reduce();
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.setRates();
  }

  #isBetter(metric: number): boolean {
    const { best, threshold, mode } = this;
    const relative = this.thresholdMode === "rel";
    if (mode === "min") return metric < (relative ? best * (1 - threshold) : best - threshold);
    return metric > (relative ? best * (threshold + 1) : best + threshold);
  }
  #reduce(): void {
    const { length } = this.groups;
    if (length !== this.minLrs.length) {
      if (this.defaultMinLr === null)
        throw new StateError(
          `ReduceLROnPlateau: Cannot reduce the rates: expected minLrs of ${length} groups, ` +
            `received ${this.minLrs.length}`,
          { hint: "set minLrs anew where a group was added" },
        );
      this.minLrs = new Array<number>(length).fill(this.defaultMinLr);
    }
    this.groups.forEach((group, i) => {
      const lr = Math.max(group.lr * this.factor, this.minLrs[i] as number);
      if (group.lr - lr > this.eps) group.lr = lr;
    });
  }

  override undo(): void {
    this.begin();
  }
  override restart(): void {
    this.begin();
  }
  override begin(): void {
    throw new StateError(
      "ReduceLROnPlateau: Cannot be a part of another schedule: expected one that steps without a metric",
      { hint: "call its step(metric) beside the other schedule's step()" },
    );
  }
}
