import type { WebGpuBackend } from "@tead/backend-webgpu";
import { arange, tensor, zeros } from "@tead/tensor";
import { beforeAll, expect, it } from "vitest";
import { requestDevice } from "../../src/adapter.ts";
import { backendOver } from "../../src/backend.ts";
import { describeGpu, gpu } from "../device.ts";

describeGpu("commands", () => {
  let device: WebGpuBackend;
  beforeAll(async () => {
    device = await gpu();
  });

  it("are submitted together, when something is read", async () => {
    const x = tensor([1, 2], { device, dtype: "float32" });
    await device.sync();
    const before = device.counts();
    const y = x.add(1).mul(2).sub(3).tanh().sum();
    expect(device.counts()).toEqual({
      dispatches: before.dispatches + 5,
      submits: before.submits,
    });
    await y.item();
    expect(device.counts().submits).toBe(before.submits + 1);
  });

  it("run in order when there are more than one recording holds", async () => {
    const x = zeros([4], { device });
    const { submits } = device.counts();
    for (let i = 0; i < 5000; i++) x.add_(1);
    expect(device.counts().submits).toBe(submits + 1);
    expect(await x.tolist()).toEqual([5000, 5000, 5000, 5000]);
  });

  it("that may fail can be many, too", async () => {
    const x = arange(4, { device });
    const index = tensor([3, 2, 1, 0], { device });
    let y = x;
    for (let i = 0; i < 4101; i++) y = y.indexSelect(0, index);
    expect(await y.tolist()).toEqual([3, 2, 1, 0]);
  });

  it("are done when sync() resolves, without a read", async () => {
    const before = device.counts().submits;
    zeros([4], { device }).add_(1);
    await device.sync();
    expect(device.counts().submits).toBe(before + 1);
    await device.sync();
    expect(device.counts().submits).toBe(before + 1);
  });

  it("spread over a grid where there are more workgroups than one dim may have", async () => {
    const raw = await requestDevice({});
    const wide = backendOver(raw, { memoryLimit: 2 ** 24, gridSide: 3 }, () => raw.destroy());
    for (const groups of [1, 3, 4, 9, 10, 27]) {
      const count = 256 * groups - 5;
      const x = arange(count, { device: wide }).mul(2);
      expect(await x.data()).toEqual(Int32Array.from({ length: count }, (_, i) => 2 * i));
      expect(await x.view([-1, 1]).amax(1).data()).toEqual(await x.data());
    }
    // A row for each workgroup: 3 x 3 x 3 of them and no more.
    const rows = zeros([26, 100], { device: wide }).add(1).sum(1);
    expect(await rows.tolist()).toEqual(new Array(26).fill(100));
    wide.destroy();
  });
});
