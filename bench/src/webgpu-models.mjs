// The networks that the WebGPU measurements train, and one step of training.
import { resnet18, TutorialCnn } from "@tead/models";
import { CrossEntropyLoss, Linear, ReLU, Sequential } from "@tead/nn";
import { Adam, SGD } from "@tead/optim";
import { rand, randint, scope } from "@tead/tensor";

/** By name: the model, what it takes, and its optimizer. */
export const networks = {
  "MLP 784-128-10, Adam": {
    model: () => new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10)),
    input: [784],
    optimizer: (parameters) => new Adam(parameters),
  },
  "tutorial CNN, SGD": {
    model: () => new TutorialCnn(),
    input: [3, 32, 32],
    optimizer: (parameters) => new SGD(parameters, { lr: 0.01 }),
  },
  "resnet18, SGD with momentum": {
    model: () => resnet18({ numClasses: 10 }),
    input: [3, 32, 32],
    optimizer: (parameters) => new SGD(parameters, { lr: 0.01, momentum: 0.9 }),
  },
};

/**
 * Makes a network on the default device.
 * @returns a function that trains one step and gives the loss, a tensor
 */
export function trainingOf({ model, input, optimizer }, batch) {
  const network = model();
  const steps = optimizer(network.parameters());
  const criterion = new CrossEntropyLoss();
  const [x, target] = [rand([batch, ...input]), randint(0, 10, [batch])];
  return () =>
    scope(() => {
      steps.zeroGrad();
      const loss = criterion.forward(network.forward(x), target);
      loss.backward();
      steps.step();
      return loss;
    });
}
