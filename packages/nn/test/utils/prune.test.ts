// Pruning: PyTorch's masks, those by chance from the same seed.
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { type AnyModule, Conv2d, Linear, utils } from "@tead/nn";
import { manualSeed, rand, setDefaultDevice, type Tensor, tensor, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());
const { prune } = utils;

type Step = readonly [fn: string, ...args: (string | number)[]];
interface Run {
  readonly steps: readonly Step[];
  readonly state: Readonly<Record<"linear" | "conv", readonly (readonly [string, number[]])[]>>;
  readonly outputs: readonly [number[], number[]];
  readonly pruned: Readonly<Record<string, boolean>>;
  readonly after: number;
}
const { seed, runs } = JSON.parse(
  readFileSync(new URL("../fixtures/prune.json", import.meta.url), "utf8"),
) as { readonly seed: number; readonly runs: Readonly<Record<string, Run>> };

const dtype = "float64";
const ramp = (shape: readonly number[]): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: count }, (_, i) => Math.sin(i));
  return tensor(values, { shape, dtype });
};
const flat = (t: Tensor): number[] => Array.from(t.detach().dataSync(), Number);
function expectClose(actual: readonly number[], wanted: readonly number[]): void {
  expect(actual).toHaveLength(wanted.length);
  for (const [i, e] of wanted.entries()) expect(actual[i]).toBeCloseTo(e, 12);
}

class Layers {
  readonly linear = new Linear(6, 5, { dtype });
  readonly conv = new Conv2d(3, 4, 2, { dtype });

  apply([fn, ...args]: Step): void {
    if (fn === "global") {
      const Method = prune[args[0] as "L1Unstructured" | "RandomUnstructured"];
      const places = [this.linear, this.conv].map((layer) => [layer, "weight"] as const);
      prune.globalUnstructured(places, new Method(args[1] as number));
      return;
    }
    const [which, name] = args as ["linear" | "conv", "weight" | "bias"];
    const layer: Linear | Conv2d = this[which];
    const value = layer[name] as Tensor;
    const scored = args.at(-1) === "scores";
    const scores = ramp(value.shape).abs().flip([0]);
    const [amount = 0, second = 0, third = 0] = args.slice(2).map(Number);
    const options = scored ? { importanceScores: scores } : {};
    const mask = (): Tensor =>
      tensor(
        Array.from({ length: value.numel() }, (_, i) => Number(i % amount !== 0)),
        { shape: value.shape, dtype },
      );
    const calls: Record<string, () => AnyModule> = {
      random_unstructured: () => prune.randomUnstructured(layer, name, amount),
      l1_unstructured: () => prune.l1Unstructured(layer, name, amount, options),
      random_structured: () => prune.randomStructured(layer, name, amount, second),
      ln_structured: () => prune.lnStructured(layer, name, amount, order(args[3]), third, options),
      custom_from_mask: () => prune.customFromMask(layer, name, mask()),
      identity: () => prune.identity(layer, name),
    };
    calls[fn]?.();
  }
}
const order = (n: unknown): number => (n === "inf" ? Number.POSITIVE_INFINITY : Number(n));

describe("prune", () => {
  test.each(Object.entries(runs))("%s: PyTorch's masks and outputs", (_, run) => {
    manualSeed(seed);
    const layers = new Layers();
    for (const step of run.steps) layers.apply(step);
    for (const which of ["linear", "conv"] as const) {
      const state = Object.entries(layers[which].stateDict());
      expect(state.map(([key]) => key)).toEqual(run.state[which].map(([key]) => key));
      for (const [i, [, value]] of state.entries())
        expectClose(flat(value), run.state[which][i]?.[1] ?? []);
      expect(prune.isPruned(layers[which])).toBe(run.pruned[which]);
    }
    expectClose(flat(layers.linear.forward(ramp([2, 6]))), run.outputs[0]);
    expectClose(flat(layers.conv.forward(ramp([1, 3, 3, 3]))), run.outputs[1]);
    expect(rand([1], { dtype }).itemSync()).toBe(run.after);
  });

  test("a container gives its methods, and prunes by the last of them", () => {
    const [first, second] = [new prune.L1Unstructured(1), new prune.RandomStructured(1, 0)];
    const container = new prune.PruningContainer(first);
    container.addPruningMethod(second);
    expect([container.length, [...container]]).toEqual([2, [first, second]]);
    expect(container.at(-1)).toBe(second);
    const t = ramp([3, 2]);
    expect(flat(container.prune(t)).filter((x, i) => x !== flat(t)[i])).toHaveLength(2);
    const mask = t.onesLike();
    expect(new prune.PruningContainer().computeMask(t, mask)).toBe(mask);
  });

  test("a buffer that is called a mask is no pruning", () => {
    const layer = new Linear(2, 2);
    layer.registerBuffer("attentionMask", zeros([2]));
    expect(prune.isPruned(layer)).toBe(false);
  });

  test("refuses what it cannot prune by", () => {
    const layer = new Linear(4, 3);
    const refusals: [act: () => unknown, message: string][] = [
      [
        () => prune.randomUnstructured(layer, "weight", -1),
        "RandomUnstructured: Argument amount is not valid: expected a share from 0 to 1 or a number, received -1",
      ],
      [() => new prune.L1Unstructured(1.5), "L1Unstructured: Argument amount is not valid"],
      [() => prune.randomStructured(layer, "weight", 9, 0), "expected at most 3, received 9"],
      [
        () => prune.lnStructured(layer, "bias", 1, 2, 0),
        "LnStructured: Cannot prune slices of a tensor of 1 dims: expected at least 2",
      ],
      [
        () => prune.lnStructured(layer, "weight", 1, 2, 2),
        "LnStructured: Argument dim is not valid: expected a dim of 2, received 2",
      ],
      [
        () => prune.l1Unstructured(layer, "weight", 1, { importanceScores: zeros([3]) }),
        "prune: Importance scores do not fit: expected [3, 4], received [3]",
      ],
      [
        () => prune.globalUnstructured([[layer, "weight"]], new prune.LnStructured(1, 2)),
        "globalUnstructured: Cannot prune by LnStructured: expected an unstructured method, received a structured one",
      ],
      [
        () => prune.identity(layer, "weights"),
        'Identity: Cannot change "weights" of Linear: expected a parameter, received none',
      ],
    ];
    for (const [act, message] of refusals) expect(act).toThrow(message);
    expect(prune.isPruned(layer)).toBe(false);
  });
});
