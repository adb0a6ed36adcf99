// PyTorch's curve: the same network, seed, data, order and optimizer give the same losses and
// weights, step by step.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { DataLoader, SyntheticDigits, TensorDataset } from "@tead/data";
import { LeNet5, type LeNet5Options } from "@tead/models";
import { CrossEntropyLoss, type Parameter } from "@tead/nn";
import { SGD } from "@tead/optim";
import { type DType, manualSeed, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

interface Weights {
  readonly norm: number;
  readonly sin: number;
  readonly cos: number;
  readonly values: readonly number[];
}
interface Run {
  readonly losses: readonly number[];
  readonly weights: Readonly<Record<string, Weights>>;
}
interface Fixture {
  readonly seed: number;
  readonly count: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly lr: number;
  readonly momentum: number;
  readonly mean: number;
  readonly std: number;
  readonly runs: Readonly<Record<string, Run>>;
}
const fixture = JSON.parse(
  readFileSync(new URL("./fixtures/curve.json", import.meta.url), "utf8"),
) as Fixture;

async function train(dtype: DType, options: LeNet5Options): Promise<Run> {
  const { count, batchSize, steps, lr, momentum, mean, std } = fixture;
  const digits = new SyntheticDigits({ size: count });
  const images = tensor(digits.data, { dtype, shape: [count, 1, 28, 28] });
  const dataset = new TensorDataset(
    images.div(255).sub(mean).div(std),
    tensor(digits.targets, { dtype: "int64" }),
  );
  manualSeed(fixture.seed);
  const model = new LeNet5(options).to(dtype);
  const loader = new DataLoader(dataset, { batchSize, shuffle: true });
  const optimizer = new SGD(model.parameters(), { lr, momentum });
  const criterion = new CrossEntropyLoss();
  const losses: number[] = [];
  while (losses.length < steps)
    for await (const [x, y] of loader) {
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(x as Tensor), y as Tensor);
      loss.backward();
      optimizer.step();
      losses.push(Number(loss.itemSync()));
    }
  const weights = model.namedParameters().map(([key, p]): [string, Weights] => [key, described(p)]);
  return { losses, weights: Object.fromEntries(weights) };
}

function described(parameter: Parameter): Weights {
  const w = Float64Array.from(parameter.dataSync() as Float64Array);
  const project = (fn: (i: number) => number): number =>
    w.reduce((sum, x, i) => sum + x * fn(i), 0);
  const stride = Math.max(1, Math.floor(w.length / 32));
  return {
    norm: Math.hypot(...w),
    sin: project(Math.sin),
    cos: project(Math.cos),
    values: Array.from(w.filter((_, i) => i % stride === 0)),
  };
}

/** The largest distance, relative to the expected loss, and to the norm of the expected weight. */
function distances(actual: Run, expected: Run): { losses: number; weights: number } {
  expect(actual.losses).toHaveLength(expected.losses.length);
  expect(Object.keys(actual.weights)).toEqual(Object.keys(expected.weights));
  const losses = expected.losses.map(
    (loss, i) => Math.abs((actual.losses[i] as number) - loss) / loss,
  );
  const weights = Object.entries(expected.weights).flatMap(([key, e]) => {
    const a = actual.weights[key] as Weights;
    expect(a.values).toHaveLength(e.values.length);
    const pairs = [
      [a.norm, e.norm],
      [a.sin, e.sin],
      [a.cos, e.cos],
    ].concat(e.values.map((value, i) => [a.values[i] as number, value]));
    return pairs.map(([x, y]) => Math.abs((x as number) - (y as number)) / e.norm);
  });
  return { losses: Math.max(...losses), weights: Math.max(...weights) };
}

describe("PyTorch's curve", () => {
  const cases: [name: string, dtype: DType, options: LeNet5Options, tolerance: number][] = [
    ["float64", "float64", {}, 1e-9],
    ["float32 smooth", "float32", { activation: "tanh", pooling: "avg" }, 1e-5],
  ];
  test.each(cases)(
    "%s: 200 losses and the final weights are PyTorch's",
    { timeout: 300_000 },
    async (name, dtype, options, tolerance) => {
      const expected = fixture.runs[name] as Run;
      const actual = await train(dtype, options);
      const found = distances(actual, expected);
      expect(found.losses).toBeLessThan(tolerance);
      expect(found.weights).toBeLessThan(tolerance);
      const last = actual.losses.slice(-20).reduce((sum, loss) => sum + loss / 20, 0);
      expect(last).toBeLessThan((actual.losses[0] as number) / 2);
    },
  );
});
