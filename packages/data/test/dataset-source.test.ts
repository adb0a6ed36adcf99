import { type Dataset, openDataset, sourceOf } from "@tead/data";
import { describe, expect, it } from "vitest";

const module = new URL("./example-datasets.ts", import.meta.url).href;

describe("openDataset()", () => {
  it("opens a dataset that a module exports, and one that a function of it makes", async () => {
    const three = await openDataset<Dataset<number>>({ module, export: "three" });
    expect(three.length).toBe(3);
    const many = await openDataset<Dataset<number>>({
      module,
      export: "make",
      args: [{ length: 9 }],
    });
    expect(many.length).toBe(9);
  });

  it("remembers where the dataset came from, in a form that can be sent to a worker", async () => {
    const args = [{ length: 4 }];
    const opened = await openDataset({ module: new URL(module), export: "make", args });
    const source = structuredClone(sourceOf(opened));
    expect(source).toEqual({ module, export: "make", args: [{ length: 4 }] });
    expect(sourceOf({ length: 0, getItem: () => 0 } as Dataset<number>)).toBeUndefined();
  });

  it("names the address when there is no such export, or no dataset behind it", async () => {
    await expect(openDataset({ module, export: "missing" })).rejects.toThrow(
      `openDataset: Cannot find "missing" of ${module}: expected one of its exports, make, notOne, three`,
    );
    await expect(openDataset({ module, export: "notOne" })).rejects.toThrow(
      `openDataset: Cannot use "notOne" of ${module}: expected a dataset or a function that returns one`,
    );
  });

  it("refuses arguments that cannot be sent to a worker", async () => {
    const args = [() => 1];
    await expect(openDataset({ module, export: "make", args })).rejects.toThrow(
      `openDataset: Cannot send the arguments of "make" of ${module} to a worker: `,
    );
  });
});
