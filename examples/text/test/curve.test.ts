// The same seed, text and optimizer give PyTorch's losses, step by step.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { Adam } from "@tead/optim";
import { manualSeed, setDefaultDevice } from "@tead/tensor";
import { expect, test } from "vitest";
import { alice } from "../src/alice.ts";
import { CharModel, Vocabulary, write } from "../src/model.ts";
import { train, windows } from "../src/train.ts";

setDefaultDevice(cpu());
const fixture = JSON.parse(
  readFileSync(new URL("./fixtures/curve.json", import.meta.url), "utf8"),
) as { seed: number; lr: number; streams: number; length: number; losses: number[] };

test("the LSTM's losses are PyTorch's", async () => {
  const { seed, lr, streams, length, losses } = fixture;
  manualSeed(seed);
  const vocabulary = new Vocabulary(alice);
  const model = new CharModel(vocabulary.size, { hidden: 16, layers: 2 }).to("float64");
  const optimizer = new Adam(model.parameters(), { lr });
  const all = windows(vocabulary.encode(alice), streams, length);
  const actual = [...train(model, optimizer, all, losses.length)];
  actual.forEach((loss, i) => {
    expect(Math.abs(loss / (losses[i] as number) - 1), `step ${i}`).toBeLessThan(1e-9);
  });
  expect(actual.at(-1)).toBeLessThan(0.9 * (actual[0] as number));
  expect(await write(model, vocabulary, "Alice", { length: 7 })).toMatch(/^Alice.{7}$/s);
});
