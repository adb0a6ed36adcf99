// What all learning-rate schedules share: the optimizer whose rates they change, and state dicts.
import { StateError } from "@tead/tensor";
import type { LearningRate, ScheduleFields } from "../groups.ts";
import { camelKey, renamed, snakeKey } from "../keys.ts";

/** A schedule's state under PyTorch's names. */
export type SchedulerStateDict = Readonly<Record<string, unknown>>;

/** A group of parameters as schedules see it. */
export interface ScheduledGroup extends ScheduleFields {
  lr: number;
  momentum?: number;
  betas?: readonly [number, number];
}
/** What a schedule needs of an optimizer. */
export interface Scheduled {
  readonly paramGroups: readonly ScheduledGroup[];
}

/**
 * The base of all schedules. A subclass's public fields are its state.
 *
 * @see https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 */
export abstract class LRScheduler {
  /** State-dict keys of fields for which no rule gives them. */
  protected static readonly stateKeys: Readonly<Record<string, string>> = {};
  readonly #optimizer: Scheduled;
  #lastLr: number[];

  constructor(optimizer: Scheduled) {
    this.#optimizer = optimizer;
    this.#lastLr = optimizer.paramGroups.map((group) => group.lr);
  }

  /** Goes on by one step. */
  abstract step(value?: number): void;
  /** Takes back the step that construction made; the rates stay. @internal */
  abstract undo(): void;
  /** Makes the first step. @internal */
  abstract begin(): void;
  /** Sets the rates of step 0, in the middle of a run. @internal */
  abstract restart(): void;

  /** Whose rates it changes. */
  get optimizer(): Scheduled {
    return this.#optimizer;
  }
  protected get groups(): readonly ScheduledGroup[] {
    return this.#optimizer.paramGroups;
  }
  /** Sets the groups' rates, if given, and notes what they are. */
  protected setRates(rates: readonly number[] = []): void {
    this.groups.forEach((group, i) => {
      group.lr = rates[i] ?? group.lr;
    });
    this.#lastLr = this.groups.map((group) => group.lr);
  }
  /** The groups' present rates. */
  getLastLr(): readonly number[] {
    return this.#lastLr;
  }

  /** The schedule's state under PyTorch's names; the optimizer's is saved apart. */
  stateDict(): SchedulerStateDict {
    const { stateKeys } = this.constructor as typeof LRScheduler;
    const fields = renamed(
      this as unknown as Record<string, unknown>,
      snakeKey,
      (name) => stateKeys[name] ?? snakeKey(name),
    );
    return { ...fields, _last_lr: [...this.#lastLr] };
  }
  /** Takes the state of a state dict, this library's or PyTorch's. */
  loadStateDict({ _last_lr, ...fields }: SchedulerStateDict): void {
    const { stateKeys } = this.constructor as typeof LRScheduler;
    const names = new Map(Object.entries(stateKeys).map(([field, key]) => [key, field]));
    const mine = renamed(fields, camelKey, (key) => names.get(key) ?? camelKey(key));
    for (const [name, value] of Object.entries(mine))
      if (Object.hasOwn(this, name)) Object.assign(this, { [name]: value });
    if (_last_lr !== undefined) this.#lastLr = [...(_last_lr as number[])];
  }
}

/** Options of the schedules that count epochs. */
export interface SchedulerOptions {
  /** The last epoch of an interrupted run, to go on after it. Default -1: from the start. */
  readonly lastEpoch?: number;
}

/**
 * The base of the schedules that count epochs. A subclass writes `chained()`, the next rates from
 * the present ones, and, where there is one, `closed()`, the rates at any epoch.
 */
export abstract class EpochScheduler extends LRScheduler {
  /** The rates that the schedule starts from, one for each group. */
  baseLrs: number[] = [];
  /** How many steps have been made: 0 after construction. */
  lastEpoch: number;
  #stepCount = 0;
  #isInitial = false;

  constructor(optimizer: Scheduled, { lastEpoch = -1 }: SchedulerOptions = {}) {
    super(optimizer);
    this.lastEpoch = lastEpoch;
  }

  /** Sets the first rates; the last thing that a subclass's constructor does. */
  protected start(): void {
    for (const [i, group] of this.groups.entries()) {
      if (this.lastEpoch === -1) group.initialLr ??= group.lr;
      else if (group.initialLr === undefined)
        throw new StateError(
          `${this.constructor.name}: Cannot go on after epoch ${this.lastEpoch}: ` +
            `expected initialLr in paramGroups[${i}]`,
          { hint: "load the optimizer's state dict first" },
        );
    }
    this.baseLrs = this.groups.map((group) => group.initialLr as number);
    this.begin();
  }

  /** The groups' next rates, from the present ones. */
  protected abstract chained(groups: readonly Readonly<LearningRate>[]): number[];
  /** The groups' rates at the present epoch, from the base rates; by default the chained ones. */
  protected closed(): number[] {
    return this.chained(this.groups);
  }
  /** How many times the schedule has stepped, construction included. */
  protected get stepCount(): number {
    return this.#stepCount;
  }
  /** Whether this is the step that construction makes: chained rates stay as they are in it. */
  protected get isInitial(): boolean {
    return this.#isInitial;
  }

  /** Goes on by one epoch, or to the given one. Call it after the optimizer's `step()`. */
  override step(epoch?: number): void {
    this.#stepCount++;
    this.#update(epoch);
  }
  #update(epoch?: number): void {
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    this.setRates(epoch === undefined ? this.chained(this.groups) : this.closed());
  }
  override undo(): void {
    this.lastEpoch--;
  }
  override begin(): void {
    this.#stepCount = 0;
    this.#isInitial = true;
    try {
      this.step();
    } finally {
      this.#isInitial = false;
    }
  }
  override restart(): void {
    this.#update(0);
  }

  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), _step_count: this.#stepCount, _is_initial: false };
  }
  override loadStateDict(state: SchedulerStateDict): void {
    super.loadStateDict(state);
    this.#stepCount = (state._step_count as number | undefined) ?? this.#stepCount;
  }
}

/** One value for each group: the given list, or a value for all. */
export function forEachGroup<V>(
  owner: string,
  name: string,
  { paramGroups: { length } }: Scheduled,
  values: V | readonly V[],
): readonly V[] {
  if (!Array.isArray(values)) return new Array<V>(length).fill(values as V);
  if (values.length === length) return values;
  throw new RangeError(
    `${owner}: Option ${name} is not valid: expected one value for each of ${length} groups, ` +
      `received ${values.length}`,
  );
}
