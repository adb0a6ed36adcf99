// Training inside scopes: what a step keeps is spared, the rest goes.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { BatchNorm1d, CrossEntropyLoss, Linear, ReLU, Sequential } from "@tead/nn";
import { Adam, type Optimizer, RMSprop, SGD } from "@tead/optim";
import { manualSeed, randn, scope, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { expect, test } from "vitest";

setDefaultDevice(cpu());

const optimizers: [string, (params: Tensor[]) => Optimizer][] = [
  ["SGD", (params) => new SGD(params, { lr: 0.1, momentum: 0.9 })],
  ["Adam", (params) => new Adam(params, { amsgrad: true })],
  ["RMSprop", (params) => new RMSprop(params, { centered: true, momentum: 0.9 })],
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
