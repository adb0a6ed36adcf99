// The translation example: numbers in digits become English words.
import "@tead/autograd";
import { parseArgs } from "node:util";
import { cpu } from "@tead/backend-cpu";
import { Adam } from "@tead/optim";
import { manualSeed, setDefaultDevice } from "@tead/tensor";
import { GRUTranslator, TransformerTranslator } from "./models.ts";
import { inWords, keptNumbers, trainingSet } from "./numbers.ts";
import { train, translate } from "./train.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "transformer" },
    steps: { type: "string", default: "600" },
    seed: { type: "string", default: "0" },
  },
});

setDefaultDevice(cpu());
manualSeed(Number(values.seed));
const model = values.model === "gru" ? new GRUTranslator() : new TransformerTranslator();
const optimizer = new Adam(model.parameters(), { lr: 0.003 });
const options = { batchSize: 32, steps: Number(values.steps) };
let step = 0;
for await (const loss of train(model, optimizer, trainingSet(), options)) {
  step++;
  if (step % 50 === 0) console.log(`step ${step}  loss ${loss.toFixed(4)}`);
}
const translations = await translate(model, keptNumbers);
for (const i of [3, 30, 60, 90, 120]) console.log(`${keptNumbers[i]}  ${translations[i]}`);
const right = translations.filter((words, i) => words === inWords(keptNumbers[i] as number)).length;
console.log(`${right} of ${keptNumbers.length} new numbers are translated right`);
