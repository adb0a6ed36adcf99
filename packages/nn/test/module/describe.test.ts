// Modules print as PyTorch's do, to the letter.
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { ones, setDefaultDevice, tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { pyFloat } from "../../src/module/describe.ts";

setDefaultDevice(cpu());

const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/repr.json", import.meta.url), "utf8"),
) as {
  modules: Record<string, string>;
  parameter: string;
  floats: [number | string, string][];
};

class Net extends nn.Module {
  readonly features = new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }),
    new nn.ReLU({ inplace: true }),
    new nn.MaxPool2d(2),
  );
  readonly fcOut = new nn.Linear(4, 2, { bias: false });
  readonly blocks = new nn.ModuleList([new nn.Tanh(), new nn.Identity()]);
  readonly byName = new nn.ModuleDict({ a: new nn.ReLU(), b: new nn.Sequential() });
}
class Scaled extends nn.Module {
  readonly inner = new nn.Tanh();
  override extraRepr(): string {
    return "scale=2,\nshift=1";
  }
}
class Bare extends nn.Module {
  override extraRepr(): string {
    return "one,\ntwo";
  }
}

const modules: Record<string, () => nn.AnyModule> = {
  Net: () => new Net(),
  Scaled: () => new Scaled(),
  Bare: () => new Bare(),
  Module: () => new nn.Module(),
  "Sequential named": () =>
    new nn.Sequential({ conv1: new nn.Conv2d(1, 2, 3), relu1: new nn.ReLU() }),
  Identity: () => new nn.Identity(54, { unused: 1 }),
  Linear: () => new nn.Linear(20, 30),
  Conv1d: () => new nn.Conv1d(2, 4, 3, { stride: 2 }),
  Conv2d: () => new nn.Conv2d(3, 16, 3),
  "Conv2d all": () =>
    new nn.Conv2d(4, 8, [3, 5], {
      stride: [2, 1],
      padding: [1, 2],
      dilation: [1, 2],
      groups: 2,
      bias: false,
      paddingMode: "reflect",
    }),
  "Conv2d same": () => new nn.Conv2d(4, 8, 3, { padding: "same" }),
  Conv3d: () => new nn.Conv3d(1, 2, 3, { padding: 1 }),
  ConvTranspose1d: () => new nn.ConvTranspose1d(2, 4, 3),
  ConvTranspose2d: () =>
    new nn.ConvTranspose2d(4, 2, 3, {
      stride: 2,
      padding: 1,
      outputPadding: 1,
      groups: 2,
      bias: false,
      dilation: 2,
    }),
  ConstantPad1d: () => new nn.ConstantPad1d(2, 3.5),
  ZeroPad2d: () => new nn.ZeroPad2d([1, 2, 3, 4]),
  ReflectionPad2d: () => new nn.ReflectionPad2d(1),
  ReplicationPad3d: () => new nn.ReplicationPad3d(1),
  MaxPool1d: () => new nn.MaxPool1d(2),
  MaxPool2d: () =>
    new nn.MaxPool2d([3, 2], { stride: [2, 1], padding: 1, dilation: 2, ceilMode: true }),
  MaxPool3d: () => new nn.MaxPool3d(3, { stride: 2 }),
  AvgPool1d: () => new nn.AvgPool1d(2),
  AvgPool2d: () => new nn.AvgPool2d([3, 2], { padding: 1 }),
  AvgPool3d: () => new nn.AvgPool3d(2, { stride: 1 }),
  AdaptiveAvgPool1d: () => new nn.AdaptiveAvgPool1d(5),
  AdaptiveAvgPool2d: () => new nn.AdaptiveAvgPool2d([1, 1]),
  "AdaptiveAvgPool2d kept": () => new nn.AdaptiveAvgPool2d([undefined, 7]),
  AdaptiveMaxPool2d: () => new nn.AdaptiveMaxPool2d(3),
  BatchNorm1d: () => new nn.BatchNorm1d(10),
  BatchNorm2d: () => new nn.BatchNorm2d(10, { eps: 0.001, momentum: null, affine: false }),
  InstanceNorm2d: () => new nn.InstanceNorm2d(4, { momentum: 1, trackRunningStats: true }),
  LayerNorm: () => new nn.LayerNorm(10),
  "LayerNorm shape": () => new nn.LayerNorm([5, 10], { eps: 1e-6, elementwiseAffine: false }),
  GroupNorm: () => new nn.GroupNorm(3, 6),
  Embedding: () => new nn.Embedding(10, 3),
  "Embedding padding": () => new nn.Embedding(10, 3, { paddingIdx: -1, scaleGradByFreq: true }),
  Dropout: () => new nn.Dropout(),
  "Dropout inplace": () => new nn.Dropout(0.25, { inplace: true }),
  Dropout2d: () => new nn.Dropout2d(1),
  Flatten: () => new nn.Flatten(),
  Unflatten: () => new nn.Unflatten(1, [2, 5]),
  ReLU: () => new nn.ReLU(),
  ReLU6: () => new nn.ReLU6({ inplace: true }),
  Sigmoid: () => new nn.Sigmoid(),
  SiLU: () => new nn.SiLU({ inplace: true }),
  LeakyReLU: () => new nn.LeakyReLU(),
  "LeakyReLU inplace": () => new nn.LeakyReLU(0.2, { inplace: true }),
  ELU: () => new nn.ELU(),
  CELU: () => new nn.CELU({ alpha: 0.5 }),
  SELU: () => new nn.SELU(),
  GELU: () => new nn.GELU(),
  Hardtanh: () => new nn.Hardtanh(),
  Hardshrink: () => new nn.Hardshrink(),
  Softshrink: () => new nn.Softshrink(0.25),
  Softplus: () => new nn.Softplus(),
  Threshold: () => new nn.Threshold(0.1, 20),
  PReLU: () => new nn.PReLU(3),
  GLU: () => new nn.GLU(),
  Softmax: () => new nn.Softmax(1),
  LogSoftmax: () => new nn.LogSoftmax({ dim: -1 }),
  Softmax2d: () => new nn.Softmax2d(),
  PixelShuffle: () => new nn.PixelShuffle(2),
  PixelUnshuffle: () => new nn.PixelUnshuffle(3),
  LocalResponseNorm: () => new nn.LocalResponseNorm(2, { k: 2 }),
  LPPool1d: () => new nn.LPPool1d(2, 3),
  LPPool2d: () => new nn.LPPool2d(1.2, [3, 2], { stride: [2, 1] }),
  PairwiseDistance: () => new nn.PairwiseDistance(),
  CosineSimilarity: () => new nn.CosineSimilarity(),
  CrossEntropyLoss: () => new nn.CrossEntropyLoss({ weight: ones([3]) }),
  MSELoss: () => new nn.MSELoss({ reduction: "sum" }),
  Upsample: () => new nn.Upsample({ scaleFactor: 2, mode: "bilinear" }),
  "Upsample factors": () => new nn.Upsample({ scaleFactor: [2, 1.5] }),
  UpsamplingNearest2d: () => new nn.UpsamplingNearest2d({ size: [4, 5] }),
  UpsamplingBilinear2d: () => new nn.UpsamplingBilinear2d({ scaleFactor: 3 }),
  Unfold: () => new nn.Unfold([2, 3], { padding: 1 }),
  Fold: () => new nn.Fold([4, 5], 2, { stride: [1, 2] }),
  MaxUnpool1d: () => new nn.MaxUnpool1d(2),
  MaxUnpool2d: () => new nn.MaxUnpool2d(3, { stride: 2, padding: 1 }),
  FractionalMaxPool2d: () => new nn.FractionalMaxPool2d(2, { outputRatio: 0.5 }),
  RReLU: () => new nn.RReLU({ inplace: true }),
  EmbeddingBag: () => new nn.EmbeddingBag(4, 3, { maxNorm: 1, mode: "max", paddingIdx: -1 }),
  "Embedding norm": () => new nn.Embedding(4, 3, { maxNorm: 2.5, normType: 1 }),
  Bilinear: () => new nn.Bilinear(3, 4, 5, { bias: false }),
  ChannelShuffle: () => new nn.ChannelShuffle(2),
  CrossMapLRN2d: () => new nn.CrossMapLRN2d(3, { k: 2 }),
  AdaptiveLogSoftmaxWithLoss: () => new nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3]),
  CTCLoss: () => new nn.CTCLoss(),
  TripletMarginWithDistanceLoss: () => new nn.TripletMarginWithDistanceLoss(),
  LazyLinear: () => new nn.LazyLinear(3),
  LazyConv2d: () => new nn.LazyConv2d(3, 2, { padding: 1 }),
  LazyBatchNorm1d: () => new nn.LazyBatchNorm1d(),
  LazyInstanceNorm3d: () => new nn.LazyInstanceNorm3d(),
  ParameterList: () => new nn.ParameterList([ones([2, 3]), ones([4])]),
  ParameterDict: () => new nn.ParameterDict({ a: ones([2]), b: ones([2, 1]) }),
  "Sequential inserted": () =>
    new nn.Sequential(new nn.ReLU(), new nn.Tanh())
      .insert(1, new nn.Sigmoid())
      .extend(new nn.Sequential(new nn.GELU())),
  SoftMarginLoss: () => new nn.SoftMarginLoss(),
};

describe("a module's printout", () => {
  test("is compared for every case of the fixture", () => {
    expect(Object.keys(modules)).toEqual(Object.keys(fixture.modules));
  });

  test.each(Object.entries(modules))("%s is PyTorch's", (name, build) => {
    expect(String(build())).toBe(fixture.modules[name]);
  });

  test("is what console.log shows", () => {
    expect(inspect(new nn.Linear(20, 30))).toBe(fixture.modules.Linear);
  });
});

test("a parameter prints as PyTorch's, but for the words of this language", () => {
  const parameter = new nn.Parameter(tensor([1, 2.5]));
  const expected = fixture.parameter.replace("requires_grad=True", "requiresGrad=true");
  expect([String(parameter), inspect(parameter)]).toEqual([expected, expected]);
});

test("floats print as Python's", () => {
  for (const [value, text] of fixture.floats)
    expect(pyFloat(Number(value === "inf" ? "Infinity" : value))).toBe(text);
});
