// The same seed, images and optimizer give PyTorch's losses, step by step.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { AdamW } from "@tead/optim";
import { manualSeed, setDefaultDevice } from "@tead/tensor";
import { expect, test } from "vitest";
import { VisionTransformer } from "../src/model.ts";
import { accuracy, digits, train } from "../src/train.ts";

setDefaultDevice(cpu());
const fixture = JSON.parse(
  readFileSync(new URL("./fixtures/curve.json", import.meta.url), "utf8"),
) as {
  seed: number;
  lr: number;
  count: number;
  batchSize: number;
  losses: number[];
  accuracy: number;
};

test("the vision transformer's losses are PyTorch's", async () => {
  const { seed, lr, count, batchSize, losses } = fixture;
  manualSeed(seed);
  const model = new VisionTransformer({ size: 16, heads: 2 }).to("float64");
  const optimizer = new AdamW(model.parameters(), { lr });
  const dataset = digits(count, 0, "float64");
  let step = 0;
  for await (const loss of train(model, optimizer, dataset, { batchSize, steps: losses.length })) {
    expect(Math.abs(loss / (losses[step] as number) - 1), `step ${step}`).toBeLessThan(1e-9);
    step++;
  }
  expect(step).toBe(losses.length);
  expect(await accuracy(model, dataset)).toBe(fixture.accuracy);
});
