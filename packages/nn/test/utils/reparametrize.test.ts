// Normalized, fused and pruned weights: PyTorch's values, before and after two steps of training.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { manualSeed, noGrad, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());
const { utils } = nn;

type State = [key: string, values: number[]][];
interface Trained {
  readonly outputs: number[][];
  readonly state: State;
}
const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/reparametrize.json", import.meta.url), "utf8"),
) as Record<"weightNorm" | "weightNormDim" | "weightNormAll", Trained> &
  Record<"spectralNorm" | "spectralNormTransposed", Trained> &
  Record<"fused" | "fusedTransposed", number[]> & {
    pruned: { output: number[]; state: State };
  };

const dtype = "float64";
const ramp = (...shape: number[]): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Array.from({ length: count }, (_, i) => Math.sin(i)),
    { shape, dtype },
  );
};
const flat = (t: Tensor): number[] => Array.from(t.detach().dataSync(), Number);

function expectClose(actual: readonly number[], wanted: readonly number[]): void {
  expect(actual).toHaveLength(wanted.length);
  actual.forEach((x, i) => {
    expect(x).toBeCloseTo(wanted[i] as number, 10);
  });
}
function expectState(module: nn.AnyModule, wanted: State): void {
  const state = Object.entries(module.stateDict());
  expect(state.map(([key]) => key)).toEqual(wanted.map(([key]) => key));
  state.forEach(([, t], i) => {
    expectClose(flat(t), wanted[i]?.[1] as number[]);
  });
}

function train(module: nn.Layer, x: Tensor, { outputs, state }: Trained): void {
  for (const wanted of outputs.slice(0, -1)) {
    module.zeroGrad();
    const y = module.forward(x);
    expectClose(flat(y), wanted);
    y.mul(ramp(...y.shape))
      .sum()
      .backward();
    noGrad(() => {
      for (const p of module.parameters()) p.sub_((p.grad as Tensor).mul(0.1));
    });
  }
  module.eval();
  expectClose(flat(module.forward(x)), outputs.at(-1) as number[]);
  expectState(module, state);
}

const cases: Record<string, [() => nn.Layer, Tensor, Trained, (m: nn.Layer) => nn.Layer]> = {
  "weightNorm() of a linear layer": [
    () => utils.weightNorm(new nn.Linear(4, 3, { dtype })),
    ramp(2, 4),
    fixture.weightNorm,
    utils.removeWeightNorm,
  ],
  "weightNorm() along another dim": [
    () => utils.weightNorm(new nn.Conv1d(2, 3, 2, { dtype }), { dim: 1 }),
    ramp(1, 2, 5),
    fixture.weightNormDim,
    utils.removeWeightNorm,
  ],
  "weightNorm() with one length": [
    () => utils.weightNorm(new nn.Linear(4, 3, { bias: false, dtype }), { dim: undefined }),
    ramp(2, 4),
    fixture.weightNormAll,
    utils.removeWeightNorm,
  ],
  "spectralNorm() of a linear layer": [
    () => utils.spectralNorm(new nn.Linear(4, 3, { dtype })),
    ramp(2, 4),
    fixture.spectralNorm,
    utils.removeSpectralNorm,
  ],
  "spectralNorm() of a transposed convolution": [
    () => utils.spectralNorm(new nn.ConvTranspose1d(2, 3, 2, { dtype }), { nPowerIterations: 3 }),
    ramp(1, 2, 5),
    fixture.spectralNormTransposed,
    utils.removeSpectralNorm,
  ],
};

describe.each(Object.entries(cases))("%s", (_, [build, x, wanted, remove]) => {
  const seeded = (): nn.Layer => {
    manualSeed(0);
    return build();
  };
  test("trains as PyTorch's", () => {
    train(seeded(), x, wanted);
  });
  test("trains on a copy", () => {
    train(seeded().deepCopy(), x, wanted);
  });
  test("is undone with the same outputs, on a copy as well", () => {
    for (const module of [seeded().eval(), seeded().eval().deepCopy()]) {
      const before = flat(module.forward(x));
      remove(module);
      expectClose(flat(module.forward(x)), before);
      expect(module.namedParameters().map(([key]) => key)).toContain("weight");
      expect(Object.keys(module.stateDict()).filter((key) => key.includes("_"))).toEqual([]);
    }
  });
});

describe("fuseConvBnEval()", () => {
  test("gives one convolution with the outputs of both", () => {
    manualSeed(0);
    const x = ramp(2, 2, 4, 4);
    const conv = new nn.Conv2d(2, 4, 2, { groups: 2, dtype });
    const bn = new nn.BatchNorm2d(4, { dtype });
    for (const input of [x, x.mul(2)]) bn.forward(conv.forward(input));
    expectClose(flat(utils.fuseConvBnEval(conv.eval(), bn.eval()).forward(x)), fixture.fused);
  });
  test("fuses transposed convolutions of groups", () => {
    manualSeed(0);
    const x = ramp(2, 4, 3, 3);
    const conv = new nn.ConvTranspose2d(4, 6, 2, { groups: 2, bias: false, dtype });
    const bn = new nn.BatchNorm2d(6, { affine: false, dtype });
    for (const input of [x, x.mul(2)]) bn.forward(conv.forward(input));
    const fused = utils.fuseConvBnEval(conv.eval(), bn.eval());
    expectClose(flat(fused.forward(x)), fixture.fusedTransposed);
  });
  test("refuses layers in training", () => {
    expect(() => utils.fuseConvBnEval(new nn.Conv1d(1, 1, 1), new nn.BatchNorm1d(1))).toThrow(
      "fuseConvBnEval: Cannot fuse: expected both layers in evaluation mode and running statistics, " +
        "received training mode\nHint: call eval() on the model first",
    );
  });
});

describe("prune", () => {
  const { prune } = utils;
  const built = (): nn.Linear => {
    manualSeed(0);
    const layer = new nn.Linear(6, 5, { dtype });
    prune.l1Unstructured(layer, "weight", 0.4);
    prune.l1Unstructured(layer, "weight", 0.5);
    return prune.l1Unstructured(layer, "bias", 2);
  };
  test("l1Unstructured() masks PyTorch's elements, again and again", () => {
    const layer = built();
    expectClose(flat(layer.forward(ramp(2, 6))), fixture.pruned.output);
    expectState(layer, fixture.pruned.state);
    expect([prune.isPruned(layer), prune.isPruned(new nn.Linear(1, 1))]).toEqual([true, false]);
  });
  test("pruned elements stay 0 while the others are trained", () => {
    const layer = built();
    layer.forward(ramp(2, 6)).sum().backward();
    const orig = layer.getParameter("weight_orig");
    const mask = layer.getBuffer("weight_mask");
    expect((orig.grad as Tensor).mul(mask.rsub(1)).abs().sum().itemSync()).toBe(0);
  });
  test("remove() makes it permanent", () => {
    const layer = prune.remove(prune.remove(built(), "weight"), "bias");
    expect(Object.keys(layer.stateDict())).toEqual(["weight", "bias"]);
    expectClose(flat(layer.forward(ramp(2, 6))), fixture.pruned.output);
  });
  test("refuses amounts and fields that do not fit", () => {
    expect(() => prune.l1Unstructured(new nn.Linear(2, 2), "weight", 5)).toThrow(
      "L1Unstructured: Argument amount is not valid: expected at most 4, received 5",
    );
    expect(() => prune.remove(new nn.Linear(2, 2), "weight")).toThrow(
      'remove: Cannot undo for Linear: expected a field "weightMask", received none',
    );
    expect(() => utils.weightNorm(new nn.ReLU())).toThrow(
      'weightNorm: Cannot change "weight" of ReLU: expected a parameter, received none',
    );
    expect(() => utils.weightNorm(utils.spectralNorm(new nn.Linear(2, 2)))).toThrow(
      "received a value that is computed already",
    );
  });
});
