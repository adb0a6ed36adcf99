import { expect, it } from "vitest";
import { fusedCounts, fusedOps } from "./fused-counts.ts";
import { recordingBackend } from "./recording-device.ts";

it.each(fusedCounts())("$op takes fewer commands fused than decomposed", (count) => {
  expect(count.fused).toBeLessThan(count.decomposed);
});

it("what training spends its time in is fused to one command", () => {
  const names = [
    ...["conv", "convGradInput", "linear", "softmax", "logSoftmax", "softmaxGrad"],
    ...["logSoftmaxGrad", "nllLoss", "nllLossGrad", "batchNorm", "batchNormGrad", "layerNorm"],
    ...["groupNorm", "maxPool", "maxPoolGrad", "avgPool", "avgPoolGrad", "adaptiveAvgPool"],
    ...["adaptiveAvgPoolGrad", "adaptiveMaxPool", "embedding", "sgdUpdate"],
    ...["adamUpdate", "gelu", "geluGrad", "silu", "reluGrad", "sigmoid", "tanhGrad"],
  ];
  const counts = new Map(fusedCounts().map((count) => [count.op, count.fused]));
  for (const name of names) expect([name, counts.get(name)]).toEqual([name, 1]);
  expect(fusedOps(recordingBackend().device).length).toBe(counts.size);
});
