// Training inside scopes: what a step keeps is spared, the rest goes.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { BatchNorm1d, CrossEntropyLoss, Linear, ReLU, Sequential } from "@tead/nn";
import {
  Adadelta,
  Adafactor,
  Adam,
  ASGD,
  LBFGS,
  NAdam,
  type Optimizer,
  RMSprop,
  Rprop,
  SGD,
  SparseAdam,
} from "@tead/optim";
import { manualSeed, randn, scope, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { expect, test } from "vitest";

setDefaultDevice(cpu());

const optimizers: [string, (params: Tensor[]) => Optimizer][] = [
  ["SGD", (params) => new SGD(params, { lr: 0.1, momentum: 0.9 })],
  ["Adam", (params) => new Adam(params, { amsgrad: true })],
  ["RMSprop", (params) => new RMSprop(params, { centered: true, momentum: 0.9 })],
  ["NAdam", (params) => new NAdam(params)],
  ["Adafactor", (params) => new Adafactor(params)],
  ["Adadelta", (params) => new Adadelta(params)],
  ["Rprop", (params) => new Rprop(params)],
  ["ASGD", (params) => new ASGD(params, { t0: 2 })],
  ["SparseAdam", (params) => new SparseAdam(params)],
];

function train(make: (params: Tensor[]) => Optimizer, run: <T>(fn: () => T) => T): number[] {
  manualSeed(0);
  const model = new Sequential(new Linear(4, 8), new BatchNorm1d(8), new ReLU(), new Linear(8, 3));
  const optimizer = make(model.parameters());
  const lossOf = new CrossEntropyLoss();
  const [x, y] = [randn([6, 4]), tensor([0, 1, 2, 0, 1, 2])];
  return Array.from({ length: 5 }, () =>
    run(() => {
      optimizer.zeroGrad();
      const loss = lossOf.forward(model.forward(x), y);
      loss.backward();
      optimizer.step();
      return Number(loss.itemSync());
    }),
  );
}

test.each(optimizers)("%s trains inside scopes as it does without", (_, make) => {
  expect(train(make, scope)).toEqual(train(make, (fn) => fn()));
});

test("LBFGS trains inside scopes as it does without", async () => {
  const run = async (within: <T>(fn: () => T) => T): Promise<unknown> => {
    const x = tensor([-1.5, 2], { dtype: "float64", requiresGrad: true });
    const optimizer = new LBFGS([x], { maxIter: 3, historySize: 3, lineSearchFn: "strongWolfe" });
    for (let step = 0; step < 4; step++)
      await within(() =>
        optimizer.step(() => {
          optimizer.zeroGrad();
          const loss = x.sub(1).square().square().sum();
          loss.backward();
          return loss;
        }),
      );
    return x.tolistSync();
  };
  expect(await run(scope)).toEqual(await run((fn) => fn()));
});
