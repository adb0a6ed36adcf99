// Parts of a dataset, and datasets put together.
import { defaultGenerator, type Generator, randomOrder } from "@tead/tensor";
import { checkIndex, type Dataset } from "../dataset.ts";

/**
 * The samples of a dataset at the given indices.
 *
 * @param dataset - The whole dataset.
 * @param indices - Indices of its samples, in any order.
 * @throws RangeError if an index is no sample of the dataset.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.Subset
 * @example
 * import assert from "node:assert/strict";
 * import { Subset } from "@tead/data";
 * const letters = { length: 3, getItem: (index: number) => "abc".charAt(index) };
 * assert.equal(await new Subset(letters, [2, 0]).getItem(0), "c");
 */
export class Subset<Sample> implements Dataset<Sample> {
  readonly dataset: Dataset<Sample>;
  readonly indices: readonly number[];
  readonly getBatch?: (indices: readonly number[]) => unknown;

  constructor(dataset: Dataset<Sample>, indices: readonly number[]) {
    for (const index of indices) checkIndex("Subset", index, dataset.length);
    this.dataset = dataset;
    this.indices = indices;
    if (dataset.getBatch !== undefined) {
      this.getBatch = (positions) => dataset.getBatch?.(positions.map((at) => this.#index(at)));
    }
  }

  get length(): number {
    return this.indices.length;
  }

  getItem(index: number): Sample | Promise<Sample> {
    return this.dataset.getItem(this.#index(index));
  }

  #index(position: number): number {
    checkIndex("Subset", position, this.length);
    return this.indices[position]!;
  }
}

/**
 * Several datasets as one: the samples of the first, then those of the second, and so on.
 *
 * @param datasets - At least one dataset.
 * @throws RangeError if there is none.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.ConcatDataset
 * @example
 * import assert from "node:assert/strict";
 * import { ConcatDataset } from "@tead/data";
 * const letters = (text: string) => ({ length: text.length, getItem: (i: number) => text.charAt(i) });
 * assert.equal(await new ConcatDataset([letters("ab"), letters("cd")]).getItem(2), "c");
 */
export class ConcatDataset<Sample> implements Dataset<Sample> {
  readonly datasets: readonly Dataset<Sample>[];

  constructor(datasets: readonly Dataset<Sample>[]) {
    if (datasets.length === 0) {
      throw new RangeError("ConcatDataset: Cannot join nothing: expected at least one dataset");
    }
    this.datasets = datasets;
  }

  get length(): number {
    return this.datasets.reduce((sum, { length }) => sum + length, 0);
  }

  getItem(index: number): Sample | Promise<Sample> {
    checkIndex("ConcatDataset", index, this.length);
    let rest = index;
    for (const dataset of this.datasets) {
      if (rest < dataset.length) return dataset.getItem(rest);
      rest -= dataset.length;
    }
    throw new RangeError(`ConcatDataset: Cannot read sample ${index}: a dataset became shorter`);
  }
}

/** Options of {@link randomSplit}. */
export interface RandomSplitOptions {
  /** Draws the split. Default: the default generator. */
  readonly generator?: Generator;
}

/**
 * Splits a dataset at random into parts that share no sample: PyTorch's, for the same seed.
 *
 * @param dataset - The whole dataset.
 * @param lengths - The size of each part, summing to the dataset's length; or fractions that sum to 1, whose
 * remainders go to the first parts.
 * @param options - `generator`.
 * @throws RangeError if a length is negative or fractional, or they do not sum to the dataset's.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.random_split
 * @example
 * import assert from "node:assert/strict";
 * import { randomSplit } from "@tead/data";
 * const numbers = { length: 10, getItem: (index: number) => index };
 * assert.deepEqual(randomSplit(numbers, [0.75, 0.25]).map(({ length }) => length), [8, 2]);
 */
export function randomSplit<Sample>(
  dataset: Dataset<Sample>,
  lengths: readonly number[],
  { generator = defaultGenerator() }: RandomSplitOptions = {},
): Subset<Sample>[] {
  const sizes = sizesOf(lengths, dataset.length);
  const order = Array.from(randomOrder(dataset.length, generator));
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return new Subset(dataset, order.slice(start - size, start));
  });
}

function sizesOf(lengths: readonly number[], total: number): number[] {
  const sum = lengths.reduce((a, b) => a + b, 0);
  const given = `[${lengths.join(", ")}]`;
  if (!lengths.every((length) => length >= 0)) {
    throw new RangeError(`randomSplit: Cannot split by ${given}: expected numbers from 0`);
  }
  if (Math.abs(sum - 1) <= 1e-9 * Math.max(sum, 1)) {
    const sizes = lengths.map((fraction) => Math.floor(total * fraction));
    const rest = total - sizes.reduce((a, b) => a + b, 0);
    for (let i = 0; i < rest; i++) sizes[i % sizes.length]! += 1;
    return sizes;
  }
  if (sum !== total || !lengths.every(Number.isInteger)) {
    throw new RangeError(
      `randomSplit: Cannot split ${total} samples by ${given}: expected whole numbers that sum to ${total}, or fractions that sum to 1`,
    );
  }
  return [...lengths];
}
