// The same seed, numbers and optimizer give PyTorch's losses, step by step.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { Adam } from "@tead/optim";
import { manualSeed, setDefaultDevice } from "@tead/tensor";
import { expect, test } from "vitest";
import { GRUTranslator, TransformerTranslator, type Translator } from "../src/models.ts";
import { inWords, keptNumbers, trainingSet } from "../src/numbers.ts";
import { train, translate } from "../src/train.ts";

setDefaultDevice(cpu());
const fixture = JSON.parse(
  readFileSync(new URL("./fixtures/curve.json", import.meta.url), "utf8"),
) as {
  seed: number;
  lr: number;
  batchSize: number;
  losses: Record<"gru" | "transformer", number[]>;
};

test.each([
  ["gru", (): Translator => new GRUTranslator(8, 12)],
  ["transformer", (): Translator => new TransformerTranslator(12, 2)],
] as const)("the losses of the %s are PyTorch's", async (name, build) => {
  const { seed, lr, batchSize, losses } = fixture;
  const wanted = losses[name];
  manualSeed(seed);
  const model = build().to("float64");
  const optimizer = new Adam(model.parameters(), { lr });
  const actual: number[] = [];
  for await (const loss of train(model, optimizer, trainingSet(), {
    batchSize,
    steps: wanted.length,
  }))
    actual.push(loss);
  expect(actual.length).toBe(wanted.length);
  actual.forEach((loss, i) => {
    expect(Math.abs(loss / (wanted[i] as number) - 1), `step ${i}`).toBeLessThan(1e-9);
  });
  expect(actual.at(-1)).toBeLessThan(0.9 * (actual[0] as number));
  expect(await translate(model, [1, 342])).toHaveLength(2);
});

test("numbers read as in English, and some are kept from training", () => {
  expect([0, 13, 20, 99, 100, 342].map(inWords)).toEqual([
    "zero",
    "thirteen",
    "twenty",
    "ninety nine",
    "one hundred",
    "three hundred forty two",
  ]);
  expect(keptNumbers.length + trainingSet().length).toBe(1000);
});
