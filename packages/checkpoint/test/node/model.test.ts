import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { arange, manualSeed, ones, randn, setDefaultDevice, type Tensor } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCheckpoint, loadFile, loadModel, saveCheckpoint, saveModel } from "../../src/node.ts";
import { useTemporaryFolder } from "./temporary-folder.ts";

const path = useTemporaryFolder();
beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

class Tied extends nn.Module {
  readonly first = new nn.Linear(3, 3);
  readonly second = this.first;
  readonly mask = nn.buffer(ones([3]), { persistent: false });
  readonly table = new Map([["scale", 2]]);
  readonly missing: Tensor | undefined = undefined;
  override forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x)).mul(this.mask).mul(this.table.get("scale")!);
  }
}

const classes = { ...nn, Tied };
type Any = nn.Module<[Tensor]> & { forward(x: Tensor): unknown };

const image = (): Tensor => randn([2, 3, 8, 8]);
const models: [string, () => nn.AnyModule, () => Tensor][] = [
  [
    "convolutions",
    () =>
      new nn.Sequential(
        new nn.Conv2d(3, 4, 3, { padding: 1 }),
        new nn.BatchNorm2d(4),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.AdaptiveAvgPool2d(1),
        new nn.Flatten(),
        new nn.Dropout(0.5),
        new nn.Linear(4, 2),
      ).eval(),
    image,
  ],
  ["named layers", () => new nn.Sequential({ a: new nn.GELU(), b: new nn.GroupNorm(1, 3) }), image],
  ["a tied module", () => new Tied(), () => randn([2, 3])],
  [
    "an LSTM",
    () => new nn.LSTM(3, 5, { numLayers: 2, bidirectional: true }),
    () => randn([4, 2, 3]),
  ],
  ["an embedding", () => new nn.Embedding(10, 4, { paddingIdx: 0 }), () => arange(6)],
  [
    "a transformer's encoder",
    () =>
      new nn.TransformerEncoder(
        new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16 }),
        2,
      ).eval(),
    () => randn([5, 2, 8]),
  ],
];

describe("saveModel() and loadModel()", () => {
  it.each(models)("keep %s: printout, weights, results", async (_, make, input) => {
    manualSeed(0);
    const model = make() as Any;
    await saveModel(model, path("m"), { classes });
    const loaded = await loadModel<Any>(path("m"), { classes });
    expect(String(loaded)).toBe(String(model));
    expect(loaded.constructor).toBe(model.constructor);
    expect(Object.keys(loaded.stateDict())).toEqual(Object.keys(model.stateDict()));
    expect(loaded.parameters().map((p) => p.requiresGrad)).toEqual(
      model.parameters().map((p) => p.requiresGrad),
    );
    const x = input();
    const values = (out: unknown): unknown =>
      Array.isArray(out) ? out.map(values) : (out as Tensor).tolistSync?.();
    manualSeed(1);
    const expected = values(model.forward(x));
    manualSeed(1);
    expect(values(loaded.forward(x))).toEqual(expected);
  });

  it("keep what is shared, frozen, in eval mode and not in the state dict", async () => {
    const model = new Tied();
    model.first.weight.requiresGrad_(false);
    model.eval();
    await saveModel(model, path("m"), { classes });
    const loaded = await loadModel<Tied>(path("m"), { classes });
    expect(loaded.second).toBe(loaded.first);
    expect(loaded.first.weight).toBeInstanceOf(nn.Parameter);
    expect([loaded.first.weight.requiresGrad, loaded.first.bias?.requiresGrad]).toEqual([
      false,
      true,
    ]);
    expect([loaded.training, loaded.first.training, loaded.mask.persistent]).toEqual([
      false,
      false,
      false,
    ]);
    expect(Object.keys(loaded)).toEqual(Object.keys(model));
  });

  it("put the weights where every safetensors reader finds them", async () => {
    await saveModel(new nn.Sequential(new nn.Linear(2, 1)), path("m"), { classes });
    expect(Object.keys(await loadFile(path("m"))).sort()).toEqual([
      "model.0.bias",
      "model.0.weight",
    ]);
  });

  it("go by the names that they are given, not by those of the classes", async () => {
    await saveModel(new Tied(), path("m"), { classes: { ...nn, Renamed: Tied } });
    const loaded = await loadModel(path("m"), { classes: { ...nn, Renamed: Tied } });
    expect(loaded).toBeInstanceOf(Tied);
    await expect(loadModel(path("m"), { classes: nn })).rejects.toThrow(
      'loadModel: Cannot make the model: expected "Renamed" among the classes, received none\nHint: pass { classes: { ...nn, Renamed } }',
    );
  });

  it("refuse what a file cannot keep, by its path", async () => {
    class Hidden extends nn.Module {
      readonly #secret = 1;
      override forward(x: Tensor): Tensor {
        return x.mul(this.#secret);
      }
    }
    class Holder extends nn.Module {
      inner: unknown;
    }
    const holding = (inner: unknown): Holder => Object.assign(new Holder(), { inner });
    const known = { ...nn, Hidden, Holder };
    const saving = (inner: unknown): Promise<void> =>
      saveModel(holding(inner), path("m"), { classes: known });
    const expected = "expected modules of known classes, tensors and plain values, received";
    await expect(saving(new Tied())).rejects.toThrow(
      `saveModel: Cannot store inner: ${expected} a Tied, which is not among the classes\nHint: pass { classes: { ...nn, Tied } }`,
    );
    await expect(saving(new Hidden())).rejects.toThrow(
      `${expected} a Hidden with #secret\nHint: write`,
    );
    await expect(saving([() => 1])).rejects.toThrow(
      `saveModel: Cannot store inner.0: ${expected} a function that is not among the classes`,
    );
    await expect(saving(new Date())).rejects.toThrow(`${expected} an instance of Date`);
  });

  it("refuse files of other kinds and versions, and damaged structures", async () => {
    await saveCheckpoint(path("m"), { epoch: 1 });
    await expect(loadModel(path("m"), { classes })).rejects.toThrow(
      `loadModel: Cannot read ${path("m")}: expected a file that saveModel wrote, received a checkpoint`,
    );
    const write = (structure: unknown, version = 1): Promise<void> =>
      saveCheckpoint(path("m"), { format: "tead.model", version, structure, model: {} });
    await write(null, 2);
    await expect(loadModel(path("m"), { classes })).rejects.toThrow(
      "expected model version 1, received 2",
    );
    const damaged: [object, string][] = [
      [{ kind: "what" }, 'an unknown kind "what"'],
      [{ kind: "again", id: 3 }, '"again" of 3, which was not made'],
      [
        { kind: "module", class: "functional.relu", fields: [] },
        '"functional.relu", which is no class of modules',
      ],
      [{ kind: "module", class: "ReLU", fields: [1] }, "fields that are not a list of pairs"],
      [{ kind: "tensor", key: "w" }, '"w", which the file does not hold'],
      [{ kind: "array", items: 1 }, "items that are not a list"],
    ];
    for (const [structure, message] of damaged) {
      await write(structure);
      await expect(loadModel(path("m"), { classes })).rejects.toThrow(
        `the model's structure is damaged: ${message}`,
      );
    }
    expect(await loadCheckpoint(path("m"))).toMatchObject({ format: "tead.model" });
  });
});
