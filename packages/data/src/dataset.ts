// What a dataset is: indexed ("map style"), or a stream that is only iterated.

/**
 * A dataset whose samples are read by index. Any object with these members is one.
 *
 * @see https://pytorch.org/docs/stable/data.html#map-style-datasets
 * @example
 * import assert from "node:assert/strict";
 * import { type Dataset, Subset } from "@tead/data";
 * const squares: Dataset<number> = { length: 10, getItem: (index) => index * index };
 * assert.equal(new Subset(squares, [3]).getItem(0), 9);
 */
export interface Dataset<Sample> {
  /** How many samples there are. */
  readonly length: number;

  /** The sample at `index`, from 0 to `length - 1`; a promise where reading takes time. */
  getItem(index: number): Sample | Promise<Sample>;

  /**
   * A faster way to a whole batch, if there is one: the samples at `indices`, collated, equal to
   * `defaultCollate(indices.map((index) => this.getItem(index)))`. The loader takes it unless it has a `collateFn`.
   */
  getBatch?(indices: readonly number[]): unknown;
}

/**
 * A dataset that can only be read from its beginning: any iterable or async iterable of samples.
 *
 * @see https://pytorch.org/docs/stable/data.html#iterable-style-datasets
 */
export type IterableDataset<Sample> = Iterable<Sample> | AsyncIterable<Sample>;

/** Throws a RangeError unless `index` is the index of a sample. `owner` begins the message. */
export function checkIndex(owner: string, index: number, length: number): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  const expected = length === 0 ? "none, it is empty" : `an integer from 0 to ${length - 1}`;
  throw new RangeError(`${owner}: Cannot read sample ${index}: expected ${expected}`);
}
