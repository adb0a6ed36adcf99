// Pooling, and its gradients.
import type { CheckedOperand } from "../case.ts";
import { pool } from "../fixtures/pool.ts";
import { type Cases, family, grid } from "./family.ts";

const checked: CheckedOperand = {
  operand: 1,
  size: ({ attrs }) =>
    ((attrs?.inputSize ?? []) as number[]).reduce((product, n) => product * n, 1),
  code: "indexOutOfRange",
};
// The decomposition of an average is a product with a matrix of mostly zeros.
const spreads = ["input", "grad"];
const input = grid([2, 3, 17, 19], 1);
const window = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0], ceilMode: false };
const wide = { kernelSize: [3, 3], stride: [2, 2], padding: [1, 1], ceilMode: false };

export const poolCases: Cases = family("pool", pool, {
  maxPool: {
    large: [
      { kind: "float", inputs: [input], attrs: { ...window, dilation: [1, 1] } },
      { kind: "float", inputs: [input], attrs: { ...wide, dilation: [1, 1] } },
    ],
  },
  maxPoolGrad: { checked },
  avgPoolGrad: { spreads },
  adaptiveMaxPool: { large: [{ kind: "float", inputs: [input], attrs: { outputSize: [5, 3] } }] },
  adaptiveAvgPool: {
    spreads,
    large: [{ kind: "float", inputs: [input], attrs: { outputSize: [5, 3] } }],
  },
  adaptiveAvgPoolGrad: {
    spreads,
    large: [
      {
        kind: "float",
        inputs: [grid([2, 3, 5, 3], 2)],
        attrs: { outputSize: [5, 3], inputSize: [17, 19] },
      },
    ],
  },
  avgPool: {
    spreads,
    large: [
      { kind: "float", inputs: [input], attrs: { ...window, countIncludePad: true } },
      { kind: "float", inputs: [input], attrs: { ...wide, countIncludePad: false } },
    ],
  },
});
