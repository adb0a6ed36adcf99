import { readFileSync, writeFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import {
  arange,
  StateError,
  setDefaultDevice,
  type Tensor,
  tensor,
  UnsupportedError,
} from "@tead/tensor";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SafetensorsError, serialize } from "../../src/index.ts";
import { loadCheckpoint, loadFile, saveCheckpoint, writeFileAtomic } from "../../src/node.ts";
import { useTemporaryFolder } from "./temporary-folder.ts";

const path = useTemporaryFolder();
beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

async function roundTrip(state: object): Promise<unknown> {
  await saveCheckpoint(path("ckpt"), state);
  return loadCheckpoint(path("ckpt"));
}

describe("saveCheckpoint() and loadCheckpoint()", () => {
  it("keep a training run", async () => {
    const weight = tensor([
      [1, 2],
      [3, 4.5],
    ]);
    await saveCheckpoint(path("ckpt"), {
      model: { "conv1.weight": weight, "bn.numBatchesTracked": tensor(7n) },
      optimizer: {
        state: [
          { step: 12, momentumBuffer: tensor([0.5, 0.25]) },
          { step: 0, momentumBuffer: null },
        ],
        paramGroups: [{ lr: 0.1, betas: [0.9, 0.999], nesterov: true, params: [0, 1] }],
      },
      scheduler: { lastEpoch: 4, milestones: [] },
      generator: Uint32Array.of(0, 1, 0xffffffff),
      epoch: 5,
      best: Number.NEGATIVE_INFINITY,
    });
    type State = {
      model: Record<string, Tensor>;
      optimizer: { state: { momentumBuffer: Tensor | null }[]; paramGroups: unknown };
    };
    const { model, optimizer, ...rest } = await loadCheckpoint<State>(path("ckpt"));
    expect(Object.keys(model)).toEqual(["conv1.weight", "bn.numBatchesTracked"]);
    expect(await model["conv1.weight"]!.tolist()).toEqual([
      [1, 2],
      [3, 4.5],
    ]);
    expect(model["bn.numBatchesTracked"]).toMatchObject({ dtype: "int64", shape: [] });
    const buffers = optimizer.state.map(({ momentumBuffer }) => momentumBuffer?.tolistSync());
    expect(buffers).toEqual([[0.5, 0.25], undefined]);
    expect(optimizer.paramGroups).toEqual([
      { lr: 0.1, betas: [0.9, 0.999], nesterov: true, params: [0, 1] },
    ]);
    expect(rest).toEqual({
      scheduler: { lastEpoch: 4, milestones: [] },
      generator: Uint32Array.of(0, 1, 0xffffffff),
      epoch: 5,
      best: Number.NEGATIVE_INFINITY,
    });
  });

  it("are safetensors files with readable names", async () => {
    await saveCheckpoint(path("ckpt"), {
      model: { "fc.weight": tensor([1]) },
      list: [[tensor([2])]],
    });
    const tensors = await loadFile(path("ckpt"));
    expect(Object.keys(tensors)).toEqual(["list.0.0", "model.fc.weight"]);
  });

  const key = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("$tensor", "$", "__proto__"),
  );
  const scalar = fc.oneof(
    fc.constantFrom(null, true, false, Number.NaN, -0, Number.POSITIVE_INFINITY, 1e300),
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      Float32Array.of(1.5, Number.NaN),
      Float64Array.of(-0),
      Int8Array.of(-1),
      Int16Array.of(-2),
      Int32Array.of(3),
      BigInt64Array.of(-4n),
      Uint8Array.of(255),
      Uint8ClampedArray.of(9),
      Uint16Array.of(65535),
      Uint32Array.of(2 ** 32 - 1),
      BigUint64Array.of(2n ** 64n - 1n),
      new Float32Array(0),
    ),
  );
  const { value: nested } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, scalar, tie("list"), tie("map"), tie("record")),
    list: fc.array(tie("value"), { maxLength: 4 }),
    map: fc.array(fc.tuple(scalar, tie("value")), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    record: fc
      .array(fc.tuple(key, tie("value")), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  }));

  it("give back any nesting of what a checkpoint can hold", async () => {
    await fc.assert(
      fc.asyncProperty(nested, async (value) => {
        expect(await roundTrip({ value })).toEqual({ value });
      }),
    );
  });

  it("store a tensor once that stands in two places, and keep it one", async () => {
    const shared = tensor([1, 2]);
    const back = (await roundTrip({ a: shared, b: [shared] })) as { a: Tensor; b: [Tensor] };
    expect(back.b[0]).toBe(back.a);
    expect(Object.keys(await loadFile(path("ckpt")))).toEqual(["a"]);
  });

  it("tell apart names that read the same", async () => {
    const state = { "a.b": tensor([1]), a: { b: tensor([2]) }, __metadata__: tensor([3]) };
    const back = (await roundTrip(state)) as typeof state;
    const values = [back["a.b"], back.a.b, back.__metadata__].map((each) => each.tolistSync());
    expect(values).toEqual([[1], [2], [3]]);
  });

  it("leave out properties that are undefined", async () => {
    expect(await roundTrip({ a: undefined, b: 1 })).toEqual({ b: 1 });
  });

  it("read everything as it is at the call", async () => {
    const state = { weight: tensor([1]), steps: Int32Array.of(1), epoch: 1 };
    const saving = saveCheckpoint(path("ckpt"), state);
    state.weight.add_(1);
    state.steps[0] = 2;
    state.epoch = 2;
    await saving;
    const { weight, steps, epoch } = await loadCheckpoint<typeof state>(path("ckpt"));
    expect([weight.tolistSync(), steps, epoch]).toEqual([[1], Int32Array.of(1), 1]);
  });

  const cyclic: { self?: object } = {};
  cyclic.self = cyclic;
  it.each<[string, object, string]>([
    ["a function", { model: { f: () => 1 } }, "Cannot store model.f: expected records,"],
    ["a symbol", [1, Symbol("s")], "tensors, received a symbol"],
    ["undefined in a list", { a: [1, undefined] }, "Cannot store a.1: "],
    ["a Date", { a: new Date(0) }, "Cannot store a: "],
    ["an instance", new (class Model {})(), "saveCheckpoint: Cannot store the value: "],
    ["itself", { a: cyclic }, "Cannot store a.self: "],
    ["a Set in a Map", new Map([["k", new Set()]]), "Cannot store k: "],
  ])("refuse %s, by path, and write nothing", async (_, state, message) => {
    const saving = saveCheckpoint(path("ckpt"), state);
    await expect(saving).rejects.toThrow(TypeError);
    await expect(saving).rejects.toThrow(message);
    await expect(loadFile(path("ckpt"))).rejects.toThrow("ENOENT");
  });

  it("keep the old checkpoint when the new one cannot be read off its device", async () => {
    await saveCheckpoint(path("ckpt"), { epoch: 1 });
    const lost = arange(3);
    lost.bits = () => Promise.reject(new Error("device lost"));
    await expect(saveCheckpoint(path("ckpt"), { lost })).rejects.toThrow("device lost");
    expect(await loadCheckpoint(path("ckpt"))).toEqual({ epoch: 1 });
  });
});

describe("loadCheckpoint() of a file that is none", () => {
  const write = (structure: string): Promise<void> =>
    writeFileAtomic(path("ckpt"), serialize({}, { metadata: { "tead.checkpoint": structure } }));

  it("sends plain safetensors files to loadFile", async () => {
    await writeFileAtomic(path("ckpt"), serialize({}));
    const loading = loadCheckpoint(path("ckpt"));
    await expect(loading).rejects.toThrow(StateError);
    await expect(loading).rejects.toThrow(
      `loadCheckpoint: Cannot read ${path("ckpt")} as a checkpoint: expected metadata "tead.checkpoint", received none\nHint: it is a plain safetensors file; read its tensors with loadFile or loadSafetensors`,
    );
  });

  it("refuses a newer version", async () => {
    await write('{"version":2,"root":{}}');
    const loading = loadCheckpoint(path("ckpt"));
    await expect(loading).rejects.toThrow(UnsupportedError);
    await expect(loading).rejects.toThrow("expected checkpoint version 1, received 2");
  });

  it.each([
    ['{"version":0}', "expected checkpoint version 1, received 0"],
    ["null", "expected checkpoint version 1, received undefined"],
    ["{", "the checkpoint's structure is damaged: "],
    ['{"version":1,"root":{"$tensor":"w"}}', '"w", which the file does not hold'],
    ['{"version":1,"root":{"$tensor":3}}', "$tensor that is not a string"],
    ['{"version":1,"root":{"$array":"w"}}', "type that is not a string"],
    ['{"version":1,"root":[{"$what":1}]}', 'an unknown tag "$what"'],
    ['{"version":1,"root":{"$bigint":"x"}}', "the checkpoint's structure is damaged: "],
    ['{"version":1,"root":{"$map":[[1]]}}', "$map that is not a list of pairs"],
    ['{"version":1,"root":{"$record":[[1,2]]}}', "a key that is not a string"],
  ])("refuses the structure %s", async (structure, message) => {
    await write(structure);
    const loading = loadCheckpoint(path("ckpt"));
    await expect(loading).rejects.toThrow(SafetensorsError);
    await expect(loading).rejects.toThrow(message);
  });

  it("refuses an array under another type than it is stored as", async () => {
    await saveCheckpoint(path("ckpt"), { a: Float32Array.of(1) });
    const file = readFileSync(path("ckpt"), "latin1").replace("Float32Array", "Float64Array");
    writeFileSync(path("ckpt"), file, "latin1");
    await expect(loadCheckpoint(path("ckpt"))).rejects.toThrow(
      "a Float64Array that is stored as float32",
    );
  });

  it("refuses a file cut anywhere", async () => {
    await saveCheckpoint(path("ckpt"), { model: { weight: arange(5) }, epoch: 1 });
    const file = readFileSync(path("ckpt"));
    for (let length = 0; length < file.length; length += 3) {
      writeFileSync(path("ckpt"), file.subarray(0, length));
      await expect(loadCheckpoint(path("ckpt"))).rejects.toThrow(SafetensorsError);
    }
  });
});
