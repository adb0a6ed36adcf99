// Small networks and their training steps, as users write them.
import {
  AvgPool2d,
  Conv2d,
  CrossEntropyLoss,
  Flatten,
  type Layer,
  Linear,
  ReLU,
  Sequential,
  Tanh,
} from "@tead/nn";
import { Adam, type Optimizer, SGD } from "@tead/optim";
import { type Backend, manualSeed, randint, randn, type Tensor } from "@tead/tensor";

export interface Training {
  readonly model: Sequential;
  readonly input: readonly number[];
  /** One step on a batch; gives the loss. */
  step(x: Tensor, target: Tensor): Tensor;
}

const networks = {
  mlp: {
    input: [8, 6],
    layers: (): Layer[] => [new Linear(6, 8), new ReLU(), new Linear(8, 4)],
  },
  cnn: {
    input: [4, 1, 8, 8],
    layers: (): Layer[] => [
      new Conv2d(1, 3, 3, { padding: 1 }),
      new Tanh(),
      new AvgPool2d(2),
      new Flatten(),
      new Linear(48, 4),
    ],
  },
} as const;
const optimizers = {
  sgd: (model: Sequential): Optimizer => new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }),
  adam: (model: Sequential): Optimizer => new Adam(model.parameters(), { lr: 0.01 }),
} as const;

/** A network on a device, and its optimizer. */
export function training(
  network: keyof typeof networks,
  optimizer: keyof typeof optimizers,
  device: Backend,
): Training {
  manualSeed(1);
  const { layers, input } = networks[network];
  const model = new Sequential(...layers()).to(device);
  const update = optimizers[optimizer](model);
  const criterion = new CrossEntropyLoss();
  const step = (x: Tensor, target: Tensor): Tensor => {
    update.zeroGrad();
    const loss = criterion.forward(model.forward(x), target);
    loss.backward();
    update.step();
    return loss;
  };
  return { model, input, step };
}

/** A batch of random inputs and classes on the CPU. */
export function batchFor(input: readonly number[], device: Backend): [Tensor, Tensor] {
  return [randn(input, { device }), randint(4, [input[0] as number], { device })];
}
