import "./cpu.ts";
import { readFileSync } from "node:fs";
import { defaultCollate } from "@tead/data";
import { Tensor, tensor } from "@tead/tensor";
import { Image } from "@tead/transforms/image";
import { describe, expect, it } from "vitest";

interface CollateCase {
  readonly name: string;
  readonly samples: readonly unknown[];
  readonly batch: unknown;
}
const { cases } = JSON.parse(
  readFileSync(new URL("./fixtures/collate.json", import.meta.url), "utf8"),
) as { cases: CollateCase[] };

/** A batch in the form of the fixture; PyTorch's int64 is our int32. */
async function described(value: unknown): Promise<unknown> {
  if (value instanceof Tensor) {
    const dtype = value.dtype === "int32" ? "int64" : value.dtype;
    return { dtype, shape: value.shape, values: await value.tolist() };
  }
  if (Array.isArray(value)) return Promise.all(value.map(described));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(async ([key, each]) => [key, await described(each)]);
  return Object.fromEntries(await Promise.all(members));
}

describe("defaultCollate()", () => {
  it.each(cases)("joins $name as PyTorch does", async ({ samples, batch }) => {
    expect(await described(defaultCollate(samples))).toEqual(batch);
  });

  it("stacks tensors and typed arrays, and keeps their dtypes", async () => {
    const batch = defaultCollate([
      [tensor([1.5, 2]), Uint8Array.of(1, 2)],
      [tensor([3, 4.5]), Uint8Array.of(3, 4)],
    ] as [Tensor, Uint8Array][]);
    const [x, y]: [Tensor, Tensor] = batch;
    expect([x.dtype, await x.tolist()]).toEqual([
      "float32",
      [
        [1.5, 2],
        [3, 4.5],
      ],
    ]);
    expect([y.dtype, await y.tolist()]).toEqual([
      "uint8",
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    expect(defaultCollate([1n, 2n]).dtype).toBe("int64");
  });

  it("gives types that follow the samples", () => {
    const batch = defaultCollate([
      { image: tensor([1]), name: "a", box: [1, 2] as [number, number] },
    ]);
    const image: Tensor = batch.image;
    const names: string[] = batch.name;
    const box: [Tensor, Tensor] = batch.box;
    expect([image.shape, names, box.length]).toEqual([[1, 1], ["a"], 2]);
  });

  it("refuses samples of different kinds, shapes, lengths or members", () => {
    expect(() => defaultCollate<unknown>([1, "a"])).toThrow(
      "defaultCollate: Cannot join samples: expected all to be like the first, a number, received a string",
    );
    expect(() => defaultCollate([tensor([1]), tensor([1, 2])])).toThrow(/\[1\].*\[2\]/);
    expect(() => defaultCollate([[1], [1, 2]])).toThrow(
      "defaultCollate: Cannot join lists: expected 1 members as in the first sample, received 2",
    );
    expect(() => defaultCollate<object>([{ a: 1 }, { b: 1 }])).toThrow(
      'defaultCollate: Cannot join samples: expected a member "a" in each, as in the first',
    );
  });

  it("refuses what no tensor holds, and says what to do", () => {
    const image = new Image(new Uint8Array(1), 1, 1);
    expect(() => defaultCollate([image])).toThrow(
      /^defaultCollate: Cannot join Image: expected tensors, .+\nHint: transform samples into tensors \(ToTensor for images\), or pass a collateFn$/,
    );
    for (const bad of [undefined, null, () => 1, new Map()]) {
      expect(() => defaultCollate([bad])).toThrow("defaultCollate: Cannot join ");
    }
  });
});
