// The smoke set: what must work on every Node, in plain ESM, from the built packages. Imports every entry, trains a
// small network until it has learnt XOR, multiplies on two threads, and prints how that went. It is written as a user would write it, and is
// at the same time a TypeScript program: the pack test compiles it.
import "@tead/autograd";
import "@tead/checkpoint";
import "@tead/checkpoint/node";
import "@tead/conformance";
import "@tead/backend-webgpu";
import "@tead/data";
import "@tead/data/node";
import "@tead/models";
import "@tead/summary";
import "@tead/summary/node";
import "@tead/tensor/kernel-kit";
import "@tead/transforms";
import "@tead/transforms/image";
import "@tead/transforms/node";
import { cpu, getNumThreads, setNumThreads } from "@tead/backend-cpu";
import { BCEWithLogitsLoss, Linear, Sequential, Tanh } from "@tead/nn";
import { Adam } from "@tead/optim";
import { manualSeed, rand, setDefaultDevice, tensor } from "@tead/tensor";

setDefaultDevice(cpu());
manualSeed(0);

// biome-ignore format: a truth table reads best as a table
const inputs = tensor([[0, 0], [0, 1], [1, 0], [1, 1]], { dtype: "float32" });
const targets = tensor([[0], [1], [1], [0]], { dtype: "float32" });
const model = new Sequential(new Linear(2, 8), new Tanh(), new Linear(8, 1));
const lossOf = new BCEWithLogitsLoss();
const optimizer = new Adam(model.parameters(), { lr: 0.05 });

let last = Number.POSITIVE_INFINITY;
for (let step = 0; step < 200; step++) {
  optimizer.zeroGrad();
  const loss = lossOf.forward(model.forward(inputs), targets);
  loss.backward();
  optimizer.step();
  last = Number(await loss.item());
}
console.log(`XOR learnt, loss ${last.toFixed(4)}`);
if (!(last < 0.05))
  throw new Error(`Smoke: Cannot learn XOR: expected a loss below 0.05, received ${last}`);

// Threads start with the first large product and change no bit of it.
const factor = rand([400, 400]);
setNumThreads(1);
const alone = factor.matmul(factor);
setNumThreads(2);
factor.matmul(factor);
await new Promise((resolve) => setTimeout(resolve, 200));
const together = factor.matmul(factor);
console.log(`The same product on ${getNumThreads()} threads: ${together.equalSync(alone)}`);
if (!together.equalSync(alone)) throw new Error("Smoke: Cannot multiply on two threads");
