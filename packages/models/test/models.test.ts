// The models have torchvision's keys, shapes and first weights, and compute what torchvision's do.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import {
  BasicBlock,
  LeNet5,
  ResNet,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  TutorialCnn,
} from "@tead/models";
import { CrossEntropyLoss, type Module } from "@tead/nn";
import { manualSeed, randn, setDefaultDevice, Tensor, tensor } from "@tead/tensor";
import { describe, expect, test, vi } from "vitest";
import { checksum } from "./checksum.ts";

setDefaultDevice(cpu());

type Entry = readonly [shape: readonly number[], crc32?: number];
const fixture = JSON.parse(
  readFileSync(new URL("./fixtures/models.json", import.meta.url), "utf8"),
) as {
  seed: number;
  models: Record<string, { state: Record<string, Entry>; first: number[]; repr?: string }>;
  run: {
    loss: number;
    gradNorms: Record<string, number>;
    runningMeans: Record<string, number>;
    evaluated: number[][];
  };
};

const models: Record<string, () => Module> = {
  LeNet5: () => new LeNet5(),
  "LeNet5 smooth": () => new LeNet5({ activation: "tanh", pooling: "avg" }),
  TutorialCnn: () => new TutorialCnn(),
  resnet18: () => resnet18({ numClasses: 10 }),
  "resnet18 zero": () => resnet18({ numClasses: 2, zeroInitResidual: true }),
  resnet34: () => resnet34(),
  resnet50: () => resnet50(),
  "resnet50 dilated": () => resnet50({ replaceStrideWithDilation: [false, true, true] }),
  resnet101: () => resnet101(),
  resnet152: () => resnet152(),
};

const build = (name: string): Module => {
  manualSeed(fixture.seed);
  return (models[name] as () => Module)();
};
const norm = (t: Tensor | undefined): number => Number(t?.square().sum().sqrt().itemSync());
const near = (actual: number, expected: number, tolerance: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * Math.abs(expected) + 1e-12);

describe("a model's state dict", () => {
  test("is compared for every model of the fixture", () => {
    expect(Object.keys(models)).toEqual(Object.keys(fixture.models));
  });

  const withWeights = (name: string): boolean =>
    Object.values(fixture.models[name]?.state ?? {}).every((entry) => entry.length === 2);

  test.each(Object.keys(models))("%s has PyTorch's keys, shapes and words", (name) => {
    // What is drawn is not looked at here, and takes long.
    vi.spyOn(Tensor.prototype, "uniform_").mockReturnThis();
    vi.spyOn(Tensor.prototype, "normal_").mockReturnThis();
    const model = build(name);
    vi.restoreAllMocks();
    const expected = fixture.models[name];
    const shapes = Object.entries(model.stateDict()).map(([key, t]) => [key, t.shape]);
    expect(shapes).toEqual(
      Object.entries(expected?.state ?? {}).map(([key, [shape]]) => [key, shape]),
    );
    if (expected?.repr !== undefined) expect(String(model)).toBe(expected.repr);
  });

  test.each(Object.keys(models).filter(withWeights))(
    "%s begins with PyTorch's weights, bit for bit",
    (name) => {
      const expected = fixture.models[name];
      const model = build(name);
      const first = model.parameters()[0]?.dataSync().slice(0, 4) ?? [];
      expect(Array.from(first, Number)).toEqual(expected?.first);
      const sums = Object.entries(model.stateDict()).map(([key, t]) => [key, checksum(t)]);
      expect(sums).toEqual(Object.entries(expected?.state ?? {}).map(([k, [, sum]]) => [k, sum]));
    },
    60_000,
  );
});

test("resnet18 computes torchvision's loss, gradients, statistics and logits", {
  timeout: 60_000,
}, () => {
  manualSeed(fixture.seed);
  const model = resnet18({ numClasses: 10 }).to("float64");
  const x = randn([2, 3, 40, 40], { dtype: "float64" });
  const loss = new CrossEntropyLoss().forward(model.forward(x), tensor([3, 7]));
  loss.backward();
  near(Number(loss.itemSync()), fixture.run.loss, 1e-10);
  for (const [key, parameter] of model.namedParameters())
    near(norm(parameter.grad), fixture.run.gradNorms[key] as number, 1e-8);
  for (const [key, sum] of Object.entries(fixture.run.runningMeans))
    near(Number(model.getBuffer(key).sum().itemSync()), sum, 1e-8);
  const logits = model.eval().forward(x).tolistSync() as number[][];
  logits.flat().forEach((value, i) => {
    near(value, fixture.run.evaluated.flat()[i] as number, 1e-8);
  });
});

test("BasicBlock refuses groups, as torchvision's", () => {
  expect(() => new ResNet(BasicBlock, [1, 1, 1, 1], { groups: 2 })).toThrow(
    "BasicBlock: Options do not fit: expected groups 1, widthPerGroup 64 and no dilation, received 2, 64 and 1",
  );
});
