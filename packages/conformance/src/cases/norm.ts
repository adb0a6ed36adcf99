// Batch, layer and group normalization, and their gradients.
import { norm } from "../fixtures/norm.ts";
import { type Cases, family, grid } from "./family.ts";

// The gradients are given means and variances, which a 16-bit float rounds before they are used.
const rounded = 4;
// A weight may be folded into the standard deviation before it meets a mean or a gradient of 0.
const spreads = ["weight"];
const input = grid([3, 4, 37], 1);
const affine = [grid([4], 2), grid([4], 3)];

export const normCases: Cases = family("norm", norm, {
  batchNorm: {
    spreads,
    large: [{ kind: "float", inputs: [input, ...affine], attrs: { eps: 0.125 } }],
  },
  layerNorm: {
    spreads,
    large: [
      { kind: "float", inputs: [input, grid([37], 2), undefined], attrs: { eps: 0.125, dims: 1 } },
    ],
  },
  groupNorm: {
    spreads,
    large: [{ kind: "float", inputs: [input, ...affine], attrs: { eps: 0.125, groups: 2 } }],
  },
  batchNormGrad: { slack: rounded, spreads },
  layerNormGrad: { slack: rounded, spreads },
  groupNormGrad: { slack: rounded, spreads },
});
