// How recurrent ops walk over packed rows: step by step, with a batch that shrinks or grows.
import type { Tensor } from "../tensor.ts";
import { cat } from "./join.ts";

/** The rows of a packed sequence: step after step, each with the rows of the batch still going. */
export interface SequenceAttrs {
  /** How many rows each step has: never more than the step before, the first the whole batch. */
  readonly batchSizes: readonly number[];
  /** Whether the last step is the first to run. */
  readonly reverse: boolean;
}

/** What a simple recurrent layer takes. */
export interface RnnAttrs extends SequenceAttrs {
  readonly nonlinearity: "tanh" | "relu";
}

/** The rows of one step. */
export interface Step {
  readonly start: number;
  readonly size: number;
}

/** The steps in the order in which they run. */
export function stepsOf({ batchSizes, reverse }: SequenceAttrs): Step[] {
  let start = 0;
  const steps = batchSizes.map((size) => {
    const step = { start, size };
    start += size;
    return step;
  });
  return reverse ? steps.reverse() : steps;
}

export const rowsOf = (t: Tensor, { start, size }: Step): Tensor => t.narrow(0, start, size);

/** Rows as they stand in memory, from the steps in the order in which they ran. */
export const joined = (pieces: readonly Tensor[], { reverse }: SequenceAttrs): Tensor =>
  cat(reverse ? pieces.toReversed() : pieces, 0);

/** The state for a step of `size` rows: sequences that end leave it, those that begin enter it. */
export function fitted(state: Tensor, size: number, initial: Tensor): Tensor {
  const rows = state.size(0);
  if (rows === size) return state;
  return rows > size
    ? state.narrow(0, 0, size)
    : cat([state, initial.narrow(0, rows, size - rows)], 0);
}

/** What `fitted` gave each step, all rows together, of a state whose values after all steps are known. */
export function statesBefore(after: Tensor, initial: Tensor, attrs: SequenceAttrs): Tensor {
  const { batchSizes, reverse } = attrs;
  const size = batchSizes[0] as number;
  if (batchSizes.at(-1) === size) {
    const kept = after.narrow(0, reverse ? size : 0, after.size(0) - size);
    return joined([initial, kept], attrs);
  }
  let state = initial;
  const pieces = stepsOf(attrs).map((step) => {
    const before = fitted(state, step.size, initial);
    state = rowsOf(after, step);
    return before;
  });
  return joined(pieces, attrs);
}

/** The gradient of a state on its way back through `fitted`: it ends as the initial state's. */
export class StateGradient {
  #rows: Tensor | undefined;
  readonly #begun: Tensor[] = [];

  /** Takes what later steps pass to a step of `size` rows; `undefined` for the last step. */
  take(size: number): Tensor | undefined {
    const rows = this.#rows;
    if (rows === undefined || rows.size(0) === size) return rows;
    const surplus = rows.size(0) - size;
    if (surplus < 0) return rows.padEach([0, 0], [-surplus, 0]);
    this.#begun.unshift(rows.narrow(0, size, surplus));
    return rows.narrow(0, 0, size);
  }
  /** What a step passes to the state before it. */
  set(rows: Tensor): void {
    this.#rows = rows;
  }
  /** The gradient of the initial state, once every step has passed its own. */
  initial(): Tensor {
    const rows = this.#rows as Tensor;
    return this.#begun.length === 0 ? rows : cat([rows, ...this.#begun], 0);
  }
}
