// Tead on its CPU backend. Steps run in a scope, which recycles buffers.
import { grad } from "@tead/autograd";
import { cpu, setNumThreads } from "@tead/backend-cpu";
import * as models from "@tead/models";
import * as nn from "@tead/nn";
import { Adam, SGD } from "@tead/optim";
import * as tead from "@tead/tensor";
import { measure, threads } from "../measure.mjs";

const { noGrad, ones, rand, randint, randn, scope, setDefaultDevice } = tead;
setDefaultDevice(cpu());
setNumThreads(threads);
tead.manualSeed(0);

/** Runs `fn` on random tensors of the shapes. */
const op =
  (fn, ...shapes) =>
  () => {
    const tensors = shapes.map((shape) => randn(shape));
    return { work: () => scope(() => void fn(...tensors)) };
  };

/** The gradients of `fn` for random tensors of the shapes, from a random gradient of its output. */
const gradients =
  (fn, ...shapes) =>
  () => {
    const inputs = shapes.map((shape) => randn(shape, { requiresGrad: true }));
    const gradOutputs = tead.randnLike(fn(...inputs).detach());
    return { work: () => scope(() => void grad(fn(...inputs), inputs, { gradOutputs })) };
  };

function training(model, optimizer, input, targets, criterion = new nn.CrossEntropyLoss()) {
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

const conv = (x, weight) => tead.conv2d(x, weight, undefined, { padding: 1 });
const million = [1 << 20];

class Classifier extends nn.Module {
  encoder = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(128, 4, { dimFeedforward: 256, batchFirst: true }),
    2,
  );
  head = new nn.Linear(128, 10);

  forward(x) {
    return this.head.forward(this.encoder.forward(x).mean(1));
  }
}

await measure({
  "matmul 512": op((a, b) => a.matmul(b), [512, 512], [512, 512]),
  "matmul 1023": op((a, b) => a.matmul(b), [1023, 1023], [1023, 1023]),
  "matmul 1024": op((a, b) => a.matmul(b), [1024, 1024], [1024, 1024]),
  "conv 3x3, 8x64x56x56 -> 64": op(conv, [8, 64, 56, 56], [64, 64, 3, 3]),
  "the same, forward + backward": gradients(conv, [8, 64, 56, 56], [64, 64, 3, 3]),
  "relu of 1M": op((x) => x.relu(), million),
  "exp of 1M": op((x) => x.exp(), million),
  "add of 1M": op((x, y) => x.add(y), million, million),
  "sum of 1M": op((x) => x.sum(), million),
  "softmax 1024x1024": op((x) => x.softmax(1), [1024, 1024]),
  "layer norm 1024x512, forward + backward": gradients(
    (x, weight, bias) => tead.layerNorm(x, [512], { weight, bias }),
    ...[[1024, 512], [512], [512]],
  ),
  "cross entropy 256x1000, forward + backward": () => {
    const x = randn([256, 1000], { requiresGrad: true });
    const targets = randint(0, 1000, [256]);
    return { work: () => scope(() => void grad(tead.crossEntropy(x, targets), [x])) };
  },
  "embedding 10,000x128, 4,096 indices, forward + backward": () => {
    const indices = randint(0, 10_000, [4096]);
    return gradients((weight) => tead.embedding(indices, weight), [10_000, 128])();
  },
  "op on 4 elements, grad recorded": () => {
    const [x, y] = [ones([4], { requiresGrad: true }), ones([4])];
    const work = () => {
      for (let i = 0; i < 10_000; i++) x.add(y);
    };
    return { work, inner: 10_000 };
  },
  "tiny network 2-16-1 step, SGD": () => {
    const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const [x, y, criterion] = [rand([4, 2]), rand([4, 1]), new nn.MSELoss()];
    const step = () => {
      optimizer.zeroGrad();
      criterion.forward(model.forward(x), y).backward();
      optimizer.step();
    };
    const work = () => {
      for (let i = 0; i < 500; i++) step();
    };
    return { work, inner: 500 };
  },
  "MLP 784-128-10 step, Adam": () => {
    const model = new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));
    return training(model, new Adam(model.parameters()), rand([64, 784]), randint(0, 10, [64]));
  },
  "tutorial CNN step, SGD": () => {
    const model = new models.TutorialCnn();
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    return training(model, optimizer, rand([64, 3, 32, 32]), randint(0, 10, [64]));
  },
  "LSTM 2x128, T=50, batch 16, forward + backward": () => {
    const model = new nn.LSTM(64, 128, { numLayers: 2 });
    const x = randn([50, 16, 64]);
    const work = () =>
      scope(() => {
        model.zeroGrad();
        model.forward(x)[0].sum().backward();
      });
    return { work };
  },
  "transformer 2x128 step, Adam": () => {
    const model = new Classifier();
    const optimizer = new Adam(model.parameters());
    return training(model, optimizer, randn([16, 64, 128]), randint(0, 10, [16]));
  },
  "resnet18 step, batch 8, SGD": () => {
    const model = models.resnet18();
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    return training(model, optimizer, rand([8, 3, 224, 224]), randint(0, 1000, [8]));
  },
  "resnet18 inference, batch 1": () => {
    const model = models.resnet18().eval();
    const x = rand([1, 3, 224, 224]);
    return { work: () => noGrad(() => scope(() => void model.forward(x))) };
  },
});
