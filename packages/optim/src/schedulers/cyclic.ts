// A schedule that goes up and down between two rates.
import { checkOption } from "../options.ts";
import { checkMomentum, setMomentum } from "./cycle.ts";
import {
  EpochScheduler,
  forEachGroup,
  type Scheduled,
  type SchedulerOptions,
  type SchedulerStateDict,
} from "./scheduler.ts";

/** Options of {@link CyclicLR}. */
export interface CyclicLROptions extends SchedulerOptions {
  /** Steps on the way up. Default 2000. */
  readonly stepSizeUp?: number;
  /** Steps on the way down. Default as many as up. */
  readonly stepSizeDown?: number;
  /**
   * How the height changes: "triangular" not at all, "triangular2" by half each cycle, "expRange"
   * by gamma each step. Default "triangular".
   */
  readonly mode?: "triangular" | "triangular2" | "expRange";
  /** The factor of "expRange". Default 1. */
  readonly gamma?: number;
  /** The height as a function of the cycle (from 1) or of the step, in place of `mode`. */
  readonly scaleFn?: (x: number) => number;
  /** What `scaleFn` is given. Default "cycle". */
  readonly scaleMode?: "cycle" | "iterations";
  /** Whether momentum, or the first beta, goes down while the rate goes up. Default true. */
  readonly cycleMomentum?: boolean;
  /** The least momentum, for all groups or for each. Default 0.8. */
  readonly baseMomentum?: number | readonly number[];
  /** The highest momentum, for all groups or for each. Default 0.9. */
  readonly maxMomentum?: number | readonly number[];
}

/**
 * Moves the rate between `baseLr` and `maxLr`, up in `stepSizeUp` steps and down in
 * `stepSizeDown`: base + (max - base) height scale. Call `step()` after every batch.
 *
 * @param optimizer - Whose rates it changes.
 * @param baseLr - The least rate, for all groups or for each.
 * @param maxLr - The highest rate, for all groups or for each.
 * @param options - All optional.
 * @throws RangeError if an option is out of range.
 * @throws StateError if momentum is to cycle and the optimizer has none.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { CyclicLR, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1, momentum: 0.9 });
 * const scheduler = new CyclicLR(optimizer, 0.5, 1, { stepSizeUp: 2 });
 * const rates = [1, 2, 3, 4].map(() => {
 *   optimizer.step();
 *   scheduler.step();
 *   return scheduler.getLastLr()[0];
 * });
 * assert.deepEqual(rates, [0.75, 1, 0.75, 0.5]);
 */
export class CyclicLR extends EpochScheduler {
  maxLrs: readonly number[];
  totalSize: number;
  stepRatio: number;
  mode: "triangular" | "triangular2" | "expRange";
  gamma: number;
  scaleMode: "cycle" | "iterations";
  cycleMomentum: boolean;
  baseMomentums: readonly number[] = [];
  maxMomentums: readonly number[] = [];
  readonly #scaleFn: ((x: number) => number) | undefined;

  constructor(
    optimizer: Scheduled,
    baseLr: number | readonly number[],
    maxLr: number | readonly number[],
    options: CyclicLROptions = {},
  ) {
    super(optimizer, options);
    const { stepSizeUp = 2000, stepSizeDown = stepSizeUp, mode = "triangular" } = options;
    const { gamma = 1, scaleFn, scaleMode = "cycle", cycleMomentum = true } = options;
    for (const [name, size] of Object.entries({ stepSizeUp, stepSizeDown }))
      checkOption("CyclicLR", name, size > 0, "a number above 0", size);
    const known = ["triangular", "triangular2", "expRange"].includes(mode);
    checkOption("CyclicLR", "mode", known, "triangular, triangular2 or expRange", mode);
    const baseLrs = forEachGroup("CyclicLR", "baseLr", optimizer, baseLr);
    this.maxLrs = forEachGroup("CyclicLR", "maxLr", optimizer, maxLr);
    if (this.lastEpoch === -1) this.setRates(baseLrs);
    this.totalSize = stepSizeUp + stepSizeDown;
    this.stepRatio = stepSizeUp / this.totalSize;
    this.mode = mode;
    this.gamma = gamma;
    this.#scaleFn = scaleFn;
    if (scaleFn !== undefined) this.scaleMode = scaleMode;
    else this.scaleMode = mode === "expRange" ? "iterations" : "cycle";
    this.cycleMomentum = cycleMomentum;
    if (cycleMomentum) {
      checkMomentum("CyclicLR", optimizer);
      const { baseMomentum = 0.8, maxMomentum = 0.9 } = options;
      this.baseMomentums = forEachGroup("CyclicLR", "baseMomentum", optimizer, baseMomentum);
      this.maxMomentums = forEachGroup("CyclicLR", "maxMomentum", optimizer, maxMomentum);
    }
    this.start();
    this.baseLrs = [...baseLrs];
  }

  protected override chained(): number[] {
    const { lastEpoch, totalSize, stepRatio } = this;
    const cycle = Math.floor(1 + lastEpoch / totalSize);
    const x = 1 + lastEpoch / totalSize - cycle;
    const way = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1);
    const height = way * this.#scale(this.scaleMode === "cycle" ? cycle : lastEpoch);
    if (this.cycleMomentum)
      this.groups.forEach((group, i) => {
        const [least, most] = [this.baseMomentums[i] as number, this.maxMomentums[i] as number];
        setMomentum(group, most - (most - least) * height);
      });
    return this.baseLrs.map((base, i) => base + ((this.maxLrs[i] as number) - base) * height);
  }
  #scale(x: number): number {
    if (this.#scaleFn !== undefined) return this.#scaleFn(x);
    if (this.mode === "triangular") return 1;
    return this.mode === "triangular2" ? 1 / 2 ** (x - 1) : this.gamma ** x;
  }

  /** `scaleFn` is not saved: in its place stands null, as PyTorch expects. */
  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), _scale_fn_custom: null };
  }
}
