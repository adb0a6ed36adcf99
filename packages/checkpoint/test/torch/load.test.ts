import { existsSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { type Backend, DeviceError, meta, setDefaultDevice, type Tensor } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load, type StoredTensor, save, TorchFileError, torchOpen } from "../../src/index.ts";
import { describeValue } from "./describe.ts";
import { fileNamed, fixture, fromBase64 } from "./fixture.ts";

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

const errorOf = async (promise: Promise<unknown>): Promise<TorchFileError> => {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(TorchFileError);
  return error as TorchFileError;
};

describe("load() of PyTorch's files", () => {
  it.each(fixture.files)("reads $title as PyTorch does", async ({ file, value }) => {
    expect(describeValue(await load(fromBase64(file)))).toEqual(value);
  });

  const again = fixture.files.filter(({ saved }) => saved !== undefined);
  it.each(again)("saves $title as PyTorch has read it", async ({ file, saved }) => {
    const bytes = await save(await load(fromBase64(file)));
    expect(Buffer.from(bytes).toString("base64")).toBe(saved);
  });
  it.each(again)("reads its own file of $title", async ({ saved, value }) => {
    expect(describeValue(await load(fromBase64(saved!)))).toEqual(value);
  });

  it("is read by PyTorch's weights_only reader: all by 2.13's, by 1.13's where it knows the opcodes", () => {
    const verdicts = Object.fromEntries(again.map((each) => [each.title, each.weightsOnly]));
    const unread = again.filter((each) => /^2/.test(each.title) && each.weightsOnly !== true);
    expect(unread.map(({ title }) => title)).toEqual(["2.13: integers of 258 bytes"]);
    expect(verdicts).toMatchObject({
      "every dtype": true,
      "views of one storage": true,
      "0-d and empty tensors": true,
      containers: true,
      texts: true,
      parameters: true,
      "the state dict of a module": true,
      // 71 is "G", a float.
      "a training run": "Unsupported operand 71",
    });
  });

  it.each(fixture.refused)("refuses $title by name", async ({ file, refused }) => {
    const error = await errorOf(load(fromBase64(file)));
    expect(error.refused).toBe(refused ?? undefined);
    expect(error.message).toMatch(/^load: Cannot read <bytes>: at byte \d+: /);
    if (refused !== null) expect(error.message).toContain(`refused "${refused}"`);
    expect(existsSync("/tmp/tead-hostile")).toBe(false);
  });

  it("says what to do about what it refuses", async () => {
    const file = fixture.refused.find(({ title }) => title === "a whole module")!.file;
    const error = await errorOf(load(fromBase64(file)));
    expect(error.message).toBe(
      'load: Cannot read <bytes>: at byte 66: refused "torch.nn.modules.linear.Linear": expected the names that a state dict needs; nothing in a file is ever run\nHint: it holds a whole module; save module.state_dict() in Python instead',
    );
  });

  it("keeps views on one storage: a write through one shows in the others", async () => {
    const views = await load<Record<string, Tensor>>(fileNamed("views of one storage"));
    views.base!.fill_(7);
    expect(views.scalar!.itemSync()).toBe(7);
    expect(views.transposed!.shape).toEqual([4, 3, 2]);
  });

  it("puts tensors where mapLocation says", async () => {
    const other: Backend = { ...cpu(), name: "other" };
    const file = fileNamed("a tensor alone");
    expect((await load<Tensor>(file, { mapLocation: other })).device).toBe(other);
    const places: string[] = [];
    const mapLocation = (place: string): Backend => {
      places.push(place);
      return other;
    };
    expect((await load<Tensor>(file, { mapLocation })).device).toBe(other);
    expect(places).toEqual(["cpu"]);
    expect((await load<Tensor>(file, { mapLocation: { cpu: other } })).device).toBe(other);
    const elsewhere = { mapLocation: { "cuda:0": other } };
    expect((await load<Tensor>(file, elsewhere)).device).toBe(cpu());
    const shape = await load<Tensor>(file, { mapLocation: meta() });
    expect([shape.device, shape.shape, shape.dtype]).toEqual([meta(), [3], "int64"]);
  });

  it.each([["cpu"], [() => "cuda"], [{ cpu: 1 }]])(
    "refuses mapLocation %s",
    async (mapLocation) => {
      const loading = load(fileNamed("a tensor alone"), { mapLocation: mapLocation as never });
      await expect(loading).rejects.toThrow(DeviceError);
      await expect(loading).rejects.toThrow(
        /^load: Option mapLocation is not valid: expected a device, received ("cpu"|"cuda"|a number)\nHint: a device is a value, such as cpu\(\) of @tead\/backend-cpu$/,
      );
    },
  );

  it("refuses files of other kinds, and says what they look like", async () => {
    const safetensors = Buffer.from("\u0002\0\0\0\0\0\0\0{}");
    expect((await errorOf(load(safetensors))).message).toBe(
      "load: Cannot read <bytes>: at byte 0: expected a file that torch.save wrote (zip, legacy or tar), received other bytes\nHint: it looks like safetensors; read it with loadFile",
    );
    await errorOf(load(new Uint8Array()));
    await expect(load("model.pt" as never)).rejects.toThrow(
      'load: Cannot read this: expected bytes, a Blob or an http(s) URL, received a path\nHint: files are read by the same name in "@tead/checkpoint/node"',
    );
  });

  it("notices a flipped bit by its checksum, and reads it where told to", async () => {
    const file = fileNamed("a tensor alone");
    const at = file.findIndex((byte, i) => byte === 2 && i > 300);
    file[at] = 3;
    const error = await errorOf(load(file));
    expect(error.message).toMatch(
      /"archive\/data\/0": expected checksum [\da-f]{8}, received [\da-f]{8}\nHint: the file is damaged/,
    );
    expect(await (await load<Tensor>(file, { verify: false })).tolist()).toEqual([0, 1, 3]);
  });

  it.each([
    ["2.13: a tensor of uint16", "save tensor.to(torch.int32) in Python instead"],
    ["2.13: a tensor of uint64", "save tensor.to(torch.int64) in Python instead"],
    ["2.13: a tensor of float8_e5m2", "save tensor.to(torch.float32) in Python instead"],
    ["2.13: a complex tensor", "save torch.view_as_real(tensor) in Python instead"],
    ["2.13: a complex number", "save [value.real, value.imag] in Python instead"],
    ["2.13: a nested tensor", "it holds a nested tensor; save tensor.unbind() instead"],
    ["2.13: a defaultdict", "save dict(value) in Python instead"],
    [
      "2.13: a whole optimizer",
      "it holds a whole optimizer or scheduler; save its state_dict() instead",
    ],
  ])("says what to do about %s", async (title, hint) => {
    const { file } = fixture.refused.find((each) => each.title === title)!;
    const { message } = await errorOf(load(fromBase64(file)));
    expect(message.split("\nHint: ")[1]).toBe(hint);
  });

  it("bounds what values may take", async () => {
    const file = fileNamed("a list of numbers");
    const error = await errorOf(load(file, { memoryLimit: 1000 }));
    expect(error.message).toContain(
      "its values take more memory than expected of a file of its size (1000 bytes)\nHint: pass { memoryLimit }",
    );
  });
});

describe("torchOpen()", () => {
  it("reads tensors one at a time, and of each the part it shows", async () => {
    await using file = await torchOpen<Record<string, StoredTensor>>(
      fileNamed("views of one storage"),
    );
    const { row, base, transposed } = file.value as Record<string, StoredTensor>;
    expect([file.format, row!.byteLength, base!.byteLength]).toEqual(["zip", 16, 96]);
    const read = await file.read(row!);
    expect([read.tolistSync(), read.storage.count]).toEqual([[4, 5, 6, 7], 4]);
    expect((await file.read(transposed!)).strides).toEqual([1, 4, 12]);
  });

  it.each(fixture.files)("opens $title: read() gives what load() does", async ({ file }) => {
    await using opened = await torchOpen(fromBase64(file));
    const whole = await load(fromBase64(file));
    const pairs: [unknown, unknown][] = [[opened.value, whole]];
    const seen = new Set<unknown>();
    for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
      const [stored, loaded] = pair;
      if (typeof stored !== "object" || stored === null || seen.has(stored)) continue;
      seen.add(stored);
      if (stored.constructor.name !== "StoredTensor") {
        const values = (v: object): unknown[] =>
          v instanceof Map ? [...v.values()] : Object.values(v);
        values(stored).forEach((each, i) => void pairs.push([each, values(loaded as object)[i]]));
        continue;
      }
      const read = await opened.read(stored as StoredTensor);
      const { shape, strides, dtype, device } = loaded as Tensor;
      expect([read.shape, read.strides, read.dtype]).toEqual([shape, strides, dtype]);
      if (device !== meta()) expect(read.bitsSync()).toEqual((loaded as Tensor).bitsSync());
    }
  });
});
