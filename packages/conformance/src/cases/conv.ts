// Convolutions and their gradients.
import { conv } from "../fixtures/conv.ts";
import { type Cases, family, grid } from "./family.ts";

const same = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };
const strided = { stride: [2, 2], padding: [2, 2], dilation: [1, 1], groups: 2 };
const [x, w, g] = [grid([2, 3, 9, 11], 1), grid([8, 3, 3, 3], 2), grid([2, 8, 9, 11], 3)];
const [x2, w2, g2] = [grid([2, 4, 13, 12], 4), grid([10, 2, 5, 5], 5), grid([2, 10, 7, 6], 6)];

// Padding may be computed as zeros, and 0 times NaN is NaN.
const spreads = ["weight"];

export const convCases: Cases = family("conv", conv, {
  conv: {
    spreads,
    large: [
      { kind: "float", inputs: [x, w, grid([8], 7)], attrs: same },
      { kind: "float", inputs: [x2, w2, undefined], attrs: strided },
    ],
  },
  convGradInput: {
    spreads,
    large: [
      { kind: "float", inputs: [g, w], attrs: { ...same, inputSize: [9, 11] } },
      { kind: "float", inputs: [g2, w2], attrs: { ...strided, inputSize: [13, 12] } },
    ],
  },
  convGradWeight: {
    large: [
      { kind: "float", inputs: [x, g], attrs: { ...same, kernelSize: [3, 3] } },
      { kind: "float", inputs: [x2, g2], attrs: { ...strided, kernelSize: [5, 5] } },
    ],
  },
});
