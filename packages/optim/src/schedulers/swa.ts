// The schedule of stochastic weight averaging: to one rate, and there it stays.
import type { LearningRate } from "../groups.ts";
import { checkOption } from "../options.ts";
import {
  EpochScheduler,
  forEachGroup,
  type Scheduled,
  type SchedulerOptions,
} from "./scheduler.ts";

/** Options of {@link SWALR}. */
export interface SWALROptions extends SchedulerOptions {
  /** In how many epochs the rate gets there. Default 10. */
  readonly annealEpochs?: number;
  /** Whether it moves along half a cosine or evenly. Default "cos". */
  readonly annealStrategy?: "cos" | "linear";
}

/**
 * Moves each group's rate to `swaLr` in `annealEpochs` steps, and keeps it there.
 *
 * @param optimizer - Whose rates it changes.
 * @param swaLr - The rate to go to, for all groups or for each.
 * @param options - `annealEpochs`, `annealStrategy`, `lastEpoch`.
 * @throws RangeError if an option is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.SWALR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { SGD, SWALR } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const scheduler = new SWALR(optimizer, 0.5, { annealEpochs: 2, annealStrategy: "linear" });
 * optimizer.step();
 * scheduler.step();
 * assert.deepEqual(scheduler.getLastLr(), [0.75]);
 */
export class SWALR extends EpochScheduler {
  protected static override readonly stateKeys: Readonly<Record<string, string>> = {
    annealStrategy: "_anneal_strategy",
  };
  annealEpochs: number;
  annealStrategy: "cos" | "linear";

  constructor(optimizer: Scheduled, swaLr: number | readonly number[], options: SWALROptions = {}) {
    super(optimizer, options);
    const { annealEpochs = 10, annealStrategy = "cos" } = options;
    const counts = Number.isInteger(annealEpochs) && annealEpochs >= 0;
    checkOption("SWALR", "annealEpochs", counts, "an integer of at least 0", annealEpochs);
    const known = ["cos", "linear"].includes(annealStrategy);
    checkOption("SWALR", "annealStrategy", known, "cos or linear", annealStrategy);
    const rates = forEachGroup("SWALR", "swaLr", optimizer, swaLr);
    this.groups.forEach((group, i) => {
      group.swaLr = rates[i] as number;
    });
    this.annealEpochs = annealEpochs;
    this.annealStrategy = annealStrategy;
    this.start();
  }

  protected override chained(groups: readonly LearningRate[]): number[] {
    const step = this.annealEpochs === 0 ? Math.max(1, this.stepCount - 1) : this.stepCount - 1;
    const [before, now] = [this.#share(step - 1), this.#share(step)];
    return groups.map(({ lr }, i) => {
      const end = this.groups[i]?.swaLr as number;
      const start = before === 1 ? end : (lr - before * end) / (1 - before);
      return end * now + start * (1 - now);
    });
  }
  /** How much of the way is gone after some steps. */
  #share(step: number): number {
    const t = Math.max(0, Math.min(1, step / Math.max(1, this.annealEpochs)));
    return this.annealStrategy === "linear" ? t : (1 - Math.cos(Math.PI * t)) / 2;
  }
}
