// Negative log likelihood, binary cross entropy and the squared error.
import type { CheckedOperand } from "../case.ts";
import type { FixtureTensor } from "../fixture.ts";
import { loss } from "../fixtures/loss.ts";
import { type Cases, family, grid, indices } from "./family.ts";

// The rows have three classes; a target of ignoreIndex is in range whatever it is.
const checked: CheckedOperand = {
  operand: 1,
  size: () => 3,
  negative: false,
  code: "classOutOfRange",
};

const target = indices([70], 3);
const weight = { shape: [3], data: [0.5, 1, 2] };
const attrs = { reduction: "none", ignoreIndex: -100 };

/** Multiples of 1/128 in [1/128, 1/2]. */
function probabilities(seed: number): FixtureTensor {
  const t = grid([131], seed);
  return { ...t, data: t.data.map((x) => (Number(x) + 2) / 8 + 1 / 128) };
}

export const lossCases: Cases = family("loss", loss, {
  nllLoss: {
    checked,
    constants: ["weight"],
    large: [{ kind: "float", inputs: [grid([70, 3], 1), target, weight], attrs }],
  },
  nllLossGrad: {
    checked,
    constants: ["weight", "totalWeight"],
    large: [
      {
        kind: "float",
        inputs: [grid([70], 2), target, weight, { shape: [], data: [70] }],
        attrs: { ...attrs, classes: 3 },
      },
    ],
  },
  crossEntropy: {
    checked,
    constants: ["weight"],
    large: [{ kind: "float", inputs: [grid([70, 3], 1), target, weight], attrs }],
  },
  crossEntropyGrad: {
    checked: { ...checked, operand: 2 },
    constants: ["weight", "totalWeight"],
    large: [
      {
        kind: "float",
        inputs: [grid([70], 2), grid([70, 3], 1), target, weight, { shape: [], data: [70] }],
        attrs,
      },
    ],
  },
  binaryCrossEntropy: {
    large: [{ kind: "float", inputs: [probabilities(1), probabilities(2)], attrs: {} }],
  },
  mseLoss: {
    large: [
      { kind: "float", inputs: [grid([131], 1), grid([131], 2)], attrs: { reduction: "none" } },
    ],
  },
  mseLossGrad: {
    large: [
      {
        kind: "float",
        inputs: [grid([131], 3), grid([131], 1), grid([131], 2)],
        attrs: { reduction: "none" },
      },
    ],
  },
});
