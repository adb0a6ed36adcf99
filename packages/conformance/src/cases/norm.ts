// Batch, layer and group normalization, and their gradients.
import type { FixtureTensor } from "../fixture.ts";
import { norm } from "../fixtures/norm.ts";
import { type Cases, family, grid } from "./family.ts";

// The gradients are given means and variances, which a 16-bit float rounds before they are used.
const rounded = 4;
// A weight may be folded into the standard deviation before it meets a mean or a gradient of 0.
const spreads = ["weight"];
const input = grid([3, 4, 37], 1);
const affine = [grid([4], 2), grid([4], 3)];

const eps = 0.125;
/** Enough channels, rows or groups for every vector loop and its rest. */
const [channels, rows, groups] = [grid([1, 71, 3], 4), grid([71, 5], 5), grid([37, 2, 3], 6)];
const positive = (shape: readonly number[]): FixtureTensor => {
  const t = grid(shape, 9);
  return { ...t, data: t.data.map((x) => Math.abs(Number(x)) + 0.5) };
};

/** A row of a gradient: weight of `size`, statistics of `shape`. */
function gradRow(input: FixtureTensor, size: number, shape: readonly number[], attrs: object) {
  const inputs = [
    grid(input.shape, 8),
    input,
    grid([size], 2),
    grid(shape, 7),
    positive(shape),
  ] as const;
  return { kind: "float" as const, inputs, attrs: { eps, ...attrs } };
}

export const normCases: Cases = family("norm", norm, {
  batchNorm: {
    spreads,
    large: [
      { kind: "float", inputs: [input, ...affine], attrs: { eps } },
      { kind: "float", inputs: [channels, grid([71], 2), grid([71], 3)], attrs: { eps } },
    ],
  },
  layerNorm: {
    spreads,
    large: [
      { kind: "float", inputs: [input, grid([37], 2), undefined], attrs: { eps, dims: 1 } },
      { kind: "float", inputs: [rows, undefined, undefined], attrs: { eps, dims: 1 } },
    ],
  },
  groupNorm: {
    spreads,
    large: [
      { kind: "float", inputs: [input, ...affine], attrs: { eps, groups: 2 } },
      { kind: "float", inputs: [groups, undefined, undefined], attrs: { eps, groups: 2 } },
    ],
  },
  batchNormGrad: { slack: rounded, spreads, large: [gradRow(channels, 71, [71], {})] },
  layerNormGrad: {
    slack: rounded,
    spreads,
    large: [gradRow(grid([3, 70], 5), 70, [3], { dims: 1 })],
  },
  groupNormGrad: {
    slack: rounded,
    spreads,
    large: [gradRow(grid([1, 70, 3], 6), 70, [1, 2], { groups: 2 })],
  },
});
