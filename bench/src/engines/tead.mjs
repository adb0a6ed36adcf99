// Tead on its CPU backend, one thread.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import * as models from "@tead/models";
import { CrossEntropyLoss, Linear, ReLU, Sequential } from "@tead/nn";
import { Adam, SGD } from "@tead/optim";
import { manualSeed, ones, rand, randint, randn, scope, setDefaultDevice } from "@tead/tensor";
import { measure } from "../measure.mjs";

setDefaultDevice(cpu());
manualSeed(0);

function training(model, optimizer, input, classes) {
  const criterion = new CrossEntropyLoss();
  const targets = randint(0, classes, [input.size(0)]);
  const work = () =>
    scope(() => {
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(input), targets);
      loss.backward();
      optimizer.step();
      return loss.itemSync();
    });
  return { work };
}

await measure({
  "matmul 512": () => {
    const [a, b] = [randn([512, 512]), randn([512, 512])];
    return { work: () => scope(() => void a.matmul(b)) };
  },
  "matmul 1024": () => {
    const [a, b] = [randn([1024, 1024]), randn([1024, 1024])];
    return { work: () => scope(() => void a.matmul(b)) };
  },
  "op on 4 elements, grad recorded": () => {
    const x = ones([4], { requiresGrad: true });
    const y = ones([4]);
    const work = () => {
      for (let i = 0; i < 1000; i++) x.add(y);
    };
    return { work, inner: 1000 };
  },
  "relu of 1M": () => {
    const x = randn([1 << 20]);
    return { work: () => scope(() => void x.relu()) };
  },
  "exp of 1M": () => {
    const x = randn([1 << 20]);
    return { work: () => scope(() => void x.exp()) };
  },
  "add of 1M": () => {
    const [x, y] = [randn([1 << 20]), randn([1 << 20])];
    return { work: () => scope(() => void x.add(y)) };
  },
  "MLP 784-128-10 step, Adam": () => {
    const model = new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10));
    return training(model, new Adam(model.parameters()), rand([64, 784]), 10);
  },
  "tutorial CNN step, SGD": () => {
    const model = new models.TutorialCnn();
    return training(model, new SGD(model.parameters(), { lr: 0.01 }), rand([64, 3, 32, 32]), 10);
  },
  "resnet18 step, batch 8, SGD": () => {
    const model = models.resnet18();
    return training(model, new SGD(model.parameters(), { lr: 0.01 }), rand([8, 3, 224, 224]), 1000);
  },
});
