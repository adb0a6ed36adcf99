import {
  BatchSampler,
  RandomSampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from "@tead/data";
import { describe, expect, it } from "vitest";
import { expectOrder, orders } from "../order-fixture.ts";

const casesOf = (name: string) => {
  const cases = orders.samplers.filter((each) => each.name === name);
  expect(cases.length).toBeGreaterThan(1);
  return cases;
};

describe("RandomSampler", () => {
  it("gives PyTorch's order for the same seed, epoch after epoch", async () => {
    for (const expected of casesOf("RandomSampler")) {
      const { length, replacement } = expected;
      const numSamples = expected.numSamples ?? undefined;
      await expectOrder(
        expected,
        (generator) => new RandomSampler({ length }, { replacement, numSamples, generator }),
      );
    }
  });

  it("knows its length", () => {
    expect(new RandomSampler({ length: 4 }).length).toBe(4);
    expect(new RandomSampler({ length: 4 }, { numSamples: 9 }).length).toBe(9);
  });

  it("refuses empty datasets and numbers of samples that make no sense", () => {
    expect(() => new RandomSampler([])).toThrow(
      "RandomSampler: Cannot use numSamples=0: expected a positive integer",
    );
    expect(() => new RandomSampler([1], { numSamples: 1.5 })).toThrow(
      "RandomSampler: Cannot use numSamples=1.5: expected a positive integer",
    );
  });
});

describe("SubsetRandomSampler", () => {
  it("gives PyTorch's order for the same seed", async () => {
    for (const expected of casesOf("SubsetRandomSampler")) {
      await expectOrder(
        expected,
        (generator) => new SubsetRandomSampler(expected.indices, { generator }),
      );
    }
    expect(new SubsetRandomSampler([5, 6]).length).toBe(2);
  });
});

describe("WeightedRandomSampler", () => {
  it("gives PyTorch's draws for the same seed", async () => {
    for (const expected of casesOf("WeightedRandomSampler")) {
      const { weights, numSamples, replacement } = expected;
      await expectOrder(
        expected,
        (generator) => new WeightedRandomSampler(weights, numSamples!, { replacement, generator }),
      );
    }
  });

  it("refuses weights and numbers that cannot be drawn", () => {
    expect(() => new WeightedRandomSampler([1], 0)).toThrow(
      "WeightedRandomSampler: Cannot use numSamples=0: expected a positive integer",
    );
    expect(() => new WeightedRandomSampler([1, Number.NaN], 1)).toThrow(
      "WeightedRandomSampler: Cannot use weight NaN of index 1: expected a number from 0",
    );
    expect(() => new WeightedRandomSampler([0, 0], 1)).toThrow(
      "WeightedRandomSampler: Cannot draw: expected a weight above 0",
    );
    expect(() => new WeightedRandomSampler([1, 1], 3, { replacement: false })).toThrow(
      "WeightedRandomSampler: Cannot draw 3 of 2 indices without replacement",
    );
  });
});

describe("SequentialSampler", () => {
  it("counts, again in every epoch", () => {
    const sampler = new SequentialSampler({ length: 3 });
    expect([...sampler, ...sampler, sampler.length]).toEqual([0, 1, 2, 0, 1, 2, 3]);
  });
});

describe("BatchSampler", () => {
  it("groups as PyTorch does, and knows how many batches there are", async () => {
    for (const expected of orders.batchSamplers) {
      const { length, batchSize, dropLast } = expected;
      const sampler = new BatchSampler(new SequentialSampler({ length }), batchSize, dropLast);
      await expectOrder(expected, () => sampler);
      expect(sampler.length).toBe([...sampler].length);
    }
  });

  it("has no length where its sampler has none, and refuses batches of nothing", () => {
    expect(new BatchSampler(new Set([1]), 2, false).length).toBeUndefined();
    expect(() => new BatchSampler([1], 0, false)).toThrow(
      "BatchSampler: Cannot use batchSize=0: expected a positive integer",
    );
  });
});
