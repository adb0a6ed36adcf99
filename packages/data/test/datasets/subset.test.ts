import { ConcatDataset, type Dataset, randomSplit, Subset } from "@tead/data";
import { Generator, manualSeed } from "@tead/tensor";
import { describe, expect, it } from "vitest";
import { orders } from "../order-fixture.ts";

const range = (length: number): Dataset<number> => ({ length, getItem: (index) => index });

describe("Subset", () => {
  it("reads the samples at its indices", () => {
    const subset = new Subset(range(10), [9, 3, 3]);
    expect([subset.length, subset.getItem(0), subset.getItem(2)]).toEqual([3, 9, 3]);
  });

  it("hands on whole batches where the dataset has them", () => {
    const dataset = { ...range(10), getBatch: (indices: readonly number[]) => `batch ${indices}` };
    expect(new Subset(dataset, [9, 3, 5]).getBatch?.([2, 0])).toBe("batch 5,9");
    expect(new Subset(range(10), [9]).getBatch).toBeUndefined();
  });

  it("refuses indices that are no sample, of the dataset and of its own", () => {
    expect(() => new Subset(range(3), [0, 3])).toThrow(
      "Subset: Cannot read sample 3: expected an integer from 0 to 2",
    );
    expect(() => new Subset(range(3), [0]).getItem(1)).toThrow(
      "Subset: Cannot read sample 1: expected an integer from 0 to 0",
    );
  });
});

describe("ConcatDataset", () => {
  it("reads one dataset after the other", () => {
    const joined = new ConcatDataset([range(2), range(0), range(3)]);
    expect(joined.length).toBe(5);
    expect([0, 1, 2, 3, 4].map((index) => joined.getItem(index))).toEqual([0, 1, 0, 1, 2]);
    expect(() => joined.getItem(5)).toThrow(
      "ConcatDataset: Cannot read sample 5: expected an integer from 0 to 4",
    );
  });

  it("refuses to join nothing", () => {
    expect(() => new ConcatDataset([])).toThrow(
      "ConcatDataset: Cannot join nothing: expected at least one dataset",
    );
  });
});

describe("randomSplit()", () => {
  it("gives PyTorch's parts for the same seed, by sizes and by fractions", () => {
    for (const { length, lengths, parts } of orders.splits) {
      manualSeed(orders.seed);
      const split = randomSplit(range(length), lengths);
      expect(split.map(({ indices }) => indices)).toEqual(parts);
    }
  });

  it("draws from its own generator if it has one", () => {
    const [a, b] = [3, 3].map((seed) =>
      randomSplit(range(20), [20], { generator: new Generator().manualSeed(seed) }),
    );
    expect(a![0]!.indices).toEqual(b![0]!.indices);
  });

  it("refuses sizes that do not make up the whole", () => {
    expect(() => randomSplit(range(4), [1, 2])).toThrow(
      "randomSplit: Cannot split 4 samples by [1, 2]: expected whole numbers that sum to 4, or fractions that sum to 1",
    );
    expect(() => randomSplit(range(4), [1.5, 2.5])).toThrow("Cannot split 4 samples by [1.5, 2.5]");
    expect(() => randomSplit(range(4), [-1, 5])).toThrow(
      "randomSplit: Cannot split by [-1, 5]: expected numbers from 0",
    );
    expect(() => randomSplit(range(4), [Number.NaN])).toThrow("expected numbers from 0");
  });
});
