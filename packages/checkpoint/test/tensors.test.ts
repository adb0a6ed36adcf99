import { cpu } from "@tead/backend-cpu";
import { arange, type Backend, dtypes, setDefaultDevice, tensor, zeros } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  deserialize,
  loadSafetensors as load,
  SafetensorsError,
  saveSafetensors as save,
} from "../src/index.ts";
import { bytesOfCase, fixture, fromBase64 } from "./fixture.ts";

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

describe("save() and load()", () => {
  it.each(fixture.written)("keep every bit of $title", async (each) => {
    const file = fromBase64(each.file);
    const tensors = load(file);
    const expected = bytesOfCase(each);
    for (const [name, { dtype, shape }] of Object.entries(expected)) {
      const { dtype: dtypeLoaded, shape: shapeLoaded } = Object.entries(tensors).find(
        ([key]) => key === name,
      )![1];
      expect([dtypeLoaded, shapeLoaded]).toEqual([dtype, shape]);
    }
    expect(await save(tensors, { metadata: each.metadata ?? {} })).toEqual(file);
  });

  it("know all dtypes", () => {
    const every = fixture.written.find(({ title }) => title === "every dtype")!;
    expect(every.tensors.map(({ dtype }) => dtype).sort()).toEqual([...dtypes].sort());
  });

  it("store views on their own, in row-major order", async () => {
    const view = arange(6).reshape([2, 3]).transpose(0, 1);
    const { v } = load(await save({ v: view }));
    expect(await v!.tolist()).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    const { tensors } = deserialize(await save({ row: arange(1000).narrow(0, 3, 1) }));
    expect(tensors.row!.data.length).toBe(4);
  });

  it("read tensors as they are at the call", async () => {
    const weight = tensor([1, 2]);
    const saving = save({ weight });
    weight.add_(10);
    expect(await load(await saving).weight!.tolist()).toEqual([1, 2]);
  });

  it("make tensors of their own, without gradients", async () => {
    const bytes = await save({ a: tensor([1.5, 2]) });
    const { a } = load(bytes);
    a!.add_(1);
    expect(await load(bytes).a!.tolist()).toEqual([1.5, 2]);
    expect(a!.requiresGrad).toBe(false);
  });

  it("put tensors on the device they are given", async () => {
    const other: Backend = { ...cpu(), name: "other" };
    const { a } = load(await save({ a: zeros([2]) }), { device: other });
    expect(a!.device).toBe(other);
  });

  it("refuse a damaged file", async () => {
    const bytes = await save({ a: zeros([2]) });
    expect(() => load(bytes.subarray(1))).toThrow(SafetensorsError);
    expect(() => load(bytes.subarray(0, -1))).toThrow(
      /^loadSafetensors: Cannot read <bytes>: at byte \d+: /,
    );
  });
});
