// What optimizers refuse, groups, closures and printing.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  AdamW,
  ASGD,
  LBFGS,
  Muon,
  NAdam,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
  SparseAdam,
} from "@tead/optim";
import { isGradEnabled, noGrad, ones, setDefaultDevice, Tensor, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

const parameter = (): Tensor => ones([2], { requiresGrad: true });

describe("an optimizer", () => {
  test("refuses hyperparameters out of range", () => {
    const params = [parameter()];
    expect(() => new SGD(params, { lr: -1 })).toThrow(
      "SGD: Option lr is not valid: expected a number of at least 0, received -1",
    );
    expect(() => new SGD(params, {} as { lr: number })).toThrow("received undefined");
    expect(() => new SGD(params, { lr: 1, momentum: -0.1 })).toThrow("SGD: Option momentum");
    expect(() => new SGD(params, { lr: 1, weightDecay: Number.NaN })).toThrow(
      "SGD: Option weightDecay is not valid: expected a number of at least 0, received NaN",
    );
    expect(() => new SGD(params, { lr: 1, nesterov: true })).toThrow(
      "SGD: Option nesterov is not valid: expected momentum above 0 and no dampening with it, " +
        "received momentum 0 and dampening 0",
    );
    expect(() => new Adam(params, { betas: [0.9, 1] })).toThrow(
      "Adam: Option betas is not valid: expected two numbers from 0 to below 1, received [0.9, 1]",
    );
    expect(() => new AdamW(params, { eps: -1 })).toThrow("AdamW: Option eps is not valid");
    expect(() => new RMSprop(params, { alpha: -1 })).toThrow("RMSprop: Option alpha is not valid");
    expect(() => new Adagrad(params, { lrDecay: -1 })).toThrow(
      "Adagrad: Option lrDecay is not valid",
    );
    expect(() => new SGD([{ params, lr: -3 }], { lr: 1 })).toThrow("SGD: Option lr is not valid");
  });

  test("names the option that is out of range, and what it expected", () => {
    const params = [parameter()];
    const refusals: [make: () => unknown, message: string][] = [
      [() => new NAdam(params, { momentumDecay: -1 }), "NAdam: Option momentumDecay is not valid"],
      [
        () => new RAdam(params, { betas: [1, 0.9] }),
        "RAdam: Option betas is not valid: expected two",
      ],
      [() => new Adadelta(params, { rho: 2 }), "rho is not valid: expected a number from 0 to 1"],
      [
        () => new Rprop(params, { etas: [1.2, 0.5] }),
        "expected a number from 0 to 1 and one above 1",
      ],
      [() => new Rprop(params, { stepSizes: [2, 1] }), "expected the shortest, then the longest"],
      [() => new ASGD(params, { lr: -1 }), "ASGD: Option lr is not valid"],
      [
        () => new Adafactor(params, { beta2Decay: 1 }),
        "beta2Decay is not valid: expected a number of",
      ],
      [
        () => new Adafactor(params, { eps: [null, -1] }),
        "eps is not valid: expected two numbers of",
      ],
      [() => new Adafactor(params, { d: 0.5 }), "d is not valid: expected a number of at least 1"],
      [
        () => new SparseAdam(params, { lr: 0 }),
        "SparseAdam: Option lr is not valid: expected a number",
      ],
      [
        () => new Muon(params, { nsSteps: 100 }),
        "nsSteps is not valid: expected an integer from 0",
      ],
      [() => new Muon(params, { nsCoefficients: [1, 2] as never }), "expected three numbers"],
      [() => new Muon(params, { adjustLrFn: "x" as never }), "expected original or matchRmsAdamw"],
      [
        () => new LBFGS(params, { maxIter: 0 }),
        "maxIter is not valid: expected an integer of at least",
      ],
      [() => new LBFGS(params, { lineSearchFn: "x" as never }), "expected strongWolfe or null"],
    ];
    for (const [make, message] of refusals) expect(make).toThrow(message);
  });

  test("refuses an unknown option of a group, by its name", () => {
    const group = { params: parameter(), weight_decay: 0.1 } as { params: Tensor };
    expect(() => new SGD([group], { lr: 1 })).toThrow(
      "SGD: Option weight_decay of a group is not known: expected lr, momentum, dampening, " +
        "weightDecay, nesterov, maximize",
    );
  });

  test("refuses parameters that its rule is not made for", () => {
    expect(() => new Muon([parameter()])).toThrow(
      "Muon: Cannot optimize a parameter of 1 dims: expected a matrix\n" +
        "Hint: give biases, embeddings and convolutions to AdamW",
    );
    expect(() => new LBFGS([{ params: parameter() }, { params: parameter() }])).toThrow(
      "LBFGS: Cannot take another group of parameters: expected one",
    );
  });

  test("SparseAdam keeps the averages of rows that no example touched", () => {
    const table = ones([3, 2], { requiresGrad: true });
    const optimizer = new SparseAdam([table], { lr: 0.1 });
    const step = (row: number): void => {
      optimizer.zeroGrad();
      table.select(0, row).sum().backward();
      optimizer.step();
    };
    step(0);
    const average = optimizer.state.get(table)?.expAvg as Tensor;
    const [before, values] = [average.tolistSync(), table.select(0, 0).tolistSync()];
    step(2);
    expect(average.select(0, 0).tolistSync()).toEqual((before as number[][])[0]);
    expect(table.select(0, 0).tolistSync()).toEqual(values);
    expect(table.select(0, 1).tolistSync()).toEqual([1, 1]);
  });

  test("refuses no parameters, others than tensors, results of ops, and parameters in two places", () => {
    const p = parameter();
    expect(() => new SGD([], { lr: 1 })).toThrow("SGD: No parameters: expected at least one");
    expect(() => new SGD([{ params: [7 as unknown as Tensor] }], { lr: 1 })).toThrow(
      "SGD: Cannot optimize this: expected a tensor, received number",
    );
    expect(() => new SGD([p.mul(2)], { lr: 1 })).toThrow(
      "SGD: Cannot optimize a tensor that an op made: expected a leaf",
    );
    expect(() => new SGD([p, p], { lr: 1 })).toThrow("SGD: A parameter is in two places");
    const optimizer = new SGD([p], { lr: 1 });
    expect(() => optimizer.addParamGroup({ params: p })).toThrow(
      "SGD: A parameter is in two places",
    );
  });

  test("leaves parameters without a gradient as they are, and makes no state for them", () => {
    const [a, b] = [parameter(), parameter()];
    const optimizer = new Adam([a, b]);
    a.sum().backward();
    optimizer.step();
    expect(b.tolistSync()).toEqual([1, 1]);
    expect([...(optimizer.stateDict().state as ReadonlyMap<number, object>).keys()]).toEqual([0]);
  });

  test("zeroGrad() drops gradients, or writes 0 with setToNone: false", () => {
    const p = parameter();
    const optimizer = new SGD([p], { lr: 1 });
    p.sum().backward();
    optimizer.zeroGrad({ setToNone: false });
    expect(p.grad?.tolistSync()).toEqual([0, 0]);
    optimizer.zeroGrad();
    expect(p.grad).toBeUndefined();
  });

  test("step(closure) computes the loss with recording on, even inside noGrad, and gives it back", () => {
    const p = parameter();
    const optimizer = new SGD([p], { lr: 0.5 });
    const loss = noGrad(() =>
      optimizer.step(() => {
        expect(isGradEnabled()).toBe(true);
        const value = p.square().sum();
        value.backward();
        return value;
      }),
    );
    expect([loss.itemSync(), p.tolistSync()]).toEqual([2, [0, 0]]);
    expect(isGradEnabled()).toBe(true);
  });

  test("a group keeps its own hyperparameters, which may be changed between steps", () => {
    const [a, b] = [parameter(), parameter()];
    const optimizer = new SGD([{ params: a }], { lr: 1 });
    optimizer.addParamGroup({ params: [b], lr: 0.25, momentum: undefined });
    const step = (): void => {
      optimizer.zeroGrad();
      a.add(b).sum().backward();
      optimizer.step();
    };
    step();
    expect([a.tolistSync(), b.tolistSync()]).toEqual([
      [0, 0],
      [0.75, 0.75],
    ]);
    for (const group of optimizer.paramGroups) group.lr = 0.5;
    step();
    expect([a.tolistSync(), b.tolistSync()]).toEqual([
      [-0.5, -0.5],
      [0.25, 0.25],
    ]);
  });

  test("state is spared by scopes and records nothing", () => {
    const p = parameter();
    const optimizer = new Adam([p], { amsgrad: true });
    p.sum().backward();
    optimizer.step();
    const state = Object.values(optimizer.state.get(p) ?? {}).filter((v) => v instanceof Tensor);
    expect(state).toHaveLength(3);
    expect(state.every((t) => t.storage.kept && !t.requiresGrad)).toBe(true);
  });

  test("loadStateDict() refuses groups of other sizes", () => {
    const saved = new SGD([parameter(), parameter()], { lr: 1 }).stateDict();
    expect(() =>
      new SGD([zeros([1], { requiresGrad: true })], { lr: 1 }).loadStateDict(saved),
    ).toThrow("SGD: Cannot load the state dict: expected groups of [1] parameters, received [2]");
  });

  test("prints as PyTorch's", () => {
    expect(String(new SGD([parameter()], { lr: 0.1 }))).toBe(
      "SGD (\nParameter Group 0\n    dampening: 0\n    lr: 0.1\n    maximize: False\n    momentum: 0\n" +
        "    nesterov: False\n    weight_decay: 0\n)",
    );
    expect(String(new Adam([parameter()]))).toContain("    betas: (0.9, 0.999)\n");
  });
});
