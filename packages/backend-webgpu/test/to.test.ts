// Models, tensors and checkpoints that go from the CPU to the GPU and back.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import type { WebGpuBackend } from "@tead/backend-webgpu";
import { load, save } from "@tead/checkpoint";
import { type Backend, noGrad, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { beforeAll, expect, it } from "vitest";
import { describeGpu, gpu } from "./device.ts";
import { batchFor, training } from "./networks.ts";

setDefaultDevice(cpu());

function expectClose(actual: Float32Array, expected: Float32Array): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i] as number, 5);
}

describeGpu("between devices", () => {
  let device: WebGpuBackend;
  beforeAll(async () => {
    device = await gpu();
  });

  it("a tensor moves there and back, in every dtype, bit by bit", async () => {
    for (const dtype of device.capabilities.dtypes) {
      const x = tensor([0, 1, 1, 0], { dtype });
      const back = await x.to(device).moveTo(cpu());
      expect(back.device).toBe(cpu());
      expect(back.tolistSync()).toEqual(x.tolistSync());
    }
    expect(() => tensor([1], { device }).to(cpu())).toThrow(
      "Hint: write await tensor.moveTo(device)",
    );
  });

  it("a model moves there, trains, and comes back with what it learned", async () => {
    const { model, step, input } = training("cnn", "adam", device);
    const batch = batchFor(input, cpu());
    const [x, target] = batch.map((t) => t.to(device)) as [Tensor, Tensor];
    expect(model.parameters().every((p) => p.device === device)).toBe(true);
    for (let i = 0; i < 3; i++) step(x, target);
    const there = await noGrad(() => model.forward(x)).data();
    await model.moveTo(cpu());
    expect(model.parameters().every((p) => p.device === cpu())).toBe(true);
    const here = noGrad(() => model.forward(batch[0])).dataSync() as Float32Array;
    expectClose(here, there as Float32Array);
  });

  it.each([
    ["the CPU", "the GPU"],
    ["the GPU", "the CPU"],
  ])("a checkpoint that %s saved loads on %s", async (from, to) => {
    const named = (name: string): Backend => (name === "the GPU" ? device : cpu());
    const source = training("mlp", "sgd", named(from));
    source.step(...(batchFor(source.input, named(from)) as [Tensor, Tensor]));
    const bytes = await save(source.model.stateDict());
    const target = training("mlp", "sgd", named(to));
    target.model.loadStateDict((await load(bytes)) as Record<string, Tensor>);
    const [x] = batchFor(source.input, cpu());
    const outputs = await Promise.all(
      [source, target].map(async ({ model }, i) =>
        noGrad(() => model.forward(x.to(named(i === 0 ? from : to)))).data(),
      ),
    );
    const [a, b] = outputs as [Float32Array, Float32Array];
    expectClose(a, b);
    for (const p of target.model.parameters()) expect(p.device).toBe(named(to));
  });
});
