// Lazy layers take their sizes from the first input and become the plain ones.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { manualSeed, ones, rand, setDefaultDevice, type Tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

interface Pair {
  readonly lazy: () => nn.Layer;
  readonly plain: () => nn.Layer;
  readonly input: () => Tensor;
}
const options = { groups: 2, bias: false, stride: 2 } as const;
const pairs: Record<string, Pair> = {
  LazyLinear: {
    lazy: () => new nn.LazyLinear(3),
    plain: () => new nn.Linear(5, 3),
    input: () => ones([2, 5]),
  },
  LazyConv1d: {
    lazy: () => new nn.LazyConv1d(4, 3, options),
    plain: () => new nn.Conv1d(2, 4, 3, options),
    input: () => ones([2, 7]),
  },
  LazyConv2d: {
    lazy: () => new nn.LazyConv2d(4, [3, 2]),
    plain: () => new nn.Conv2d(3, 4, [3, 2]),
    input: () => ones([1, 3, 5, 5]),
  },
  LazyConv3d: {
    lazy: () => new nn.LazyConv3d(2, 2),
    plain: () => new nn.Conv3d(3, 2, 2),
    input: () => ones([1, 3, 2, 3, 4]),
  },
  LazyConvTranspose1d: {
    lazy: () => new nn.LazyConvTranspose1d(4, 3, options),
    plain: () => new nn.ConvTranspose1d(2, 4, 3, options),
    input: () => ones([1, 2, 7]),
  },
  LazyConvTranspose2d: {
    lazy: () => new nn.LazyConvTranspose2d(2, 3),
    plain: () => new nn.ConvTranspose2d(3, 2, 3),
    input: () => ones([3, 2, 2]),
  },
  LazyConvTranspose3d: {
    lazy: () => new nn.LazyConvTranspose3d(2, 2),
    plain: () => new nn.ConvTranspose3d(3, 2, 2),
    input: () => ones([1, 3, 2, 3, 4]),
  },
  LazyBatchNorm1d: {
    lazy: () => new nn.LazyBatchNorm1d(),
    plain: () => new nn.BatchNorm1d(3),
    input: () => ones([4, 3]),
  },
  LazyBatchNorm2d: {
    lazy: () => new nn.LazyBatchNorm2d({ affine: false }),
    plain: () => new nn.BatchNorm2d(3, { affine: false }),
    input: () => ones([4, 3, 2, 2]),
  },
  LazyBatchNorm3d: {
    lazy: () => new nn.LazyBatchNorm3d({ trackRunningStats: false }),
    plain: () => new nn.BatchNorm3d(3, { trackRunningStats: false }),
    input: () => ones([1, 3, 2, 2, 2]),
  },
  LazyInstanceNorm1d: {
    lazy: () => new nn.LazyInstanceNorm1d({ trackRunningStats: false }),
    plain: () => new nn.InstanceNorm1d(3, { affine: true }),
    input: () => ones([3, 4]),
  },
  LazyInstanceNorm2d: {
    lazy: () => new nn.LazyInstanceNorm2d(),
    plain: () => new nn.InstanceNorm2d(3, { affine: true, trackRunningStats: true }),
    input: () => ones([1, 3, 2, 2]),
  },
  LazyInstanceNorm3d: {
    lazy: () => new nn.LazyInstanceNorm3d({ affine: false }),
    plain: () => new nn.InstanceNorm3d(3, { trackRunningStats: true }),
    input: () => ones([1, 3, 2, 2, 2]),
  },
};

const values = (module: nn.AnyModule): unknown[] =>
  Object.entries(module.stateDict()).map(([key, t]) => [key, t.tolistSync()]);

describe("a lazy layer", () => {
  test("is compared for every class", () => {
    expect(Object.keys(pairs).sort()).toEqual(
      Object.keys(nn)
        .filter((name) => name.startsWith("Lazy"))
        .sort(),
    );
  });

  test.each(Object.entries(pairs))("%s draws and computes as the plain layer", (name, pair) => {
    manualSeed(3);
    const lazy = pair.lazy();
    expect(String(lazy)).toMatch(new RegExp(`^${name}\\(`));
    const output = lazy.forward(pair.input());
    const after = rand([1]).itemSync();
    manualSeed(3);
    const plain = pair.plain();
    expect(output.tolistSync()).toEqual(plain.forward(pair.input()).tolistSync());
    expect(after).toBe(rand([1]).itemSync());
    expect([String(lazy), values(lazy)]).toEqual([String(plain), values(plain)]);
    expect(lazy.constructor).toBe(plain.constructor);
  });

  test("keeps its parameters, so that an optimizer may have them first", () => {
    const layer = new nn.LazyLinear(2);
    const before = layer.parameters();
    layer
      .forward(ones([1, 3]))
      .sum()
      .backward();
    expect(layer.parameters()).toEqual(before);
    expect(layer.parameters().every((p, i) => p === before[i])).toBe(true);
    expect(before.map((p) => p.grad?.shape)).toEqual([[2, 3], [2]]);
  });

  test("takes the shapes of the state dict that it loads", () => {
    const layer = new nn.LazyLinear(2);
    const source = new nn.Linear(3, 2);
    layer.loadStateDict(source.stateDict());
    expect(layer.forward(ones([1, 3])).tolistSync()).toEqual(
      source.forward(ones([1, 3])).tolistSync(),
    );
    expect(String(layer)).toBe(String(source));
  });

  test("hooks run once on the first forward", () => {
    const layer = new nn.LazyLinear(2);
    let calls = 0;
    layer.registerForwardHook(() => {
      calls++;
      return undefined;
    });
    layer.forward(ones([1, 3]));
    layer.forward(ones([1, 3]));
    expect(calls).toBe(2);
  });

  test("moves and is copied before it has a shape", () => {
    const layer = new nn.LazyLinear(2).to("float64");
    const copy = layer.deepCopy();
    expect(copy.forward(ones([1, 3], { dtype: "float64" })).dtype).toBe("float64");
    expect(String(layer.weight)).toBe("<UninitializedParameter>");
  });

  test("refuses to be saved, and inputs that do not fit", () => {
    expect(() => new nn.LazyLinear(2).stateDict()).toThrow(
      'stateDict: Cannot save "weight": expected a parameter with a shape, ' +
        "received <UninitializedParameter>\nHint: call forward once with an input",
    );
    expect(() => new nn.LazyBatchNorm1d({ affine: false }).stateDict()).toThrow(
      "received <UninitializedBuffer>",
    );
    expect(() => new nn.LazyConv2d(2, 2).forward(ones([2, 2]))).toThrow(
      "LazyConv2d: Input has the wrong rank: expected 3 or 4 dims, received 2",
    );
    expect(() => new nn.LazyConv1d(2, 1, { groups: 2 }).forward(ones([3, 2]))).toThrow(
      "LazyConv1d: Channels do not divide: expected a multiple of 2 groups, received 3",
    );
    expect(() => new nn.LazyBatchNorm1d().forward(ones([2]))).toThrow(
      "LazyBatchNorm1d: Input has the wrong rank: expected at least 2 dims, received 1",
    );
  });
});
