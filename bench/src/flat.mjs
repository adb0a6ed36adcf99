// An MLP learns 60,000 drawn digits, as many as MNIST has, for 10,000 steps in one synchronous loop, with no scope and no
// dispose call. Prints the resident memory after step 500, after every 1,000 steps and at the end, in MB, and the
// last loss. Within the first few thousand steps V8 enlarges its young generation, by 16 MB; then nothing grows.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { SyntheticDigits } from "@tead/data";
import { CrossEntropyLoss, Linear, ReLU, Sequential } from "@tead/nn";
import { Adam } from "@tead/optim";
import { empty, manualSeed, setDefaultDevice, tensor } from "@tead/tensor";

setDefaultDevice(cpu());
manualSeed(0);
const digits = new SyntheticDigits({ size: 60_000 });
const images = empty([digits.length, 784]);
const labels = tensor(digits.targets, { dtype: "int32" });
for (let i = 0; i < digits.length; i++) {
  const pixels = tensor(digits.data.subarray(784 * i, 784 * (i + 1)));
  images.at(i).copy_(pixels.div(255));
}
const model = new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10));
const optimizer = new Adam(model.parameters());
const criterion = new CrossEntropyLoss();

const steps = Number(process.argv[2] ?? 10_000);
const batch = 64;
const batches = Math.floor(digits.length / batch);
const resident = () => Math.round((process.memoryUsage().rss / 2 ** 20) * 10) / 10;
const everyThousand = [];
let early = 0;
let loss = 0;
for (let step = 1; step <= steps; step++) {
  const start = (step % batches) * batch;
  const [x, y] = [images.narrow(0, start, batch), labels.narrow(0, start, batch)];
  optimizer.zeroGrad();
  const error = criterion.forward(model.forward(x), y);
  error.backward();
  optimizer.step();
  loss = error.itemSync();
  if (step === 500) early = resident();
  if (step % 1000 === 0) everyThousand.push(resident());
}
const end = resident();
process.stdout.write(`${JSON.stringify({ steps, early, everyThousand, end, loss })}\n`);
