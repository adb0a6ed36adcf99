// The vision example: a small transformer learns to tell digits.
import "@tead/autograd";
import { parseArgs } from "node:util";
import { cpu } from "@tead/backend-cpu";
import { AdamW } from "@tead/optim";
import { manualSeed, setDefaultDevice } from "@tead/tensor";
import { VisionTransformer } from "./model.ts";
import { accuracy, digits, train } from "./train.ts";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "800" },
    seed: { type: "string", default: "0" },
  },
});

setDefaultDevice(cpu());
manualSeed(Number(values.seed));
const model = new VisionTransformer();
const optimizer = new AdamW(model.parameters(), { lr: 0.003 });
console.log(String(model));
const options = { batchSize: 32, steps: Number(values.steps) };
let step = 0;
for await (const loss of train(model, optimizer, digits(10_000, 0), options)) {
  step++;
  if (step % 50 === 0) console.log(`step ${step}  loss ${loss.toFixed(4)}`);
}
const share = await accuracy(model, digits(500, 1));
console.log(`${(100 * share).toFixed(1)}% of 500 new digits are told right`);
