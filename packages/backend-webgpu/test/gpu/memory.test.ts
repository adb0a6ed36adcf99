import { type WebGpuBackend, webgpu } from "@tead/backend-webgpu";
import { type Tensor, tensor, zeros } from "@tead/tensor";
import { beforeAll, expect, it } from "vitest";
import { sizeClass } from "../../src/gpu/memory.ts";
import { describeGpu } from "../device.ts";

it("sizeClass() wastes less than a quarter, gives multiples of 4 and never too little", () => {
  for (let bytes = 1; bytes < 2 ** 24; bytes = Math.ceil(bytes * 1.37) + 1) {
    const size = sizeClass(bytes);
    expect(size).toBeGreaterThanOrEqual(bytes);
    expect(size % 4).toBe(0);
    if (bytes > 256) expect(size).toBeLessThanOrEqual(bytes * 1.25);
    expect(sizeClass(size)).toBe(size);
  }
});

describeGpu("memory", () => {
  let device: WebGpuBackend;
  beforeAll(async () => {
    device = await webgpu({ memoryLimit: 2 ** 20 });
  });

  it("is handed out again after it is freed", async () => {
    const before = device.memory().liveBytes;
    const x = zeros([1000], { device });
    expect(device.memory().liveBytes).toBe(before + 4096);
    x[Symbol.dispose]();
    const { liveBytes, pooledBytes } = device.memory();
    expect(liveBytes).toBe(before);
    const y = zeros([1000], { device });
    expect(device.memory()).toMatchObject({ liveBytes: before + 4096 });
    expect(device.memory().pooledBytes).toBe(pooledBytes - 4096);
    expect(await y.sum().item()).toBe(0);
    y[Symbol.dispose]();
  });

  it("is not allocated by a step that frees what it made", async () => {
    const x = tensor([1, 2, 3], { device, dtype: "float32" });
    const step = (): void => {
      const y = x.mul(2);
      const z = y.add(x);
      y[Symbol.dispose]();
      z[Symbol.dispose]();
    };
    step();
    const { liveBytes, pooledBytes } = device.memory();
    for (let i = 0; i < 200; i++) step();
    expect(device.memory()).toMatchObject({ liveBytes, pooledBytes });
    await device.sync();
  });

  it("remembers its peak", () => {
    const { liveBytes } = device.memory();
    const x = zeros([50_000], { device });
    x[Symbol.dispose]();
    expect(device.memory().peakBytes).toBeGreaterThanOrEqual(liveBytes + 200_000);
  });

  it("throws at its limit and names scope", () => {
    const held: Tensor[] = [];
    expect(() => {
      for (;;) held.push(zeros([10_000], { device }));
    }).toThrow(
      /^fill: webgpu: Memory is used up: expected at most 1048576 live bytes \(memoryLimit\), received \d+[\s\S]*Hint: run the step inside scope/,
    );
    expect(device.memory().liveBytes).toBeLessThanOrEqual(2 ** 20);
    for (const t of held) t[Symbol.dispose]();
    expect(() => zeros([10_000], { device })[Symbol.dispose]()).not.toThrow();
  });

  it("gives pooled memory back to the GPU before it says that there is none", () => {
    for (let count = 1000; count < 200_000; count = Math.ceil(count * 1.3))
      zeros([count], { device })[Symbol.dispose]();
    const { liveBytes, pooledBytes } = device.memory();
    expect(liveBytes + pooledBytes).toBeLessThanOrEqual(2 ** 20);
  });

  it("refuses a tensor beyond the device's binding limit", () => {
    expect(() => zeros([2 ** 20, 2 ** 20], { device })).toThrow(
      /^fill: webgpu: Cannot hold 1099511627776 elements of float32 in one buffer: expected at most \d+ bytes \(the device's binding limit\)/,
    );
  });
});
