import "../cpu.ts";
import { DataLoader, defaultCollate, TensorDataset } from "@tead/data";
import { ShapeError, type Tensor, tensor } from "@tead/tensor";
import { describe, expect, it } from "vitest";

const x = tensor([
  [1, 2],
  [3, 4],
  [5, 6],
]);
const y = tensor([0.5, 1.5, 2.5]);

describe("TensorDataset", () => {
  it("gives slices of each tensor", async () => {
    const dataset = new TensorDataset(x, y);
    const [row, value]: [Tensor, Tensor] = dataset.getItem(2);
    expect([dataset.length, await row.tolist(), await value.item()]).toEqual([3, [5, 6], 2.5]);
  });

  it("gives batches equal to collated samples", async () => {
    const dataset = new TensorDataset(x, y);
    const indices = [2, 0, 2];
    const fast = dataset.getBatch(indices);
    const slow = defaultCollate(indices.map((index) => dataset.getItem(index)));
    for (const i of [0, 1] as const) {
      expect(await fast[i].tolist()).toEqual(await slow[i].tolist());
      expect(fast[i].dtype).toBe(slow[i].dtype);
    }
  });

  it("hands a loader copies, never views of itself", async () => {
    for await (const [batch] of new DataLoader(new TensorDataset(x), { batchSize: 3 })) {
      batch.zero_();
    }
    expect(await x.tolist()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it("refuses tensors of different first sizes, none at all, and indices that are no sample", () => {
    expect(() => new TensorDataset(x, tensor([1]))).toThrow(ShapeError);
    expect(() => new TensorDataset(x, tensor([1]))).toThrow(
      "TensorDataset: Cannot pair tensors: expected at least one, all with the same first size, received [3, 2], [1]",
    );
    expect(() => new TensorDataset()).toThrow("received none");
    expect(() => new TensorDataset(tensor(1))).toThrow("received []");
    expect(() => new TensorDataset(y).getItem(3)).toThrow(
      "TensorDataset: Cannot read sample 3: expected an integer from 0 to 2",
    );
    expect(() => new TensorDataset(y).getBatch([0, -1])).toThrow("Cannot read sample -1");
  });
});
