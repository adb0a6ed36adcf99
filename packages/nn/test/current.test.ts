// What torch.nn has had since 1.13 and no table of layers holds, and functions over their input.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { cpu } from "@tead/backend-cpu";
import {
  type AnyModule,
  BatchNorm1d,
  functional as F,
  Linear,
  LinearCrossEntropyLoss,
  type LinearCrossEntropyLossOptions,
  ModuleList,
  ReLU,
  Sequential,
  Tanh,
  utils,
} from "@tead/nn";
import { manualSeed, setDefaultDevice, type Tensor, tensor, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

type Nested = number | readonly Nested[];
interface LossCase {
  readonly options: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
  readonly target: Nested;
  readonly output: readonly number[];
  readonly gradInput: readonly number[];
  readonly gradParams: Readonly<Record<string, readonly number[]>>;
  readonly state: Readonly<Record<string, readonly number[]>>;
  readonly shown: string;
}
interface Fused {
  readonly weight: readonly number[];
  readonly bias: readonly number[];
}
const fixture = JSON.parse(
  readFileSync(new URL("./fixtures/current.json", import.meta.url), "utf8"),
) as {
  readonly seed: number;
  readonly losses: Readonly<Record<string, LossCase>>;
  readonly fused: Readonly<Record<"whole" | "withoutBias" | "one", Fused>>;
  readonly printed: Readonly<Record<"alike" | "empty" | "inside", string>>;
};

const dtype = "float64";
const ramp = (...shape: number[]): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: count }, (_, i) => Math.sin(i * i));
  return tensor(values, { shape, dtype });
};
const flat = (t: Tensor | undefined): number[] => Array.from(t?.detach().dataSync() ?? [], Number);
function expectClose(actual: readonly number[], wanted: readonly number[]): void {
  expect(actual).toHaveLength(wanted.length);
  for (const [i, e] of wanted.entries()) expect(actual[i]).toBeCloseTo(e, 12);
}

test.each(Object.entries(fixture.losses))("LinearCrossEntropyLoss, %s, is PyTorch's", (_, run) => {
  const { weight, ...rest } = run.options;
  const options = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key.replace(/_([a-z])/g, (__, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
  if (weight !== undefined) options.weight = tensor(weight as number[], { dtype });
  manualSeed(fixture.seed);
  const loss = new LinearCrossEntropyLoss(3, 4, {
    ...(options as LinearCrossEntropyLossOptions),
    dtype,
  });
  expect(loss.toString()).toBe(run.shown);
  expect(Object.keys(loss.stateDict())).toEqual(Object.keys(run.state));
  const x = ramp(...run.shape).requiresGrad_();
  const y = loss.forward(x, tensor(run.target as never));
  expectClose(flat(y), run.output);
  y.sum().backward();
  expectClose(flat(x.grad), run.gradInput);
  for (const [key, parameter] of loss.namedParameters())
    expectClose(flat(parameter.grad), run.gradParams[key] ?? []);
});

test("linearCrossEntropy() refuses features that do not fit", () => {
  expect(() => F.linearCrossEntropy(zeros([2, 3]), zeros([4, 5]), tensor([0, 1]))).toThrow(
    "linearCrossEntropy: Sizes do not fit: expected 5 features, received 3",
  );
});

test("lists of modules print what repeats once, as PyTorch's", () => {
  const twelve = new ModuleList(Array.from({ length: 12 }, () => new ReLU()));
  const tanhs = [new Tanh(), new Tanh(), new Tanh()] as const;
  const alike = [new Linear(1, 1), new Linear(1, 1), tanhs[0], twelve, tanhs[1], tanhs[2]];
  expect(new ModuleList<AnyModule>(alike).toString()).toBe(fixture.printed.alike);
  expect(new ModuleList().toString()).toBe(fixture.printed.empty);
  const inner = new ModuleList([new ReLU(), new ReLU()]) as unknown as ReLU;
  expect(inspect(new Sequential(inner))).toBe(fixture.printed.inside);
});

describe("fuseLinearBnEval()", () => {
  function built(channels: number, bias: boolean): [Linear, BatchNorm1d] {
    manualSeed(fixture.seed);
    const linear = new Linear(3, 4, { bias, dtype });
    const bn = new BatchNorm1d(channels, { dtype });
    for (const [i, t] of [bn.weight, bn.bias, bn.runningMean, bn.runningVar].entries())
      t?.detach().copy_(
        ramp(channels)
          .mul(0.3)
          .add(1 + i),
      );
    return [linear, bn];
  }
  test.each(Object.entries(fixture.fused))("fuses as PyTorch: %s", (name, wanted) => {
    const [linear, bn] = built(name === "one" ? 1 : 4, name !== "withoutBias");
    const fused = utils.fuseLinearBnEval(linear.eval(), bn.eval());
    expectClose(flat(fused.weight), wanted.weight);
    expectClose(flat(fused.bias), wanted.bias);
    expect(fused).not.toBe(linear);
  });
  test("refuses training mode and channels that do not fit", () => {
    expect(() => utils.fuseLinearBnEval(...built(4, true))).toThrow(
      "fuseLinearBnEval: Cannot fuse: expected both layers in evaluation mode and running statistics, " +
        "received training mode\nHint: call eval() on the model first",
    );
    const [linear, bn] = built(3, true);
    expect(() => utils.fuseLinearBnEval(linear.eval(), bn.eval())).toThrow(
      "fuseLinearBnEval: Cannot fuse: expected 4 channels or 1, received 3",
    );
  });
});

describe("an activation over its input", () => {
  const pairs: Record<string, [(x: Tensor) => Tensor, (x: Tensor) => Tensor]> = {
    relu_: [F.relu_, F.relu],
    elu_: [(x) => F.elu_(x, { alpha: 2 }), (x) => F.elu(x, { alpha: 2 })],
    celu_: [(x) => F.celu_(x, { alpha: 2 }), (x) => F.celu(x, { alpha: 2 })],
    selu_: [F.selu_, F.selu],
    leakyRelu_: [
      (x) => F.leakyRelu_(x, { negativeSlope: 0.3 }),
      (x) => F.leakyRelu(x, { negativeSlope: 0.3 }),
    ],
    hardtanh_: [(x) => F.hardtanh_(x, { maxVal: 0.5 }), (x) => F.hardtanh(x, { maxVal: 0.5 })],
    threshold_: [(x) => F.threshold_(x, 0.1, 7), (x) => F.threshold(x, 0.1, 7)],
    rrelu_: [(x) => F.rrelu_(x, { lower: 0.2 }), (x) => F.rrelu(x, { lower: 0.2 })],
  };
  test.each(Object.entries(pairs))(
    "%s gives its input the values and gradients",
    (_, [over, apart]) => {
      const [a, b] = [ramp(3, 4).requiresGrad_(), ramp(3, 4).requiresGrad_()];
      const input = a.mul(1);
      const output = over(input);
      expect(output).toBe(input);
      const wanted = apart(b.mul(1));
      expectClose(flat(output), flat(wanted));
      output.mul(ramp(3, 4)).sum().backward();
      wanted.mul(ramp(3, 4)).sum().backward();
      expectClose(flat(a.grad), flat(b.grad));
    },
  );
});
