// What a sampler is, and the one that goes in order.

/**
 * The order in which a loader reads a dataset: each iteration is an epoch. `Index` is a number, or a list of numbers
 * for a sampler of whole batches. Any iterable is a sampler; `length` is known where the epoch ends by itself.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.Sampler
 */
export interface Sampler<Index = number> extends Iterable<Index> {
  /** How many indices an epoch has. */
  readonly length?: number | undefined;
}

/** Whatever has a length: a dataset, an array, a list of indices. */
export interface Sized {
  readonly length: number;
}

/**
 * The indices 0 to `length - 1` in order.
 *
 * @param dataSource - The dataset to sample from.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.SequentialSampler
 * @example
 * import assert from "node:assert/strict";
 * import { SequentialSampler } from "@tead/data";
 * assert.deepEqual([...new SequentialSampler(["a", "b", "c"])], [0, 1, 2]);
 */
export class SequentialSampler implements Sampler {
  readonly #dataSource: Sized;

  constructor(dataSource: Sized) {
    this.#dataSource = dataSource;
  }

  get length(): number {
    return this.#dataSource.length;
  }

  /** The indices of one epoch. */
  *[Symbol.iterator](): Generator<number> {
    for (let index = 0; index < this.length; index++) yield index;
  }
}

/** Throws a RangeError unless `value` is a positive integer. */
export function checkPositive(owner: string, name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new RangeError(`${owner}: Cannot use ${name}=${value}: expected a positive integer`);
}
