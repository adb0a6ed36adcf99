// The smooth LeNet (tanh, average pooling) learns on the GPU as it does on the CPU: the same seed,
// the same losses. TEAD_WEBGPU_CURVE sets how many steps and how large the batches are: "200x64" is the whole.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { DataLoader, SyntheticDigits, TensorDataset } from "@tead/data";
import { LeNet5 } from "@tead/models";
import { CrossEntropyLoss } from "@tead/nn";
import { SGD } from "@tead/optim";
import {
  type Backend,
  manualSeed,
  scope,
  setDefaultDevice,
  type Tensor,
  tensor,
} from "@tead/tensor";
import { expect, it } from "vitest";
import { describeGpu, gpu } from "./device.ts";

setDefaultDevice(cpu());
const [steps, batchSize] = (process.env.TEAD_WEBGPU_CURVE ?? "4x4").split("x").map(Number) as [
  number,
  number,
];

async function losses(device: Backend): Promise<number[]> {
  const count = Math.min(steps, 50) * batchSize;
  const digits = new SyntheticDigits({ size: count });
  const images = tensor(digits.data, { dtype: "float32", shape: [count, 1, 28, 28] });
  const labels = tensor(digits.targets, { dtype: "int32" });
  const dataset = new TensorDataset(images.div(255).sub(0.13).div(0.31), labels);
  manualSeed(7);
  const model = new LeNet5({ activation: "tanh", pooling: "avg" }).to(device);
  const loader = new DataLoader(dataset, { batchSize, shuffle: true });
  const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
  const criterion = new CrossEntropyLoss();
  const found: number[] = [];
  while (found.length < steps)
    for await (const [x, y] of loader) {
      const loss = await scope(async () => {
        optimizer.zeroGrad();
        const prediction = model.forward((x as Tensor).to(device));
        const error = criterion.forward(prediction, (y as Tensor).to(device));
        error.backward();
        optimizer.step();
        return error.item();
      });
      found.push(Number(loss));
      if (found.length === steps) break;
    }
  return found;
}

describeGpu("the smooth LeNet", () => {
  it(`follows the CPU's ${steps} losses to 1e-3 in batches of ${batchSize}`, {
    timeout: 3_600_000,
  }, async () => {
    const expected = await losses(cpu());
    const actual = await losses(await gpu());
    const distances = expected.map((loss, i) => Math.abs((actual[i] as number) - loss) / loss);
    const worst = Math.max(...distances);
    if (process.env.TEAD_WEBGPU_CURVE !== undefined)
      process.stdout.write(
        `${JSON.stringify({ steps, batchSize, worst, first: expected[0], last: expected.at(-1) })}\n`,
      );
    expect(worst).toBeLessThan(1e-3);
    expect(expected.at(-1)).toBeLessThan(expected[0] as number);
  });
});
