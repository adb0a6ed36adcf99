// The text example: an LSTM learns a page by heart, character by character, and writes on.
import "@tead/autograd";
import { parseArgs } from "node:util";
import { cpu } from "@tead/backend-cpu";
import { Adam } from "@tead/optim";
import { manualSeed, setDefaultDevice } from "@tead/tensor";
import { alice } from "./alice.ts";
import { CharModel, Vocabulary, write } from "./model.ts";
import { train, windows } from "./train.ts";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "600" },
    seed: { type: "string", default: "0" },
    temperature: { type: "string", default: "0.5" },
  },
});

setDefaultDevice(cpu());
manualSeed(Number(values.seed));
const vocabulary = new Vocabulary(alice);
const model = new CharModel(vocabulary.size, { hidden: 128 });
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
console.log(String(model));
let step = 0;
for (const loss of train(
  model,
  optimizer,
  windows(vocabulary.encode(alice), 8, 29),
  Number(values.steps),
)) {
  step++;
  if (step % 50 === 0) console.log(`step ${step}  loss ${loss.toFixed(4)}`);
}
console.log(await write(model, vocabulary, "Alice ", { temperature: Number(values.temperature) }));
