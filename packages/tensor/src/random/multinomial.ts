// Sampling of categories by weight, with and without replacement.
import type { Generator } from "../generator.ts";
import type { RealArray } from "./precision.ts";
import { fillExponential } from "./transforms.ts";
import { uniformDouble } from "./uniform.ts";

/** What {@link fillMultinomial} draws. */
export interface MultinomialOptions {
  /** How many categories each row of weights has. */
  readonly categories: number;
  /** How many samples each row gives. */
  readonly samples: number;
  /** Whether a category may come up more than once. */
  readonly replacement?: boolean;
}

/**
 * Fills `out` with category indices drawn by weight, as `torch.multinomial` does for contiguous
 * weights. Weights need not add up to 1.
 *
 * Without replacement, each row takes the greatest quotients of its weights and fresh exponential
 * numbers; with replacement, each sample searches the cumulated weights for a uniform double.
 *
 * Shapes: weights `[rows, categories]`, out `[rows, samples]`, both row by row.
 *
 * @throws RangeError if a weight is negative, infinite or NaN, a row has no weight above 0, or more
 * samples than categories are asked for without replacement
 * @see https://pytorch.org/docs/stable/generated/torch.multinomial.html
 */
export function fillMultinomial(
  out: Int32Array,
  generator: Generator,
  weights: RealArray,
  { categories, samples, replacement = false }: MultinomialOptions,
): void {
  check(samples >= 1, `at least 1 sample, received ${samples}`);
  check(
    replacement || samples <= categories,
    `at most ${categories} samples (the categories) without replacement, received ${samples}`,
  );
  for (let start = 0; start < weights.length; start += categories) {
    checkWeights(weights.subarray(start, start + categories));
  }
  if (replacement) drawByCumulation(out, generator, weights, categories, samples);
  else drawByRace(out, generator, weights, categories, samples);
}

// weight / exponential is greatest for category i with probability weight_i / sum
function drawByRace(
  out: Int32Array,
  generator: Generator,
  weights: RealArray,
  categories: number,
  samples: number,
): void {
  const quotients = weights.slice();
  fillExponential(quotients, generator);
  for (let i = 0; i < weights.length; i++) quotients[i] = weights[i]! / quotients[i]!;
  const order = Array.from({ length: categories }, (_, i) => i);
  for (let row = 0; row * categories < weights.length; row++) {
    const start = row * categories;
    const ranked = order
      .slice()
      .sort((a, b) => quotients[start + b]! - quotients[start + a]! || a - b);
    for (let j = 0; j < samples; j++) out[row * samples + j] = ranked[j]!;
  }
}

function drawByCumulation(
  out: Int32Array,
  generator: Generator,
  weights: RealArray,
  categories: number,
  samples: number,
): void {
  for (let row = 0; row * categories < weights.length; row++) {
    const cumulated = cumulate(weights.slice(row * categories, (row + 1) * categories));
    for (let j = 0; j < samples; j++) {
      out[row * samples + j] = search(cumulated, uniformDouble(generator));
    }
  }
}

// Sums and quotients are rounded to the weights' own type: every step goes through the array.
function cumulate(row: RealArray): RealArray {
  for (let i = 1; i < row.length; i++) row[i] = row[i]! + row[i - 1]!;
  const sum = row[row.length - 1]!;
  for (let i = 0; i < row.length; i++) row[i] = row[i]! / sum;
  row[row.length - 1] = 1;
  return row;
}

/** The first position whose value is not less than `x`. */
function search(sorted: RealArray, x: number): number {
  let left = 0;
  let right = sorted.length;
  while (left < right) {
    const middle = (left + right) >> 1;
    if (sorted[middle]! < x) left = middle + 1;
    else right = middle;
  }
  return left;
}

function checkWeights(row: RealArray): void {
  let sum = 0;
  for (const weight of row) {
    check(weight >= 0 && weight < Infinity, `finite weights >= 0, received ${weight}`);
    sum += weight;
  }
  check(sum > 0, "a weight above 0 in each row, received none");
}

function check(valid: boolean, expectation: string): void {
  if (!valid) throw new RangeError(`multinomial: Cannot draw: expected ${expectation}`);
}
