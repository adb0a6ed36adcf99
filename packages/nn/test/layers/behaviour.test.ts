// What layers do beside computing: statistics, shared vectors, gradients, modes.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { BatchNorm1d, BatchNorm2d, Embedding, Linear, Module, ReLU, Sequential } from "@tead/nn";
import { ones, randn, setDefaultDevice, type Tensor, tensor, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

describe("BatchNorm", () => {
  test("counts batches in training only, and forgets with resetRunningStats()", () => {
    const layer = new BatchNorm2d(3);
    layer.forward(randn([4, 3, 2, 2]));
    layer.eval().forward(randn([4, 3, 2, 2]));
    expect(layer.numBatchesTracked).toBe(1);
    expect(layer.runningMean?.tolistSync()).not.toEqual([0, 0, 0]);
    layer.resetRunningStats();
    expect([
      layer.numBatchesTracked,
      layer.runningMean?.tolistSync(),
      layer.runningVar?.tolistSync(),
    ]).toEqual([0, [0, 0, 0], [1, 1, 1]]);
  });

  test("with momentum null averages over all batches", () => {
    const layer = new BatchNorm1d(1, { momentum: null });
    for (const value of [1, 2, 6])
      layer.forward(tensor([[value], [value + 2]], { dtype: "float32" }));
    expect(layer.runningMean?.itemSync()).toBeCloseTo(4, 6);
  });

  test("counters travel with the state dict", () => {
    const [one, other] = [new BatchNorm1d(2), new BatchNorm1d(2)];
    one.forward(randn([3, 2]));
    one.forward(randn([3, 2]));
    other.loadStateDict(one.stateDict());
    expect(other.numBatchesTracked).toBe(2);
    const { num_batches_tracked: _, ...old } = one.stateDict();
    other.loadStateDict(old);
    expect(other.numBatchesTracked).toBe(0);
  });
});

describe("Embedding", () => {
  test("fromPretrained() shares the vectors and freezes them unless told otherwise", () => {
    const vectors = tensor(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { dtype: "float32" },
    );
    const layer = Embedding.fromPretrained(vectors, { paddingIdx: 0 });
    expect(layer.forward(tensor([2, 0])).tolistSync()).toEqual([
      [5, 6],
      [1, 2],
    ]);
    expect([layer.weight.requiresGrad, String(layer)]).toEqual([
      false,
      "Embedding(3, 2, padding_idx=0)",
    ]);
    vectors.fill_(9);
    expect(layer.weight.tolistSync()).toEqual([
      [9, 9],
      [9, 9],
      [9, 9],
    ]);
    expect(Embedding.fromPretrained(vectors, { freeze: false }).weight.requiresGrad).toBe(true);
  });
});

describe("a module with autograd", () => {
  test("zeroGrad() drops gradients, or writes 0 with setToNone: false", () => {
    const layer = new Linear(2, 1);
    layer
      .forward(ones([3, 2]))
      .sum()
      .backward();
    expect(layer.bias?.grad?.tolistSync()).toEqual([3]);
    layer.zeroGrad({ setToNone: false });
    expect(layer.bias?.grad?.tolistSync()).toEqual([0]);
    layer.zeroGrad();
    expect(layer.bias?.grad).toBeUndefined();
  });

  test("to(dtype) converts the gradients too, and training goes on", () => {
    const layer = new Linear(2, 1);
    layer
      .forward(ones([3, 2]))
      .sum()
      .backward();
    layer.to("float64");
    expect([layer.weight.grad?.dtype, layer.weight.grad?.tolistSync()]).toEqual([
      "float64",
      [[3, 3]],
    ]);
    layer
      .forward(ones([1, 2], { dtype: "float64" }))
      .sum()
      .backward();
    expect(layer.weight.grad?.tolistSync()).toEqual([[4, 4]]);
  });

  test("moveTo() of the same device leaves everything as it is", async () => {
    const layer = new Linear(2, 1);
    const { weight } = layer;
    const { storage } = weight;
    expect((await layer.moveTo(cpu())).weight).toBe(weight);
    expect(weight.storage).toBe(storage);
  });

  test("requiresGrad_(false) freezes", () => {
    const model = new Sequential(new Linear(2, 2).requiresGrad_(false), new Linear(2, 1));
    model
      .forward(ones([1, 2]))
      .sum()
      .backward();
    expect(model.parameters().map((p) => p.grad !== undefined)).toEqual([false, false, true, true]);
  });

  test("ReLU({ inplace: true }) writes over its input", () => {
    const x = tensor([-1, 2], { dtype: "float32" });
    expect(new ReLU({ inplace: true }).forward(x)).toBe(x);
    expect(x.tolistSync()).toEqual([0, 2]);
  });
});

describe("backward hooks", () => {
  class Weighted extends Module<[a: Tensor, b: Tensor]> {
    override forward(a: Tensor, b: Tensor): Tensor {
      return a.mul(2).add(b.mul(3));
    }
  }

  test("see the module's own gradients, whatever else the tensors are used for", () => {
    const module = new Weighted();
    const seen: unknown[] = [];
    const handle = module.registerFullBackwardHook((m, gradInputs, gradOutputs) => {
      seen.push(
        m === module,
        gradInputs.map((g) => g?.itemSync()),
        gradOutputs.map((g) => g?.itemSync()),
      );
      return undefined;
    });
    const a = ones([], { requiresGrad: true });
    module.forward(a, a).mul(10).add(a.mul(100)).backward();
    expect(seen).toEqual([true, [20, 30], [10]]);
    expect(a.grad?.itemSync()).toBe(150);
    handle.remove();
    module.forward(a, a).backward();
    expect(seen).toHaveLength(3);
  });

  test("may replace the gradient of the input", () => {
    const layer = new ReLU();
    layer.registerFullBackwardHook((_, [grad]) => [grad?.mul(7)]);
    const x = ones([2], { requiresGrad: true });
    layer.forward(x).sum().backward();
    expect(x.grad?.tolistSync()).toEqual([7, 7]);
  });

  test("run for the outputs alone where no input asks for a gradient", () => {
    const layer = new Linear(2, 1);
    const seen: unknown[] = [];
    layer.registerFullBackwardHook((_, gradInputs, gradOutputs) => {
      seen.push(
        gradInputs,
        gradOutputs.map((g) => g?.tolistSync()),
      );
      return undefined;
    });
    layer
      .forward(zeros([1, 2]))
      .sum()
      .backward();
    expect(seen).toEqual([[undefined], [[[1]]]]);
  });
});
