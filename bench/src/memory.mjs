// 10,000 training steps of the MLP in one synchronous loop, with no scope and no dispose call. Prints the resident
// memory after step 500 and at the end, in MB.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { CrossEntropyLoss, Linear, ReLU, Sequential } from "@tead/nn";
import { Adam } from "@tead/optim";
import { manualSeed, rand, randint, setDefaultDevice } from "@tead/tensor";

setDefaultDevice(cpu());
manualSeed(0);
const model = new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10));
const optimizer = new Adam(model.parameters());
const criterion = new CrossEntropyLoss();
const [input, targets] = [rand([64, 784]), randint(0, 10, [64])];

const steps = Number(process.argv[2] ?? 10_000);
const resident = () => process.memoryUsage().rss / 2 ** 20;
let early = 0;
for (let step = 1; step <= steps; step++) {
  optimizer.zeroGrad();
  criterion.forward(model.forward(input), targets).backward();
  optimizer.step();
  if (step === 500) early = resident();
}
process.stdout.write(`${JSON.stringify({ steps, early, end: resident() })}\n`);
