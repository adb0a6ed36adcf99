import type { WebGpuBackend } from "@tead/backend-webgpu";
import { type DType, type TypedArray, tensor, zeros } from "@tead/tensor";
import { beforeAll, expect, it } from "vitest";
import { describeGpu, gpu } from "../device.ts";

describeGpu("transfers", () => {
  let device: WebGpuBackend;
  beforeAll(async () => {
    device = await gpu();
  });

  it("a write waits behind commands that were recorded before it", async () => {
    const x = tensor([1, 2, 3], { device, dtype: "float32" });
    const y = x.add(10);
    device.write(x.buffer, 0, Float32Array.of(7, 8, 9));
    const z = x.add(10);
    expect(await y.tolist()).toEqual([11, 12, 13]);
    expect(await z.tolist()).toEqual([17, 18, 19]);
  });

  it("a write into memory that was freed does not reach what still reads it", async () => {
    const { submits } = device.counts();
    const results = [];
    for (let step = 0; step < 50; step++) {
      const x = tensor([step, step], { device, dtype: "float32" });
      results.push(x.add(0.5));
      x[Symbol.dispose]();
    }
    expect(device.counts().submits).toBe(submits);
    const sums = await Promise.all(results.map((t) => t.tolist()));
    expect(sums).toEqual(results.map((_, step) => [step + 0.5, step + 0.5]));
  });

  it("a write of a part leaves the rest", async () => {
    const x = zeros([6], { device });
    device.write(x.buffer, 2, Float32Array.of(5, 6));
    expect(await x.tolist()).toEqual([0, 0, 5, 6, 0, 0]);
  });

  it("a read is a snapshot of the time of its call", async () => {
    const x = tensor([1, 2], { device, dtype: "float32" });
    const before = x.data();
    x.add_(1);
    const after = x.data();
    x[Symbol.dispose]();
    expect([...(await before)]).toEqual([1, 2]);
    expect([...(await after)]).toEqual([2, 3]);
  });

  it("a read of a part gives that part", async () => {
    const x = tensor([1, 2, 3, 4, 5], { device, dtype: "int32" });
    expect(await device.read(x.buffer, 1, 3)).toEqual(Int32Array.of(2, 3, 4));
  });

  it.each<[DType, TypedArray]>([
    ["float32", Float32Array.of(1.5, -0, Number.NaN, Number.NEGATIVE_INFINITY, 1e-42)],
    ["int32", Int32Array.of(0, -1, 2147483647, -2147483648)],
    ["uint8", Uint8Array.of(0, 1, 255)],
    ["bool", Uint8Array.of(0, 1, 1)],
  ])("%s comes back bit by bit", async (dtype, values) => {
    const buffer = device.allocate(dtype, values.length);
    device.write(buffer, 0, values);
    const read = await device.read(buffer, 0, values.length);
    expect(read.constructor).toBe(values.constructor);
    expect(new Uint8Array(read.buffer)).toEqual(new Uint8Array(values.buffer));
    device.free(buffer);
  });

  it("float16 comes back bit by bit, from odd places too, where the adapter has it", async (context) => {
    if (!device.capabilities.dtypes.includes("float16"))
      return context.skip("this adapter lacks shader-f16");
    const buffer = device.allocate("float16", 7);
    device.write(buffer, 0, new Uint16Array(7).fill(0x3c00));
    device.write(buffer, 1, Uint16Array.of(0x4000, 0x4200, 0x4400));
    device.write(buffer, 5, Uint16Array.of(0x4500));
    const all = Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400, 0x3c00, 0x4500, 0x3c00);
    expect(await device.read(buffer, 0, 7)).toEqual(all);
    expect(await device.read(buffer, 3, 3)).toEqual(all.slice(3, 6));
    device.free(buffer);
  });

  it("nothing is read from, and written to, an empty tensor", async () => {
    const x = zeros([0, 3], { device });
    expect(await x.add(1).tolist()).toEqual([]);
    expect(await device.read(x.buffer, 0, 0)).toEqual(new Float32Array(0));
  });

  it("many reads at once give each its own values", async () => {
    const all = Array.from({ length: 20 }, (_, i) => tensor([i, i * i], { device }));
    const read = await Promise.all(all.map((t) => t.mul(2).tolist()));
    expect(read).toEqual(all.map((_, i) => [2 * i, 2 * i * i]));
  });
});
