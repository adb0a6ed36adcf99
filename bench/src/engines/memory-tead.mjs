// What a training step of one network holds at most, on Tead's CPU backend, one thread. Started with the network's name
// and "scope" or "plain"; prints a line of JSON, in bytes. Tensors are counted where they are made and freed, which is
// exact inside scopes; without them the collector frees them, so that only the resident memory tells.
import "@tead/autograd";
import { cpu, setNumThreads } from "@tead/backend-cpu";
import * as models from "@tead/models";
import { CrossEntropyLoss, Linear, ReLU, Sequential } from "@tead/nn";
import { Adam, SGD } from "@tead/optim";
import { byteLengthOf, manualSeed, rand, randint, scope, setDefaultDevice } from "@tead/tensor";

const [name, mode] = process.argv.slice(2);
const device = cpu();
setDefaultDevice(device);
setNumThreads(1);
manualSeed(0);

let live = 0;
let most = 0;
const { allocate, free } = device;
device.allocate = (dtype, count) => {
  live += byteLengthOf(dtype) * count;
  most = Math.max(most, live);
  return allocate(dtype, count);
};
device.free = (buffer) => {
  live -= buffer.byteLength;
  free(buffer);
};

const sgd = (model) => new SGD(model.parameters(), { lr: 0.01 });
const networks = {
  mlp: () => {
    const model = new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10));
    return [model, new Adam(model.parameters()), [64, 784], 10];
  },
  cnn: () => {
    const model = new models.TutorialCnn();
    return [model, sgd(model), [64, 3, 32, 32], 10];
  },
  resnet18: () => {
    const model = models.resnet18();
    return [model, sgd(model), [8, 3, 224, 224], 1000];
  },
};

const imported = process.memoryUsage.rss();
const [model, optimizer, shape, classes] = networks[name]();
const [input, targets] = [rand(shape), randint(0, classes, [shape[0]])];
const criterion = new CrossEntropyLoss();
const step = () => {
  optimizer.zeroGrad();
  const loss = criterion.forward(model.forward(input), targets);
  loss.backward();
  optimizer.step();
};
for (let i = 0; i < 5; i++) {
  most = live;
  if (mode === "scope") scope(step);
  else step();
}
const resident = process.resourceUsage().maxRSS * 1024 - imported;
const tensors = mode === "scope" ? most : undefined;
process.stdout.write(`${JSON.stringify({ resident, tensors })}\n`);
