import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { isAvailable, type WebGpuBackend, webgpu } from "@tead/backend-webgpu";
import { tensor } from "@tead/tensor";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { requestDevice } from "../src/adapter.ts";
import { describeGpu, gpu } from "./device.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

it("isAvailable() answers false where there is no adapter", async () => {
  vi.stubGlobal("navigator", { gpu: { requestAdapter: async () => null } });
  expect(await isAvailable()).toBe(false);
});

it("isAvailable() answers false where asking for an adapter fails", async () => {
  const requestAdapter = async (): Promise<never> => {
    throw new Error("blocked by policy");
  };
  vi.stubGlobal("navigator", { gpu: { requestAdapter } });
  expect(await isAvailable()).toBe(false);
});

it("webgpu() says what to do where there is no adapter, and the CPU still works", async () => {
  vi.stubGlobal("navigator", { gpu: { requestAdapter: async () => null } });
  await expect(webgpu({ powerPreference: "low-power" })).rejects.toThrow(
    /^webgpu: No adapter: expected a GPU with a driver, received none\nHint: in Node, a Vulkan/,
  );
  await expect(webgpu()).rejects.toMatchObject({ name: "DeviceError" });
  expect(tensor([1, 2], { device: cpu() }).add(1).tolistSync()).toEqual([2, 3]);
});

it("webgpu() says so when the adapter opens no device", async () => {
  const adapter = {
    limits: {},
    features: new Set(),
    requestDevice: async () => {
      throw new Error("in use");
    },
  };
  vi.stubGlobal("navigator", { gpu: { requestAdapter: async () => adapter } });
  await expect(webgpu()).rejects.toThrow(
    "webgpu: No device: expected the adapter to open one\nHint: close other programs",
  );
});

it("webgpu() refuses a memoryLimit that is not above 0", async () => {
  await expect(webgpu({ memoryLimit: 0 })).rejects.toThrow(
    "webgpu: Option memoryLimit is not valid: expected bytes above 0, received 0",
  );
});

describeGpu("webgpu()", () => {
  let device: WebGpuBackend;
  beforeAll(async () => {
    device = await gpu();
  });

  it("gives one and the same device each time", async () => {
    expect(await webgpu()).toBe(device);
    const x = tensor([1, 2], { device });
    expect(await x.add(tensor([3, 4], { device: await webgpu() })).tolist()).toEqual([4, 6]);
  });

  it("runs over a device that the user made, and gives one backend for it", async () => {
    const own = await requestDevice({});
    const backend = await webgpu({ device: own });
    expect(await webgpu({ device: own })).toBe(backend);
    const x = tensor([1, 2, 3], { device: backend });
    expect(await x.mul(x).tolist()).toEqual([1, 4, 9]);
    backend.destroy();
    // The device itself is the user's: it goes on working.
    const buffer = own.createBuffer({ size: 16, usage: 0x0048 });
    expect(buffer.size).toBe(16);
    own.destroy();
  });

  it("says what it can hold, and what not and why", async () => {
    const { dtypes, syncRead, generator } = device.capabilities;
    expect(dtypes.slice(0, 4)).toEqual(["float32", "int32", "bool", "uint8"]);
    expect([syncRead, generator]).toEqual([false, "mt19937"]);
    expect(() => tensor([1n], { device, dtype: "int64" })).toThrow(
      /^webgpu: Cannot hold int64: expected float32, int32, .*; WGSL has no 64-bit integers\nHint: convert with .to\("int32"\)/,
    );
    expect(() => tensor([1], { device, dtype: "float64" })).toThrow("WGSL has no 64-bit floats");
    expect(() => tensor([1], { device, dtype: "int8" })).toThrow(
      "narrow integers other than uint8 have no kernels here",
    );
  });

  it("says what to write instead of a synchronous read", () => {
    expect(() => tensor([1], { device }).dataSync()).toThrow("Hint: write await t.data()");
  });

  it("refuses a generator that it does not know", async () => {
    await expect(webgpu({ generator: "xorshift" as "philox" })).rejects.toThrow(
      'webgpu: Option generator is not valid: expected "mt19937" or "philox", received "xorshift"',
    );
  });

  it("sync() says that the device is lost, also when nothing was read before", async () => {
    const raw = await requestDevice({});
    const own = await webgpu({ device: raw });
    const x = tensor([1, 2], { device: own, dtype: "float32" }).requiresGrad_();
    const loss = x.mul(x).sum();
    raw.destroy();
    // The rest of the step is recorded for a device that is no more.
    loss.backward();
    await expect(own.sync()).rejects.toMatchObject({ name: "DeviceError" });
    await expect(loss.item()).rejects.toMatchObject({ name: "DeviceError" });
    expect(tensor([3], { device: cpu() }).mul(2).tolistSync()).toEqual([6]);
  });

  it("destroy() makes every later use a DeviceError", async () => {
    const own = await webgpu({ memoryLimit: 2 ** 20 });
    const x = tensor([1, 2], { device: own, dtype: "float32" });
    own.destroy();
    expect(() => x.add(1)).toThrow("add: webgpu: Device was destroyed: expected one that is alive");
    await expect(x.data()).rejects.toThrow("webgpu: Device was destroyed");
    await expect(own.sync()).rejects.toThrow("webgpu: Device was destroyed");
    expect(own.memory().liveBytes).toBe(0);
  });

  it("a device that is lost in the middle of a step says so, and the CPU still works", async () => {
    const raw = await requestDevice({});
    const own = await webgpu({ device: raw });
    const x = tensor([1, 2], { device: own, dtype: "float32" });
    const y = x.add(1);
    raw.destroy();
    await expect(y.data()).rejects.toThrow(/^webgpu: Device was lost \(destroyed\)/);
    expect(() => x.add(1)).toThrow(/^add: webgpu: Device was lost/);
    expect(() => x.mul(1)).toThrow(/^mul: webgpu: Device was lost[\s\S]*\nHint: make a new one/);
    await expect(own.sync()).rejects.toThrow(/^webgpu: Device was lost/);
    expect(tensor([1, 2], { device: cpu() }).sum().itemSync()).toBe(3);
  });
});
