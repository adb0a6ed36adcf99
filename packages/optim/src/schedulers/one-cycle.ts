// A schedule of one large cycle: up from a low rate, and down to a far lower one.
import { camelKey, renamed, snakeKey } from "../keys.ts";
import { checkOption } from "../options.ts";
import { checkMomentum, setMomentum } from "./cycle.ts";
import {
  EpochScheduler,
  forEachGroup,
  type Scheduled,
  type ScheduledGroup,
  type SchedulerOptions,
  type SchedulerStateDict,
} from "./scheduler.ts";

/** Options of {@link OneCycleLR}. */
export interface OneCycleLROptions extends SchedulerOptions {
  /** Steps of the whole run; or `epochs` and `stepsPerEpoch`. */
  readonly totalSteps?: number;
  /** Epochs of the whole run. */
  readonly epochs?: number;
  /** Steps in an epoch. */
  readonly stepsPerEpoch?: number;
  /** The share of the steps on the way up. Default 0.3. */
  readonly pctStart?: number;
  /** Whether the rate moves along half a cosine or evenly. Default "cos". */
  readonly annealStrategy?: "cos" | "linear";
  /** Whether momentum, or the first beta, goes down while the rate goes up. Default true. */
  readonly cycleMomentum?: boolean;
  /** The least momentum, for all groups or for each. Default 0.85. */
  readonly baseMomentum?: number | readonly number[];
  /** The highest momentum, for all groups or for each. Default 0.95. */
  readonly maxMomentum?: number | readonly number[];
  /** How many times smaller the first rate is than the highest. Default 25. */
  readonly divFactor?: number;
  /** How many times smaller the last rate is than the first. Default 1e4. */
  readonly finalDivFactor?: number;
  /** Whether the way down goes to the first rate, then on to the last. Default false. */
  readonly threePhase?: boolean;
}

type RateName = "initialLr" | "maxLr" | "minLr";
type MomentumName = "baseMomentum" | "maxMomentum";
/** A part of the cycle: from one rate of the group to another. */
interface Phase {
  readonly endStep: number;
  readonly startLr: RateName;
  readonly endLr: RateName;
  readonly startMomentum: MomentumName;
  readonly endMomentum: MomentumName;
}

/**
 * Raises the rate from maxLr / divFactor to `maxLr` and lowers it to maxLr / divFactor /
 * finalDivFactor, within the steps of a whole run. Call `step()` after every batch.
 *
 * @param optimizer - Whose rates it changes.
 * @param maxLr - The highest rate, for all groups or for each.
 * @param options - `totalSteps`, or `epochs` and `stepsPerEpoch`; the others are optional.
 * @throws RangeError if an option is out of range, or once there are more than `totalSteps` steps.
 * @throws StateError if momentum is to cycle and the optimizer has none.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { OneCycleLR, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1, momentum: 0.9 });
 * const scheduler = new OneCycleLR(optimizer, 1, { totalSteps: 10, divFactor: 4 });
 * const rates = [1, 2].map(() => {
 *   optimizer.step();
 *   scheduler.step();
 *   return scheduler.getLastLr()[0];
 * });
 * assert.deepEqual(rates, [0.625, 1]);
 */
export class OneCycleLR extends EpochScheduler {
  protected static override readonly stateKeys: Readonly<Record<string, string>> = {
    annealFuncType: "_anneal_func_type",
  };
  totalSteps: number;
  cycleMomentum: boolean;
  annealFuncType: "cos" | "linear";
  #phases: readonly Phase[];

  constructor(
    optimizer: Scheduled,
    maxLr: number | readonly number[],
    options: OneCycleLROptions = {},
  ) {
    super(optimizer, options);
    const { pctStart = 0.3, annealStrategy = "cos", cycleMomentum = true } = options;
    checkOption(
      ...(["OneCycleLR", "pctStart", pctStart >= 0 && pctStart <= 1] as const),
      ...(["a number from 0 to 1", pctStart] as const),
    );
    const known = ["cos", "linear"].includes(annealStrategy);
    checkOption("OneCycleLR", "annealStrategy", known, "cos or linear", annealStrategy);
    this.totalSteps = stepsOf(options);
    this.#phases = phasesOf(this.totalSteps, pctStart, options.threePhase ?? false);
    this.annealFuncType = annealStrategy;
    this.cycleMomentum = cycleMomentum;
    const maxLrs = forEachGroup("OneCycleLR", "maxLr", optimizer, maxLr);
    if (this.lastEpoch === -1) this.#setRange(maxLrs, options);
    if (cycleMomentum) checkMomentum("OneCycleLR", optimizer);
    this.start();
  }

  /** Writes into the groups between which values they move. */
  #setRange(maxLrs: readonly number[], options: OneCycleLROptions): void {
    const { divFactor = 25, finalDivFactor = 1e4 } = options;
    const { baseMomentum = 0.85, maxMomentum = 0.95 } = options;
    const least = forEachGroup("OneCycleLR", "baseMomentum", this.optimizer, baseMomentum);
    const most = forEachGroup("OneCycleLR", "maxMomentum", this.optimizer, maxMomentum);
    this.groups.forEach((group, i) => {
      group.maxLr = maxLrs[i] as number;
      group.initialLr = group.maxLr / divFactor;
      group.minLr = group.initialLr / finalDivFactor;
      if (!this.cycleMomentum) return;
      group.maxMomentum = most[i] as number;
      group.baseMomentum = least[i] as number;
    });
  }

  protected override chained(): number[] {
    const { lastEpoch: step, totalSteps } = this;
    if (step > totalSteps)
      throw new RangeError(
        `OneCycleLR: Cannot make step ${step}: expected at most ${totalSteps} steps in all`,
      );
    const found = this.#phases.findIndex(({ endStep }) => step <= endStep);
    const index = found === -1 ? this.#phases.length - 1 : found;
    const phase = this.#phases[index] as Phase;
    const start = this.#phases[index - 1]?.endStep ?? 0;
    const done = (step - start) / (phase.endStep - start);
    return this.groups.map((group) => {
      if (this.cycleMomentum)
        setMomentum(group, this.#between(group, phase.startMomentum, phase.endMomentum, done));
      return this.#between(group, phase.startLr, phase.endLr, done);
    });
  }
  #between(
    group: Readonly<ScheduledGroup>,
    from: RateName | MomentumName,
    to: RateName | MomentumName,
    done: number,
  ): number {
    const [start, end] = [group[from] as number, group[to] as number];
    if (this.annealFuncType === "linear") return (end - start) * done + start;
    return end + ((start - end) / 2) * (Math.cos(Math.PI * done) + 1);
  }

  override stateDict(): SchedulerStateDict {
    const phases = this.#phases.map((phase) => renamed({ ...phase }, snakeKey));
    return { ...super.stateDict(), _schedule_phases: phases };
  }
  override loadStateDict(state: SchedulerStateDict): void {
    super.loadStateDict(state);
    const phases = state._schedule_phases as readonly Readonly<Record<string, unknown>>[];
    this.#phases = phases.map((phase) => renamed(phase, camelKey) as unknown as Phase);
  }
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions): number {
  const checked = (name: string, count: number | undefined): number => {
    const valid = Number.isInteger(count) && (count as number) > 0;
    checkOption("OneCycleLR", name, valid, "an integer of at least 1", count);
    return count as number;
  };
  if (totalSteps !== undefined) return checked("totalSteps", totalSteps);
  if (epochs === undefined && stepsPerEpoch === undefined)
    throw new RangeError(
      "OneCycleLR: The length of the run is missing: expected totalSteps, or epochs and stepsPerEpoch",
    );
  return checked("epochs", epochs) * checked("stepsPerEpoch", stepsPerEpoch);
}

function phasesOf(steps: number, share: number, three: boolean): Phase[] {
  const falling = { startMomentum: "maxMomentum", endMomentum: "baseMomentum" } as const;
  const rising = { startMomentum: "baseMomentum", endMomentum: "maxMomentum" } as const;
  const level = { startMomentum: "maxMomentum", endMomentum: "maxMomentum" } as const;
  const [top, end] = [share * steps - 1, steps - 1];
  const up: Phase = { endStep: top, startLr: "initialLr", endLr: "maxLr", ...falling };
  if (!three) return [up, { endStep: end, startLr: "maxLr", endLr: "minLr", ...rising }];
  const back = 2 * share * steps - 2;
  return [
    up,
    { endStep: back, startLr: "maxLr", endLr: "initialLr", ...rising },
    { endStep: end, startLr: "initialLr", endLr: "minLr", ...level },
  ];
}
