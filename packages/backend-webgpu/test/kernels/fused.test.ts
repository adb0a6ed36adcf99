import "@tead/autograd";
import { dispatch, ops, zeros } from "@tead/tensor";
import { expect, it } from "vitest";
import { fusedCounts, fusedOps, without } from "./fused-counts.ts";
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
    ...[
      "adamUpdate",
      "rmspropUpdate",
      "adagradUpdate",
      "momentUpdate",
      "gelu",
      "geluGrad",
      "silu",
      "reluGrad",
      "sigmoid",
      "tanhGrad",
    ],
  ];
  const counts = new Map(fusedCounts().map((count) => [count.op, count.fused]));
  for (const name of names) expect([name, counts.get(name)]).toEqual([name, 1]);
  expect(fusedOps(recordingBackend().device).length).toBe(counts.size);
});

it("the result of a decomposition may be written in place, as that of a kernel may", () => {
  const { device } = recordingBackend();
  const bare = without(device, ["batchNorm"]);
  const weight = zeros([4], { device: bare }).requiresGrad_();
  const attrs = { eps: 1e-5 };
  const [y] = dispatch(
    ops.batchNormOp,
    [zeros([2, 4, 6], { device: bare }), weight, weight],
    attrs,
  );
  expect(() => y.relu_().sum().backward()).not.toThrow();
});
