// Schedules made of schedules.
import { StateError } from "@tead/tensor";
import { ReduceLROnPlateau } from "./plateau.ts";
import { LRScheduler, type Scheduled, type SchedulerStateDict } from "./scheduler.ts";

abstract class Composed extends LRScheduler {
  readonly #schedulers: readonly LRScheduler[];

  constructor(optimizer: Scheduled | undefined, schedulers: readonly LRScheduler[], name: string) {
    const first = schedulers[0];
    if (first === undefined) throw new RangeError(`${name}: No schedules: expected at least one`);
    for (const [i, scheduler] of schedulers.entries()) {
      // It says itself why it cannot be a part.
      if (scheduler instanceof ReduceLROnPlateau) scheduler.begin();
      if (scheduler.optimizer !== (optimizer ?? first.optimizer))
        throw new StateError(
          `${name}: The schedules do not belong together: expected one optimizer for all, ` +
            `received another for schedulers[${i}]`,
        );
    }
    super(first.optimizer);
    this.#schedulers = schedulers;
  }
  protected get schedulers(): readonly LRScheduler[] {
    return this.#schedulers;
  }
  /** Every group back to its first learning rate. */
  protected resetRates(): void {
    this.setRates(this.groups.map(({ initialLr, lr }) => initialLr ?? lr));
  }

  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), _schedulers: this.#schedulers.map((s) => s.stateDict()) };
  }
  override loadStateDict({ _schedulers, ...state }: SchedulerStateDict): void {
    super.loadStateDict(state);
    const saved = _schedulers as readonly SchedulerStateDict[];
    if (saved.length !== this.#schedulers.length)
      throw new StateError(
        `${this.constructor.name}: Cannot load the state dict: expected ` +
          `${this.#schedulers.length} schedules, received ${saved.length}`,
      );
    this.#schedulers.forEach((scheduler, i) => {
      scheduler.loadStateDict(saved[i] as SchedulerStateDict);
    });
  }
}

/**
 * Several schedules at once: each changes the rates that the one before leaves.
 *
 * @param schedulers - The schedules, all of one optimizer.
 * @throws RangeError if there are none.
 * @throws StateError if they belong to several optimizers, or one steps by a metric.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ChainedScheduler, ConstantLR, ExponentialLR, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const warmup = new ConstantLR(optimizer, { factor: 0.5, totalIters: 2 });
 * const scheduler = new ChainedScheduler([warmup, new ExponentialLR(optimizer, 0.5)]);
 * optimizer.step();
 * scheduler.step();
 * assert.deepEqual(scheduler.getLastLr(), [0.25]);
 */
export class ChainedScheduler extends Composed {
  constructor(schedulers: readonly LRScheduler[]) {
    super(undefined, schedulers, "ChainedScheduler");
  }
  override step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
    this.setRates();
  }
  override undo(): void {
    for (const scheduler of this.schedulers) scheduler.undo();
  }
  override begin(): void {
    for (const scheduler of this.schedulers) scheduler.begin();
    this.setRates();
  }
  override restart(): void {
    this.resetRates();
    this.begin();
  }
}

/**
 * Several schedules one after the other: each begins at its milestone.
 *
 * @param optimizer - Whose rates they change.
 * @param schedulers - The schedules, all of this optimizer.
 * @param milestones - At how many steps the second, third, ... begin.
 * @throws RangeError if there is not one milestone fewer than schedules.
 * @throws StateError if a schedule belongs to another optimizer, or steps by a metric.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ConstantLR, ExponentialLR, SequentialLR, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const optimizer = new SGD([ones([1], { requiresGrad: true })], { lr: 1 });
 * const warmup = new ConstantLR(optimizer, { factor: 0.5, totalIters: 2 });
 * const decay = new ExponentialLR(optimizer, 0.5);
 * const scheduler = new SequentialLR(optimizer, [warmup, decay], [2]);
 * const rates = [0, 1, 2, 3].map(() => {
 *   const [rate] = scheduler.getLastLr();
 *   optimizer.step();
 *   scheduler.step();
 *   return rate;
 * });
 * assert.deepEqual(rates, [0.5, 0.5, 1, 0.5]);
 */
export class SequentialLR extends Composed {
  protected static override readonly stateKeys: Readonly<Record<string, string>> = {
    milestones: "_milestones",
  };
  milestones: readonly number[];
  /** How many steps have been made. */
  lastEpoch = 0;

  constructor(
    optimizer: Scheduled,
    schedulers: readonly LRScheduler[],
    milestones: readonly number[],
  ) {
    super(optimizer, schedulers, "SequentialLR");
    if (milestones.length !== schedulers.length - 1)
      throw new RangeError(
        `SequentialLR: Option milestones is not valid: expected ${schedulers.length - 1} for ` +
          `${schedulers.length} schedules, received ${milestones.length}`,
      );
    this.milestones = milestones;
    this.#undoParts();
    this.begin();
  }

  #undoParts(): void {
    for (const scheduler of this.schedulers) scheduler.undo();
  }
  /** Which schedule runs at an epoch. */
  #indexAt(epoch: number): number {
    return this.milestones.filter((milestone) => milestone <= epoch).length;
  }
  override step(): void {
    this.lastEpoch++;
    const index = this.#indexAt(this.lastEpoch);
    const scheduler = this.schedulers[index] as LRScheduler;
    if (index > 0 && this.milestones[index - 1] === this.lastEpoch) scheduler.restart();
    else scheduler.step();
    this.setRates();
  }
  override undo(): void {
    this.#undoParts();
  }
  override begin(): void {
    this.lastEpoch = 0;
    this.resetRates();
    (this.schedulers[this.#indexAt(0)] as LRScheduler).begin();
    this.setRates();
  }
  override restart(): void {
    this.begin();
  }
}
