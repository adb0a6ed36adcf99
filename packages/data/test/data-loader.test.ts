import "./cpu.ts";
import {
  type Collated,
  DataLoader,
  type DataLoaderOptions,
  type Dataset,
  TensorDataset,
} from "@tead/data";
import { isGradEnabled, noGrad, type Tensor, tensor, UnsupportedError } from "@tead/tensor";
import { describe, expect, it } from "vitest";
import { expectOrder, orders } from "./order-fixture.ts";

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

async function collect<Batch>(loader: AsyncIterable<Batch>): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of loader) batches.push(batch);
  return batches;
}
const lists = async (loader: AsyncIterable<Tensor>): Promise<unknown[]> =>
  Promise.all((await collect(loader)).map((batch) => batch.tolist()));

describe("DataLoader", () => {
  it("gives PyTorch's batches for the same seed, epoch after epoch", async () => {
    expect(orders.loaders.length).toBeGreaterThan(10);
    for (const expected of orders.loaders) {
      const { length, batchSize, shuffle, dropLast } = expected;
      await expectOrder(
        expected,
        (generator) => new DataLoader(range(length), { batchSize, shuffle, dropLast, generator }),
        (batch) => [...batch.dataSync()],
      );
    }
  });

  it("reads one sample at a time by default, in order", async () => {
    const loader = new DataLoader(["a", "b"]);
    expect([loader.length, loader.batchSize, await collect(loader)]).toEqual([
      2,
      1,
      [["a"], ["b"]],
    ]);
  });

  it("knows how many batches there are", () => {
    expect(new DataLoader(range(10), { batchSize: 4 }).length).toBe(3);
    expect(new DataLoader(range(10), { batchSize: 4, dropLast: true }).length).toBe(2);
    const stream = new DataLoader(new Set([1]));
    expect(() => stream.length).toThrow(
      "DataLoader: Cannot tell the number of batches: expected a dataset and a sampler that have a length",
    );
  });

  it("follows a sampler, and a sampler of whole batches", async () => {
    expect(await lists(new DataLoader(range(9), { sampler: [8, 0, 8], batchSize: 2 }))).toEqual([
      [8, 0],
      [8],
    ]);
    const loader = new DataLoader(range(9), {
      batchSampler: [[1, 2, 3], [4]],
    });
    expect(await lists(loader)).toEqual([[1, 2, 3], [4]]);
    expect([loader.length, loader.batchSize, loader.sampler]).toEqual([2, undefined, undefined]);
  });

  it("joins samples with a collateFn, also one that takes time", async () => {
    const loader = new DataLoader(range(3), {
      batchSize: 2,
      collateFn: async (samples) => samples.join("+"),
    });
    const batches: string[] = await collect(loader);
    expect(batches).toEqual(["0+1", "2"]);
  });

  it("yields samples without batches", async () => {
    const double = (sample: number): number => sample * 2;
    const loader = new DataLoader(range(3), { batchSize: null, collateFn: double });
    expect([await collect(loader), loader.length]).toEqual([[0, 2, 4], 3]);
    const slow: Dataset<number> = { length: 2, getItem: async (index) => index + 1 };
    expect(await collect(new DataLoader(slow, { batchSize: null, collateFn: double }))).toEqual([
      2, 4,
    ]);
    const stream = new DataLoader(new Set([5]), { batchSize: null, collateFn: double });
    expect(await collect(stream)).toEqual([10]);
  });

  it("reads the samples of a batch at the same time where that takes time", async () => {
    const begun: number[] = [];
    let release = (): void => {};
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: Dataset<number> = {
      length: 3,
      getItem: async (index) => {
        begun.push(index);
        if (begun.length === 3) release();
        await all;
        return index;
      },
    };
    expect(await lists(new DataLoader(slow, { batchSize: 3 }))).toEqual([[0, 1, 2]]);
  });

  it("takes a dataset's own batches, unless it has a collateFn", async () => {
    const asked: unknown[] = [];
    const dataset: Dataset<number> = {
      length: 3,
      getItem: (index) => index,
      getBatch: (indices) => {
        asked.push(indices);
        return tensor(indices);
      },
    };
    expect(await lists(new DataLoader(dataset, { batchSize: 2 }))).toEqual([[0, 1], [2]]);
    expect(asked).toEqual([[0, 1], [2]]);
    const own = new DataLoader(dataset, { batchSize: 3, collateFn: (samples) => samples.length });
    expect(await collect(own)).toEqual([3]);
    expect(asked).toHaveLength(2);
  });

  it("reads streams, whether they wait or not, as often as they can be read", async () => {
    async function* count(): AsyncGenerator<number> {
      for (const i of range(5)) yield i;
    }
    expect(await lists(new DataLoader(count(), { batchSize: 2 }))).toEqual([[0, 1], [2, 3], [4]]);
    const loader = new DataLoader(new Set(range(5)), { batchSize: 2, dropLast: true });
    expect(await lists(loader)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(await lists(loader)).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it("lets timers and signals through between batches", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const begin = performance.now();
    for await (const _ of new DataLoader(range(1_000_000)))
      if (performance.now() - begin > 50) break;
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
  });

  it("loads in the root context, whatever mode its user is in", async () => {
    const seen: boolean[] = [];
    const dataset: Dataset<number> = {
      length: 2,
      getItem: (index) => {
        seen.push(isGradEnabled());
        return index;
      },
    };
    await noGrad(async () => {
      for await (const _ of new DataLoader(dataset)) seen.push(isGradEnabled());
    });
    expect(seen).toEqual([true, false, true, false]);
  });

  it("passes on what a dataset throws", async () => {
    const broken: Dataset<number> = {
      length: 1,
      getItem: () => {
        throw new Error("disk on fire");
      },
    };
    await expect(collect(new DataLoader(broken))).rejects.toThrow("disk on fire");
    const later: Dataset<number> = { length: 1, getItem: async () => broken.getItem(0) };
    await expect(collect(new DataLoader(later))).rejects.toThrow("disk on fire");
  });

  it("gives batches typed after the samples", async () => {
    const pairs = new TensorDataset(tensor([1, 2]), tensor([3, 4]));
    for await (const [x, y] of new DataLoader(pairs, { batchSize: 2 })) {
      const both: [Tensor, Tensor] = [x, y];
      expect(both.map((each) => each.shape)).toEqual([[2], [2]]);
    }
  });

  it("refuses workers, and says how a dataset will get into them", () => {
    const make = (): unknown => new DataLoader([1], { numWorkers: 2 });
    expect(make).toThrow(UnsupportedError);
    expect(make).toThrow(
      "DataLoader: Cannot use numWorkers=2: this version loads every batch in the thread that asks for it\nHint: use numWorkers: 0, and open the dataset by openDataset({ module, export }), which is how workers will find it",
    );
    expect(() => new DataLoader([1], { numWorkers: -1 })).toThrow(
      "DataLoader: Cannot use numWorkers=-1: expected an integer from 0",
    );
  });

  it("refuses options that are out of range or contradict each other", () => {
    const sampler = [0];
    const batchSampler = [[0]];
    const refused: [DataLoaderOptions<number, Collated<number>>, string][] = [
      [{ batchSize: 0 }, "Cannot use batchSize=0: expected a positive integer"],
      [{ shuffle: true, sampler }, "Cannot combine sampler and shuffle: each is an order"],
      [
        { batchSampler, batchSize: 1 },
        "Cannot combine batchSampler with batchSize, shuffle, sampler or dropLast",
      ],
      [{ batchSampler, shuffle: true }, "Cannot combine batchSampler with"],
      [{ batchSampler, sampler }, "Cannot combine batchSampler with"],
      [{ batchSampler, dropLast: true }, "Cannot combine batchSampler with"],
    ];
    for (const [options, message] of refused) {
      expect(() => new DataLoader([1], options)).toThrow(`DataLoader: ${message}`);
    }
    const stream = new Set([1]);
    expect(() => new DataLoader(stream, { shuffle: true })).toThrow(
      "DataLoader: Cannot combine shuffle with an iterable, which has an order of its own",
    );
    expect(() => new DataLoader(stream, { sampler })).toThrow(
      "Cannot combine sampler with an iterable",
    );
    expect(() => new DataLoader(stream, { batchSampler })).toThrow(
      "Cannot combine batchSampler with an iterable",
    );
    expect(() => new DataLoader([1], { batchSize: null } as never)).toThrow(
      "Cannot combine batchSize: null without a collateFn",
    );
    expect(() => new DataLoader([1], { batchSize: null, dropLast: true } as never)).toThrow(
      "Cannot combine dropLast without batches",
    );
    expect(() => new DataLoader([], { shuffle: true })).toThrow(
      "RandomSampler: Cannot use numSamples=0",
    );
  });
});
