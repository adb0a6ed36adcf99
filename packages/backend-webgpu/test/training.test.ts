import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import {
  avgPool2d,
  type Backend,
  conv2d,
  crossEntropy,
  Generator,
  manualSeed,
  noGrad,
  randint,
  randn,
  type Tensor,
} from "@tead/tensor";
import { beforeAll, expect, it } from "vitest";
import { describeGpu, gpu } from "./device.ts";

interface Network {
  /** The parameters' shapes; each is drawn with a standard deviation of 1 / sqrt(fan in). */
  readonly shapes: readonly (readonly number[])[];
  readonly input: readonly number[];
  forward(x: Tensor, parameters: readonly Tensor[]): Tensor;
}

const perceptron: Network = {
  shapes: [[24, 12], [24], [5, 24], [5]],
  input: [16, 12],
  forward: (x, [w1, b1, w2, b2]) => {
    const hidden = x
      .matmul((w1 as Tensor).t())
      .add(b1 as Tensor)
      .tanh();
    return hidden.matmul((w2 as Tensor).t()).add(b2 as Tensor);
  },
};

const convolutional: Network = {
  shapes: [[4, 1, 3, 3], [4], [6, 4, 3, 3], [6], [5, 24], [5]],
  input: [8, 1, 8, 8],
  forward: (x, [w1, b1, w2, b2, w3, b3]) => {
    const a = avgPool2d(conv2d(x, w1 as Tensor, b1, { padding: 1 }).tanh(), 2);
    const b = avgPool2d(conv2d(a, w2 as Tensor, b2, { padding: 1 }).tanh(), 2);
    return b
      .flatten(1)
      .matmul((w3 as Tensor).t())
      .add(b3 as Tensor);
  },
};

/** The losses of plain SGD with momentum on one batch, from the same numbers on every device. */
async function losses(network: Network, device: Backend, steps: number): Promise<number[]> {
  manualSeed(7);
  const upload = (t: Tensor): Tensor => t.to(device);
  const options = { device: cpu() };
  const parameters = network.shapes.map((shape) => {
    const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
    return upload(randn(shape, options).mul(shape.length > 1 ? fanIn ** -0.5 : 0)).requiresGrad_();
  });
  const velocities = parameters.map((p) => p.detach().zerosLike());
  const x = upload(randn(network.input, options));
  const target = upload(randint(0, 5, [network.input[0] as number], options));
  const found: Tensor[] = [];
  for (let step = 0; step < steps; step++) {
    const loss = crossEntropy(network.forward(x, parameters), target);
    found.push(loss.detach());
    for (const p of parameters) p.grad = undefined;
    loss.backward();
    noGrad(() => {
      parameters.forEach((p, k) => {
        const velocity = velocities[k] as Tensor;
        velocity.mul_(0.9).add_(p.grad as Tensor);
        p.sub_(velocity.mul(0.1));
      });
    });
  }
  return Promise.all(found.map(async (loss) => Number(await loss.item())));
}

describeGpu("training", () => {
  let device: Backend;
  beforeAll(async () => {
    device = await gpu();
  });

  it.each([
    ["a perceptron", perceptron, 60],
    ["a convolutional network", convolutional, 25],
  ] as const)(
    "follows the CPU's losses with %s to 1e-3",
    async (_, network, steps) => {
      const expected = await losses(network, cpu(), steps);
      const actual = await losses(network, device, steps);
      expect(expected.at(-1)).toBeLessThan((expected[0] as number) / 2);
      actual.forEach((loss, step) => {
        const reference = expected[step] as number;
        expect(Math.abs(loss - reference) / reference).toBeLessThan(1e-3);
      });
    },
    60_000,
  );

  it("takes the same random numbers as the CPU", async () => {
    const draw = (on: Backend): Tensor =>
      randn([40], { device: on, generator: new Generator().manualSeed(3) });
    expect(await draw(device).data()).toEqual(await draw(cpu()).data());
  });
});
