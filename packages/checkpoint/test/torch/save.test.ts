import { readdirSync, writeFileSync } from "node:fs";
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { Parameter } from "@tead/nn";
import { arange, meta, setDefaultDevice, type Tensor, tensor, zeros } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesSource } from "../../src/bytes/source.ts";
import { Float, load, orderedDict, save, Tuple } from "../../src/index.ts";
import { load as loadPath, save as savePath } from "../../src/node.ts";
import { ZipReader } from "../../src/torch/zip-reader.ts";
import { zipParts } from "../../src/torch/zip-writer.ts";
import { useTemporaryFolder } from "../node/temporary-folder.ts";
import { describeValue } from "./describe.ts";

const path = useTemporaryFolder();
beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

const again = async <T>(value: T): Promise<T> => load<T>(await save(value));

describe("save()", () => {
  it("puts every entry at a multiple of 64", async () => {
    const bytes = await save({ a: arange(5), b: zeros([3]) });
    const zip = await ZipReader.open("test", bytesSource(bytes), 1e6);
    const names = ["data.pkl", "byteorder", "data/0", "data/1", "version"];
    expect(zip.names()).toEqual(names.map((name) => `archive/${name}`));
    for (const name of zip.names()) expect((await zip.dataOffset(zip.get(name)!)) % 64).toBe(0);
  });

  it("writes zip64 where an archive has more entries than zip can count", async () => {
    const contents = Array.from({ length: 66_000 }, (_, i) => ({ name: `a/${i}`, parts: [] }));
    const bytes = Buffer.concat([...zipParts(contents)]);
    const zip = await ZipReader.open("test", bytesSource(bytes), 1e9);
    expect([zip.names().length, zip.names().at(-1)]).toEqual([66_000, "a/65999"]);
    expect((await zip.dataOffset(zip.get("a/65999")!)) % 64).toBe(0);
  });

  it("gives equal bytes for equal values", async () => {
    expect(await save({ a: arange(5) })).toEqual(await save({ a: arange(5) }));
  });

  it("reads tensors as they are at the call", async () => {
    const weight = tensor([1, 2]);
    const saving = save(weight);
    weight.add_(10);
    expect((await load<Tensor>(await saving)).tolistSync()).toEqual([1, 2]);
  });

  it("keeps nn parameters, frozen ones too", async () => {
    const [weight, frozen] = [
      new Parameter(zeros([2])),
      new Parameter(zeros([1]), { requiresGrad: false }),
    ];
    const words = describeValue(await again([weight, frozen]));
    expect(words).toMatchObject([
      "list",
      [
        ["tensor", { parameter: true, requiresGrad: true }],
        ["tensor", { parameter: true, requiresGrad: false }],
      ],
    ]);
  });

  it("saves tensors of the meta device by their shape", async () => {
    const back = await again(zeros([2, 3], { device: meta() }));
    expect([back.device, back.shape]).toEqual([meta(), [2, 3]]);
  });

  it("makes a float of an integer where told to", async () => {
    // 0x47 is BINFLOAT: in Python it is 1.0.
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
    expect(text(await save({ lr: new Float(1) }))).toContain("lrq\u0000G\u003f\u00f0");
    expect(text(await save({ lr: 1 }))).toContain("lrq\u0000K\u0001");
    expect(await load(await save({ lr: new Float(1) }))).toEqual({ lr: 1 });
  });

  it("keeps the order of an OrderedDict that a record cannot have", async () => {
    const value = orderedDict({ b: 1, a: 2 }, { _metadata: { version: 1 } });
    expect(describeValue(await again(value))).toEqual(describeValue(value));
    expect(Object.keys(await again(value))).toEqual(["b", "a"]);
  });

  it("leaves out what is undefined", async () => {
    expect(await again({ a: 1, b: undefined })).toEqual({ a: 1 });
  });

  class Net {}
  const loop: unknown[] = [];
  loop.push([loop]);
  let deep: unknown = null;
  for (let i = 0; i < 2000; i++) deep = [deep];
  it.each<[string, unknown, string]>([
    [
      "a function",
      { a: [() => 1] },
      "save: Cannot store a.0: expected tensors, numbers, strings, booleans, null, arrays, records, Maps, Sets, Uint8Arrays and bigints, received a function",
    ],
    [
      "an instance of a class",
      { model: new Net() },
      "Cannot store model: expected tensors, numbers, strings, booleans, null, arrays, records, Maps, Sets, Uint8Arrays and bigints, received an instance of Net\nHint: save its stateDict() instead",
    ],
    [
      "a typed array",
      { a: new Float32Array(2) },
      "received a Float32Array\nHint: save tensor(array) instead",
    ],
    ["a hole", { a: new Array(1) }, "Cannot store a.0: "],
    ["itself", loop, "Cannot store 0.0: "],
    ["too many levels", deep, "received values nested more than 1000 deep"],
    [
      "a key that is an object",
      new Map([[{}, 1]]),
      "received a key that Python cannot hash\nHint: use strings, numbers or a Tuple as keys",
    ],
  ])("refuses %s, by its path", async (_, value, message) => {
    await expect(save(value)).rejects.toThrow(TypeError);
    await expect(save(value)).rejects.toThrow(message);
  });

  it("takes a Tuple as a key", async () => {
    const [[key, value]] = [...(await again(new Map([[new Tuple([1, "a"]), 2]])))] as [
      [Tuple, number],
    ];
    expect([key instanceof Tuple, [...key], value]).toEqual([true, [1, "a"], 2]);
  });
});

describe("save() and load() of paths", () => {
  it("write a file whole or not at all", async () => {
    await savePath({ epoch: 1 }, path("model.pt"));
    await expect(savePath({ bad: () => 1 }, path("model.pt"))).rejects.toThrow(TypeError);
    expect(await loadPath(path("model.pt"))).toEqual({ epoch: 1 });
    expect(await loadPath(new URL(`file://${path("model.pt")}`))).toEqual({ epoch: 1 });
    expect(readdirSync(path())).toEqual(["model.pt"]);
  });

  it("name the file that is damaged, or not there", async () => {
    writeFileSync(path("model.pt"), "PK and no archive");
    await expect(loadPath(path("model.pt"))).rejects.toThrow(
      `load: Cannot read ${path("model.pt")}: at byte 17: expected the end of a zip archive: the file is cut off`,
    );
    await expect(loadPath(path("none.pt"))).rejects.toThrow(/ENOENT.*none\.pt/);
  });
});
