// What a training step costs: submits, buffers, pipelines, memory.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { type WebGpuBackend, webgpu } from "@tead/backend-webgpu";
import { DataLoader, TensorDataset } from "@tead/data";
import { scope, setDefaultDevice, type Tensor } from "@tead/tensor";
import { expect, it } from "vitest";
import { requestDevice } from "../src/adapter.ts";
import { describeGpu } from "./device.ts";
import { batchFor, training } from "./networks.ts";

setDefaultDevice(cpu());

/** How often the device has made each kind of object. */
type Made = Record<"buffers" | "pipelines" | "layouts" | "bindGroups" | "modules", number>;

/** A backend over a device that counts what is made. */
async function counting(): Promise<{ readonly device: WebGpuBackend; readonly made: Made }> {
  const raw = await requestDevice({});
  const made: Made = { buffers: 0, pipelines: 0, layouts: 0, bindGroups: 0, modules: 0 };
  const count = <K extends keyof GPUDevice>(kind: keyof Made, name: K): void => {
    const method = raw[name] as (...args: unknown[]) => unknown;
    const counted = (...args: unknown[]): unknown => {
      made[kind]++;
      return method.apply(raw, args);
    };
    Object.defineProperty(raw, name, { value: counted });
  };
  count("buffers", "createBuffer");
  count("pipelines", "createComputePipeline");
  count("layouts", "createBindGroupLayout");
  count("modules", "createShaderModule");
  count("bindGroups", "createBindGroup");
  return { device: await webgpu({ device: raw }), made };
}

describeGpu("a training step", () => {
  it.each([
    ["mlp", "sgd"],
    ["mlp", "adam"],
    ["cnn", "sgd"],
    ["cnn", "adam"],
  ] as const)(
    "of the %s with %s is one submit, and makes nothing anew",
    async (network, optimizer) => {
      const { device, made } = await counting();
      const { input, step } = training(network, optimizer, device);
      const [x, target] = batchFor(input, cpu());
      const once = (): Promise<number | bigint | boolean> =>
        scope(async () => step(x.to(device), target.to(device)).item());
      const first = Number(await once());
      for (let i = 0; i < 8; i++) await once();
      const { pooledBytes, ...memory } = device.memory();
      expect(pooledBytes).toBeGreaterThan(0);
      const before = { ...device.counts(), memory, made: { ...made } };
      let dispatches = 0;
      let last = first;
      for (let i = 1; i <= 5; i++) {
        last = Number(await once());
        const counts = device.counts();
        expect(counts.submits).toBe(before.submits + i);
        dispatches = (counts.dispatches - before.dispatches) / i;
      }
      expect(last).toBeLessThan(first);
      expect(dispatches).toBeGreaterThan(10);
      expect(made).toEqual(before.made);
      const { allocatedBytes, liveBytes, peakBytes } = device.memory();
      expect({ allocatedBytes, liveBytes, peakBytes }).toEqual(before.memory);
      device.destroy();
    },
  );

  it("waits for the GPU nowhere: steps without a read are not submitted one by one", async () => {
    const { device } = await counting();
    const { input, step } = training("mlp", "sgd", device);
    const [x, target] = batchFor(input, device);
    await device.sync();
    const { submits } = device.counts();
    for (let i = 0; i < 5; i++) scope(() => void step(x, target));
    expect(device.counts().submits).toBe(submits);
    await device.sync();
    expect(device.counts().submits).toBe(submits + 1);
  });
});

/** Steps with batches of a loader. Few by default; the whole number is what the bench runs. */
const steps = Number(process.env.TEAD_WEBGPU_STEPS ?? 300);

/** Runs a loop over a loader whose body gets a batch; gives the most that was live at once. */
async function loop(
  device: WebGpuBackend,
  body: (step: () => Tensor) => void,
): Promise<{ readonly warm: number; readonly end: number; readonly peak: number }> {
  const { input, step } = training("mlp", "adam", device);
  const [size, ...rest] = input as [number, ...number[]];
  const data = new TensorDataset(...batchFor([10 * size, ...rest], cpu()));
  const loader = new DataLoader(data, { batchSize: size, shuffle: true });
  const warmSteps = Math.min(150, Math.floor(steps / 2));
  let done = 0;
  let warm = 0;
  while (done < steps)
    for await (const [x, target] of loader) {
      body(() => step((x as Tensor).to(device), (target as Tensor).to(device)));
      if (++done === warmSteps) warm = device.memory().allocatedBytes;
      if (done === steps) break;
    }
  await device.sync();
  const { allocatedBytes, peakBytes } = device.memory();
  return { warm, end: allocatedBytes, peak: peakBytes };
}

describeGpu("a training loop that awaits its loader", () => {
  it("with each step in a scope holds a flat pool", { timeout: 600_000 }, async () => {
    const device = await webgpu({ memoryLimit: 2 ** 22 });
    const { warm, end } = await loop(device, (step) => void scope(() => void step()));
    expect(end).toBe(warm);
    device.destroy();
  });

  it("without scopes stays under the limit that the user set, where all tensors together do not", {
    timeout: 600_000,
  }, async () => {
    const memoryLimit = 2 ** 19;
    const device = await webgpu({ memoryLimit });
    let bytes = 0;
    const { allocate } = device;
    Object.defineProperty(device, "allocate", {
      value: (...args: Parameters<typeof allocate>) => {
        bytes += 256;
        return allocate(...args);
      },
    });
    const { peak } = await loop(device, (step) => void step());
    expect(bytes).toBeGreaterThan(memoryLimit * 1.5);
    expect(peak).toBeLessThanOrEqual(memoryLimit);
    device.destroy();
  });

  it("with no await throws at the limit, naming the op and scope", async () => {
    const device = await webgpu({ memoryLimit: 2 ** 17 });
    const { input, step } = training("mlp", "sgd", device);
    const [x, target] = batchFor(input, device);
    expect(() => {
      for (let i = 0; i < 10_000; i++) step(x, target);
    }).toThrow(
      /^\w+: webgpu: Memory is used up: expected at most 131072 live bytes[\s\S]*\nHint: run the step inside scope\(/,
    );
    // And the same loop with a scope goes on.
    const held = device.memory().liveBytes;
    device.destroy();
    expect(held).toBeLessThanOrEqual(2 ** 17);
    const other = await webgpu({ memoryLimit: 2 ** 17 });
    const scoped = training("mlp", "sgd", other);
    const batch = batchFor(input, other);
    for (let i = 0; i < 60; i++) scope(() => void scoped.step(...batch));
    await other.sync();
    other.destroy();
  });
});
