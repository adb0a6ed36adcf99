// Groups the indices of another sampler into batches.
import { checkPositive, type Sampler } from "./sampler.ts";

/**
 * Lists of `batchSize` indices of another sampler; the last one may be shorter, or is left out with `dropLast`.
 *
 * @param sampler - Gives the indices.
 * @param batchSize - Indices a batch.
 * @param dropLast - Whether to leave out a last batch that is shorter.
 * @throws RangeError if `batchSize` is no positive integer.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.BatchSampler
 * @example
 * import assert from "node:assert/strict";
 * import { BatchSampler, SequentialSampler } from "@tead/data";
 * const batches = new BatchSampler(new SequentialSampler({ length: 5 }), 2, false);
 * assert.deepEqual([...batches], [[0, 1], [2, 3], [4]]);
 */
export class BatchSampler implements Sampler<number[]> {
  readonly sampler: Sampler;
  readonly batchSize: number;
  readonly dropLast: boolean;

  constructor(sampler: Sampler, batchSize: number, dropLast: boolean) {
    checkPositive("BatchSampler", "batchSize", batchSize);
    this.sampler = sampler;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
  }

  /** How many batches an epoch has; undefined where the sampler does not know its own length. */
  get length(): number | undefined {
    const { length } = this.sampler;
    if (length === undefined) return undefined;
    const batches = length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** The batches of one epoch. */
  *[Symbol.iterator](): Generator<number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}
