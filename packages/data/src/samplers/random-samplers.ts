// Samplers that draw, in PyTorch's order and from PyTorch's stream of random numbers.
import {
  defaultGenerator,
  drawSeed,
  fillMultinomial,
  fillRandint,
  Generator as RandomGenerator,
  randomOrder,
} from "@tead/tensor";
import { checkPositive, type Sampler, type Sized } from "./sampler.ts";

/** How many indices PyTorch draws at a time with replacement. */
const DRAWS = 32;

/** Options of {@link RandomSampler}. */
export interface RandomSamplerOptions {
  /** Draw each index anew, so that one may come up again. Default false. */
  readonly replacement?: boolean;
  /** How many indices an epoch has. Default: the length of the dataset. */
  readonly numSamples?: number;
  /** Draws from this generator. Default: each epoch takes a seed from the default generator. */
  readonly generator?: RandomGenerator;
}

/**
 * Random indices: a permutation, or independent draws with `replacement`. For the same seed they are PyTorch's.
 *
 * @param dataSource - The dataset to sample from; it must not be empty.
 * @param options - `replacement`, `numSamples`, `generator`.
 * @throws RangeError if the dataset is empty or `numSamples` is no positive integer.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.RandomSampler
 * @example
 * import assert from "node:assert/strict";
 * import { RandomSampler } from "@tead/data";
 * import { manualSeed } from "@tead/tensor";
 * manualSeed(0);
 * assert.deepEqual([...new RandomSampler([7, 8, 9])].sort(), [0, 1, 2]);
 */
export class RandomSampler implements Sampler {
  readonly replacement: boolean;
  readonly #dataSource: Sized;
  readonly #numSamples: number | undefined;
  readonly #generator: RandomGenerator | undefined;

  constructor(dataSource: Sized, options: RandomSamplerOptions = {}) {
    const { replacement = false, numSamples, generator } = options;
    this.replacement = replacement;
    this.#dataSource = dataSource;
    this.#numSamples = numSamples;
    this.#generator = generator;
    checkPositive("RandomSampler", "numSamples", this.length);
  }

  /** How many indices an epoch has. */
  get length(): number {
    return this.#numSamples ?? this.#dataSource.length;
  }

  /** The indices of one epoch, drawn anew. */
  *[Symbol.iterator](): Generator<number> {
    const generator =
      this.#generator ?? new RandomGenerator().manualSeed(drawSeed(defaultGenerator()));
    const count = this.#dataSource.length;
    if (this.replacement) yield* this.#draws(count, generator);
    else yield* this.#permutations(count, generator);
  }

  *#draws(count: number, generator: RandomGenerator): Generator<number> {
    for (let left = this.length; left > 0; left -= DRAWS) {
      const indices = new Int32Array(Math.min(left, DRAWS));
      fillRandint(indices, generator, 0, count);
      yield* indices;
    }
  }

  *#permutations(count: number, generator: RandomGenerator): Generator<number> {
    const whole = Math.floor(this.length / count);
    for (let i = 0; i < whole; i++) yield* randomOrder(count, generator);
    // Drawn even where nothing of it is used, as PyTorch does: a shared generator moves on.
    yield* randomOrder(count, generator).subarray(0, this.length % count);
  }
}

/** Options of the samplers that take nothing but a generator. */
export interface GeneratorOptions {
  /** Draws from this generator. Default: the default generator. */
  readonly generator?: RandomGenerator;
}

/**
 * The given indices in random order.
 *
 * @param indices - Indices of the dataset.
 * @param options - `generator`.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.SubsetRandomSampler
 * @example
 * import assert from "node:assert/strict";
 * import { SubsetRandomSampler } from "@tead/data";
 * assert.deepEqual([...new SubsetRandomSampler([3, 5])].sort(), [3, 5]);
 */
export class SubsetRandomSampler implements Sampler {
  readonly indices: readonly number[];
  readonly #generator: RandomGenerator | undefined;

  constructor(indices: readonly number[], { generator }: GeneratorOptions = {}) {
    this.indices = indices;
    this.#generator = generator;
  }

  get length(): number {
    return this.indices.length;
  }

  /** The indices of one epoch, drawn anew. */
  *[Symbol.iterator](): Generator<number> {
    const order = randomOrder(this.length, this.#generator ?? defaultGenerator());
    for (const position of order) yield this.indices[position]!;
  }
}

/** Options of {@link WeightedRandomSampler}. */
export interface WeightedRandomSamplerOptions extends GeneratorOptions {
  /** Whether an index may come up more than once. Default true. */
  readonly replacement?: boolean;
}

/**
 * Indices drawn with the given probabilities.
 *
 * @param weights - Weight of each index; they need not sum to 1.
 * @param numSamples - How many indices an epoch has.
 * @param options - `replacement`, `generator`.
 * @throws RangeError if `numSamples` is no positive integer or, without replacement, more than there are weights; or if
 * a weight is negative or not finite, or all are 0.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.WeightedRandomSampler
 * @example
 * import assert from "node:assert/strict";
 * import { WeightedRandomSampler } from "@tead/data";
 * assert.deepEqual([...new WeightedRandomSampler([0, 1], 3)], [1, 1, 1]);
 */
export class WeightedRandomSampler implements Sampler {
  readonly weights: Float64Array;
  readonly length: number;
  readonly replacement: boolean;
  readonly #generator: RandomGenerator | undefined;

  constructor(
    weights: ArrayLike<number>,
    numSamples: number,
    { replacement = true, generator }: WeightedRandomSamplerOptions = {},
  ) {
    checkPositive("WeightedRandomSampler", "numSamples", numSamples);
    this.weights = Float64Array.from(weights);
    this.length = numSamples;
    this.replacement = replacement;
    this.#generator = generator;
    const bad = this.weights.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
    if (bad >= 0) {
      throw new RangeError(
        `WeightedRandomSampler: Cannot use weight ${this.weights[bad]} of index ${bad}: expected a number from 0`,
      );
    }
    if (!this.weights.some((weight) => weight > 0)) {
      throw new RangeError("WeightedRandomSampler: Cannot draw: expected a weight above 0");
    }
    if (!replacement && numSamples > this.weights.length) {
      throw new RangeError(
        `WeightedRandomSampler: Cannot draw ${numSamples} of ${this.weights.length} indices without replacement`,
      );
    }
  }

  /** The indices of one epoch, drawn anew. */
  *[Symbol.iterator](): Generator<number> {
    const indices = new Int32Array(this.length);
    fillMultinomial(indices, this.#generator ?? defaultGenerator(), this.weights, {
      categories: this.weights.length,
      samples: this.length,
      replacement: this.replacement,
    });
    yield* indices;
  }
}
