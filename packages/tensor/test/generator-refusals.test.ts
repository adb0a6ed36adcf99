// What the distributions refuse, and that a refusal draws nothing.
import { describe, expect, it } from "vitest";
import { Generator } from "../src/generator.ts";
import * as random from "../src/random/index.ts";

describe("distributions refuse", () => {
  const generator = new Generator();
  const before = generator.getState();
  const two = new Float32Array(2);
  const ints = new Int32Array(2);
  const weighed = (weights: number[], samples: number) => () =>
    random.fillMultinomial(ints, generator, Float32Array.from(weights), {
      categories: weights.length,
      samples,
    });

  it.each<[string, () => void, string]>([
    [
      "an empty uniform range",
      () => random.fillUniform(two, generator, 1, 0),
      "uniform: Cannot draw float32 numbers: expected from <= to, both and their distance in the " +
        "dtype's range, received from=1 to=0",
    ],
    [
      "a uniform range beyond the dtype",
      () => random.fillUniform(two, generator, 0, 1e5, "float16"),
      "uniform: Cannot draw float16 numbers: expected from <= to, both and their distance in the " +
        "dtype's range, received from=0 to=100000",
    ],
    [
      "a negative std",
      () => random.fillNormal(two, generator, 0, -1),
      "normal: Cannot draw: expected std >= 0, received -1",
    ],
    [
      "a negative std of a block",
      () => random.fillNormal(new Float32Array(16), generator, 0, Number.NaN),
      "normal: Cannot draw: expected std >= 0, received NaN",
    ],
    [
      "a std of 0 for log-normal numbers",
      () => random.fillLogNormal(two, generator, 0, 0),
      "logNormal: Cannot draw: expected std > 0, received 0",
    ],
    [
      "an empty range of integers",
      () => random.fillRandint(ints, generator, 3, 3),
      "randint: Cannot draw from [3, 3): expected integers with low < high",
    ],
    [
      "a fraction for an integer bound",
      () => random.fillRandint(ints, generator, 0.5, 3),
      "randint: Cannot draw from [0.5, 3): expected integers with low < high",
    ],
    [
      "integers that the dtype lacks",
      () => random.fillRandint(new Uint8Array(2), generator, 0, 257),
      "randint: Cannot draw from [0, 257): expected values that uint8 holds, 0 to 255",
    ],
    [
      "integers that bool lacks",
      () => random.fillRandint(new Uint8Array(2), generator, 0, 3, "bool"),
      "randint: Cannot draw from [0, 3): expected values that bool holds, 0 to 1",
    ],
    [
      "a probability above 1",
      () => random.fillBernoulli(two, generator, 1.5),
      "bernoulli: Cannot draw: expected probabilities in [0, 1], received 1.5",
    ],
    [
      "one bad probability among good ones",
      () => random.fillBernoulliEach(two, generator, Float64Array.of(0.5, Number.NaN)),
      "bernoulli: Cannot draw: expected probabilities in [0, 1], received NaN",
    ],
    [
      "another number of probabilities",
      () => random.fillBernoulliEach(two, generator, Float64Array.of(0.5)),
      "bernoulli: Cannot draw 2 elements: expected as many probabilities, received 1",
    ],
    [
      "a rate of 0",
      () => random.fillExponential(two, generator, 0),
      "exponential: Cannot draw: expected rate > 0, received 0",
    ],
    [
      "a certain success",
      () => random.fillGeometric(ints, generator, 1),
      "geometric: Cannot draw: expected p in (0, 1), received 1",
    ],
    [
      "a negative sigma",
      () => random.fillCauchy(two, generator, 0, -1),
      "cauchy: Cannot draw: expected sigma > 0, received -1",
    ],
    [
      "a negative weight",
      weighed([1, -1], 1),
      "multinomial: Cannot draw: expected finite weights >= 0, received -1",
    ],
    [
      "an infinite weight",
      weighed([1, Number.POSITIVE_INFINITY], 1),
      "multinomial: Cannot draw: expected finite weights >= 0, received Infinity",
    ],
    [
      "weights that are all 0",
      weighed([0, 0], 1),
      "multinomial: Cannot draw: expected a weight above 0 in each row, received none",
    ],
    [
      "more samples than categories",
      weighed([1, 1], 3),
      "multinomial: Cannot draw: expected at most 2 samples (the categories) without replacement, " +
        "received 3",
    ],
    [
      "no samples",
      weighed([1, 1], 0),
      "multinomial: Cannot draw: expected at least 1 sample, received 0",
    ],
  ])("%s, before any draw", (_, call, message) => {
    expect(call).toThrow(new RangeError(message));
    expect(generator.getState()).toEqual(before);
  });
});
