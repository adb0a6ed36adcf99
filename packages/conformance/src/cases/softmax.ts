// Softmax, its logarithm and their gradients.
import { softmax } from "../fixtures/softmax.ts";
import { type Cases, family, grid } from "./family.ts";

const rows = [
  { kind: "float" as const, inputs: [grid([5, 37], 1)], attrs: { dim: 1 } },
  { kind: "float" as const, inputs: [grid([37, 5], 2)], attrs: { dim: 0 } },
];
const grads = rows.map((row, i) => ({
  ...row,
  inputs: [...row.inputs, grid(i === 0 ? [5, 37] : [37, 5], 3)],
}));

export const softmaxCases: Cases = family("softmax", softmax, {
  softmax: { large: rows },
  logSoftmax: { large: rows },
  softmaxGrad: { large: grads },
  logSoftmaxGrad: { large: grads },
});
