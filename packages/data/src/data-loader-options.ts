// What a loader takes, and what of it contradicts itself.
import { type Generator as RandomGenerator, UnsupportedError } from "@tead/tensor";
import type { Dataset, IterableDataset } from "./dataset.ts";
import { checkPositive, type Sampler } from "./samplers/sampler.ts";

/** What a loader reads: a dataset by index, an array, or a stream. */
export type DataSource<Sample> = Dataset<Sample> | readonly Sample[] | IterableDataset<Sample>;

/** Options that every {@link DataLoader} takes. */
export interface CommonLoaderOptions {
  /** Read the dataset in a new random order in every epoch. Default false. */
  readonly shuffle?: boolean;
  /** The order of samples, instead of `shuffle`. */
  readonly sampler?: Sampler;
  /** The source of random order. Default: the default generator. */
  readonly generator?: RandomGenerator;
  /** Workers that load batches. Only 0, loading right here, is available yet. */
  readonly numWorkers?: number;
}

/** Options of a {@link DataLoader}. */
export interface DataLoaderOptions<Sample, Batch> extends CommonLoaderOptions {
  /** Samples a batch. Default 1. */
  readonly batchSize?: number;
  /** A list of indices for each batch, instead of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  readonly batchSampler?: Sampler<readonly number[]>;
  /** Leave out a last batch that is shorter. Default false. */
  readonly dropLast?: boolean;
  /** Joins the samples of a batch. Default: {@link defaultCollate}. */
  readonly collateFn?: (samples: Sample[]) => Batch | Promise<Batch>;
}

/** Options of a {@link DataLoader} that yields samples one by one instead of batches. */
export interface SampleLoaderOptions<Sample, Item> extends CommonLoaderOptions {
  readonly batchSize: null;
  /** Makes of each sample what the loader yields. */
  readonly collateFn: (sample: Sample) => Item | Promise<Item>;
}

/** Either kind of options, as the checks see them. */
export interface LooseLoaderOptions extends CommonLoaderOptions {
  readonly batchSize?: number | null;
  readonly batchSampler?: Sampler<readonly number[]>;
  readonly dropLast?: boolean;
  readonly collateFn?: unknown;
}

/** True for a dataset that is read by index. */
export function isDataset<Sample>(source: DataSource<Sample>): source is Dataset<Sample> {
  return "getItem" in source && typeof source.getItem === "function";
}

/** Throws at the first option that is out of range or contradicts another one. */
export function checkLoaderOptions(options: LooseLoaderOptions, isStream: boolean): void {
  const { batchSize, batchSampler, sampler, shuffle, dropLast, numWorkers = 0 } = options;
  checkWorkers(numWorkers);
  if (typeof batchSize === "number") checkPositive("DataLoader", "batchSize", batchSize);
  const contradictions: [boolean, string][] = [
    [isStream && shuffle === true, "shuffle with an iterable, which has an order of its own"],
    [isStream && sampler !== undefined, "sampler with an iterable, which has an order of its own"],
    [isStream && batchSampler !== undefined, "batchSampler with an iterable"],
    [sampler !== undefined && shuffle === true, "sampler and shuffle: each is an order"],
    [
      batchSampler !== undefined &&
        (batchSize !== undefined || shuffle === true || sampler !== undefined || dropLast === true),
      "batchSampler with batchSize, shuffle, sampler or dropLast, which it stands for",
    ],
    [batchSize === null && dropLast === true, "dropLast without batches (batchSize: null)"],
    [
      batchSize === null && typeof options.collateFn !== "function",
      "batchSize: null without a collateFn, which says what to make of a sample",
    ],
  ];
  const found = contradictions.find(([holds]) => holds);
  if (found !== undefined) throw new TypeError(`DataLoader: Cannot combine ${found[1]}`);
}

function checkWorkers(numWorkers: number): void {
  if (!Number.isInteger(numWorkers) || numWorkers < 0) {
    throw new RangeError(
      `DataLoader: Cannot use numWorkers=${numWorkers}: expected an integer from 0`,
    );
  }
  if (numWorkers === 0) return;
  throw new UnsupportedError(
    `Cannot use numWorkers=${numWorkers}: this version loads every batch in the thread that asks for it`,
    {
      op: "DataLoader",
      hint: "use numWorkers: 0, and open the dataset by openDataset({ module, export }), which is how workers will find it",
    },
  );
}
