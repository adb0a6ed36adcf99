// The loader: order from a sampler, samples from a dataset, batches from a collate function.
import {
  defaultGenerator,
  drawSeed,
  inRootContext,
  type Generator as RandomGenerator,
} from "@tead/tensor";
import { type Collated, defaultCollate } from "./collate.ts";
import {
  checkLoaderOptions,
  type DataLoaderOptions,
  type DataSource,
  isDataset,
  type LooseLoaderOptions,
  type SampleLoaderOptions,
} from "./data-loader-options.ts";
import type { Dataset, IterableDataset } from "./dataset.ts";
import { nextMacrotask } from "./macrotask.ts";
import { BatchSampler } from "./samplers/batch-sampler.ts";
import { RandomSampler } from "./samplers/random-samplers.ts";
import { type Sampler, SequentialSampler } from "./samplers/sampler.ts";

type MaybePromise<T> = T | Promise<T>;

/**
 * Batches of a dataset, as an async iterable; each loop over it is an epoch. For the same seed the shuffled order is
 * PyTorch's, and so is what each epoch takes from the generator.
 *
 * Before each batch the event loop runs once: signals, timers and the page stay alive during training.
 *
 * **Shapes**: samples `[...]` -> batches `[batchSize, ...]`.
 *
 * @param dataset - A {@link Dataset}, an array, or an iterable of samples.
 * @param options - `batchSize` (null for samples without batches), `shuffle`, `sampler`, `batchSampler`, `dropLast`,
 * `collateFn`, `generator`, `numWorkers`.
 * @throws RangeError if `batchSize` or `numWorkers` is out of range, or an empty dataset is to be shuffled.
 * @throws TypeError if two options contradict each other, or an iterable is given an order.
 * @throws UnsupportedError if `numWorkers` is above 0.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { DataLoader } from "@tead/data";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const batches: unknown[] = [];
 * for await (const batch of new DataLoader([1, 2, 3], { batchSize: 2 })) {
 *   batches.push(await batch.tolist());
 * }
 * assert.deepEqual(batches, [[1, 2], [3]]);
 */
export class DataLoader<Sample, Batch = Collated<Sample>> implements AsyncIterable<Batch> {
  readonly dataset: DataSource<Sample>;
  /** Samples a batch; undefined with a `batchSampler` or without batches. */
  readonly batchSize: number | undefined;
  readonly dropLast: boolean;
  /** The order of samples; undefined where the dataset is a stream or a `batchSampler` was given. */
  readonly sampler: Sampler | undefined;
  /** The order of batches; undefined where the dataset is a stream or there are no batches. */
  readonly batchSampler: Sampler<readonly number[]> | undefined;
  readonly #generator: RandomGenerator | undefined;
  readonly #collateFn: ((input: never) => MaybePromise<Batch>) | undefined;

  constructor(dataset: DataSource<Sample>, options?: DataLoaderOptions<Sample, Batch>);
  constructor(dataset: DataSource<Sample>, options: SampleLoaderOptions<Sample, Batch>);
  constructor(dataset: DataSource<Sample>, options: LooseLoaderOptions = {}) {
    const sized = sizedOf(dataset);
    checkLoaderOptions(options, sized === undefined);
    const { batchSize = 1, shuffle = false, dropLast = false, generator, batchSampler } = options;
    this.dataset = dataset;
    this.dropLast = dropLast;
    this.batchSize = batchSampler === undefined ? (batchSize ?? undefined) : undefined;
    this.#generator = generator;
    this.#collateFn = options.collateFn as ((input: never) => MaybePromise<Batch>) | undefined;
    this.batchSampler = batchSampler;
    if (sized === undefined || batchSampler !== undefined) return;
    const inOrder = (): Sampler =>
      shuffle ? new RandomSampler(sized, { generator }) : new SequentialSampler(sized);
    this.sampler = options.sampler ?? inOrder();
    if (batchSize !== null) this.batchSampler = new BatchSampler(this.sampler, batchSize, dropLast);
  }

  /**
   * How many batches an epoch has.
   *
   * @throws TypeError if the dataset is a stream or the sampler does not know its length.
   */
  get length(): number {
    const length = (this.batchSampler ?? this.sampler)?.length;
    if (length !== undefined) return length;
    throw new TypeError(
      "DataLoader: Cannot tell the number of batches: expected a dataset and a sampler that have a length",
    );
  }

  /** Begins an epoch. */
  [Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    // PyTorch draws a seed for its workers here, even if there are none: the stream moves on.
    drawSeed(this.#generator ?? defaultGenerator());
    const { dataset, batchSampler, sampler } = this;
    if (batchSampler !== undefined) return batchesOf(batchSampler, this.#fetchOf(dataset));
    if (sampler !== undefined) return batchesOf(sampler, this.#fetchOneOf(dataset));
    return this.#stream(dataset as IterableDataset<Sample>);
  }

  /** What makes a batch of a list of indices. */
  #fetchOf(source: DataSource<Sample>): (indices: readonly number[]) => MaybePromise<Batch> {
    const dataset = indexed(source);
    if (this.#collateFn === undefined && dataset.getBatch !== undefined) {
      return (indices) => dataset.getBatch?.(indices) as MaybePromise<Batch>;
    }
    return (indices) => {
      const samples = indices.map((index) => dataset.getItem(index));
      if (!samples.some(isPromise)) return this.#collate(samples as Sample[]);
      return Promise.all(samples).then((settled) => rooted(() => this.#collate(settled)));
    };
  }

  /** What makes an item of one index, where there are no batches. */
  #fetchOneOf(source: DataSource<Sample>): (index: number) => MaybePromise<Batch> {
    const dataset = indexed(source);
    return (index) => {
      const sample = dataset.getItem(index);
      if (!isPromise(sample)) return this.#convert(sample);
      return sample.then((settled) => rooted(() => this.#convert(settled)));
    };
  }

  async *#stream(source: IterableDataset<Sample>): AsyncGenerator<Batch, void, undefined> {
    let samples: Sample[] = [];
    for await (const sample of source) {
      if (this.batchSize === undefined) {
        await nextMacrotask();
        yield await rooted(() => this.#convert(sample));
        continue;
      }
      samples.push(sample);
      if (samples.length < this.batchSize) continue;
      const full = samples;
      samples = [];
      await nextMacrotask();
      yield await rooted(() => this.#collate(full));
    }
    if (samples.length > 0 && !this.dropLast) yield await rooted(() => this.#collate(samples));
  }

  #collate(samples: Sample[]): MaybePromise<Batch> {
    if (this.#collateFn !== undefined) return this.#collateFn(samples as never);
    // Without a collateFn, Batch is its default.
    return defaultCollate(samples) as Batch;
  }

  #convert(sample: Sample): MaybePromise<Batch> {
    return this.#collateFn?.(sample as never) as MaybePromise<Batch>;
  }
}

async function* batchesOf<Index, Batch>(
  sampler: Sampler<Index>,
  fetch: (index: Index) => MaybePromise<Batch>,
): AsyncGenerator<Batch, void, undefined> {
  for (const index of sampler) {
    await nextMacrotask();
    yield await rooted(() => fetch(index));
  }
}

/** `fn()` in the root context; what it awaits goes on in whatever context there is then. */
function rooted<T>(fn: () => MaybePromise<T>): MaybePromise<T> {
  // Wrapped, so that a promise does not keep the context: modes of others may open meanwhile.
  return inRootContext(() => [fn()] as const)[0];
}

const isPromise = <T>(value: T | Promise<T>): value is Promise<T> => value instanceof Promise;

/** The source, if it has indices: a dataset or an array. */
function sizedOf<Sample>(
  source: DataSource<Sample>,
): Dataset<Sample> | readonly Sample[] | undefined {
  return isDataset(source) || isArray(source) ? source : undefined;
}

function isArray<Sample>(source: DataSource<Sample>): source is readonly Sample[] {
  return Array.isArray(source);
}

function indexed<Sample>(source: DataSource<Sample>): Dataset<Sample> {
  if (isDataset(source)) return source;
  const samples = source as readonly Sample[];
  return { length: samples.length, getItem: (index) => samples[index] as Sample };
}
