// What all learning-rate schedules share.
import { StateError } from "@tead/tensor";
import { camelKey, renamed, snakeKey } from "../keys.ts";
import type { LearningRate } from "../optimizer.ts";

/** Options of every schedule. */
export interface SchedulerOptions {
  /** The last epoch of an interrupted run, to go on after it. Default -1: from the start. */
  readonly lastEpoch?: number;
}

/** A schedule's state under PyTorch's names. */
export type SchedulerStateDict = Readonly<Record<string, unknown>>;

/** What a schedule needs of an optimizer. */
export interface Scheduled {
  readonly paramGroups: readonly { lr: number; initialLr?: number }[];
}

/**
 * The base of all schedules. A subclass writes `chained()`, the next rates from the present ones,
 * and, where there is one, `closed()`, the rates at any epoch. Its public fields are its state.
 *
 * @see https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 */
export abstract class LRScheduler {
  /** The rates that the schedule starts from, one for each group. */
  baseLrs: number[] = [];
  /** How many steps have been made: 0 after construction. */
  lastEpoch: number;
  readonly #optimizer: Scheduled;
  #stepCount = 0;
  #lastLr: number[] = [];

  constructor(optimizer: Scheduled, { lastEpoch = -1 }: SchedulerOptions = {}) {
    this.#optimizer = optimizer;
    this.lastEpoch = lastEpoch;
  }

  /** Sets the first rates; the last thing that a subclass's constructor does. */
  protected start(): void {
    const { paramGroups } = this.#optimizer;
    for (const [i, group] of paramGroups.entries()) {
      if (this.lastEpoch === -1) group.initialLr ??= group.lr;
      else if (group.initialLr === undefined)
        throw new StateError(
          `${this.constructor.name}: Cannot go on after epoch ${this.lastEpoch}: expected initialLr in paramGroups[${i}]`,
          { hint: "load the optimizer's state dict first" },
        );
    }
    this.baseLrs = paramGroups.map((group) => group.initialLr as number);
    this.step();
  }

  /** The groups' next rates, from the present ones. */
  protected abstract chained(groups: readonly Readonly<LearningRate>[]): number[];
  /** The groups' rates at the present epoch, from the base rates; by default the chained ones. */
  protected closed(): number[] {
    return this.chained(this.#optimizer.paramGroups);
  }
  /** Whether this is the step that construction makes. */
  protected get isFirstStep(): boolean {
    return this.#stepCount === 1;
  }

  /** Goes on by one epoch, or to the given one. Call it after the optimizer's `step()`. */
  step(epoch?: number): void {
    this.#stepCount++;
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    const { paramGroups } = this.#optimizer;
    const rates = epoch === undefined ? this.chained(paramGroups) : this.closed();
    paramGroups.forEach((group, i) => {
      group.lr = rates[i] as number;
    });
    this.#lastLr = paramGroups.map((group) => group.lr);
  }
  /** The groups' present rates. */
  getLastLr(): readonly number[] {
    return this.#lastLr;
  }

  /** State-dict keys of fields for which no rule gives them. */
  protected static readonly stateKeys: Readonly<Record<string, string>> = {};

  /** The schedule's state under PyTorch's names; the optimizer's is saved apart. */
  stateDict(): SchedulerStateDict {
    const { stateKeys } = this.constructor as typeof LRScheduler;
    const fields = renamed(
      this as unknown as Record<string, unknown>,
      (k) => stateKeys[k] ?? snakeKey(k),
    );
    return { ...fields, _step_count: this.#stepCount, _last_lr: [...this.#lastLr] };
  }
  /** Takes the state of a state dict, this library's or PyTorch's. */
  loadStateDict({ _step_count, _last_lr, ...fields }: SchedulerStateDict): void {
    const { stateKeys } = this.constructor as typeof LRScheduler;
    const names = new Map(Object.entries(stateKeys).map(([field, key]) => [key, field]));
    const mine = renamed(fields, (key) => names.get(key) ?? camelKey(key));
    for (const [name, value] of Object.entries(mine))
      if (Object.hasOwn(this, name)) Object.assign(this, { [name]: value });
    this.#stepCount = _step_count as number;
    this.#lastLr = [...(_last_lr as number[])];
  }
}
