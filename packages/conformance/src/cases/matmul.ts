// Matrix products.
import type { ErrorCase } from "../case.ts";
import { matmul } from "../fixtures/matmul.ts";
import { type Cases, family, grid } from "./family.ts";

/** A product beyond int32, at `position` of two. */
const overflow = (column: readonly number[], position: number): ErrorCase => ({
  name: "a result beyond int32",
  dtype: "int32",
  inputs: [
    { shape: [2, 1], data: column },
    { shape: [1, 1], data: [65536] },
  ],
  attrs: {},
  message: /Integer overflows/,
  position,
  syncOnly: true,
});

export const matmulCases: Cases = family("matmul", matmul, {
  // Sizes around the tiles of a fast kernel, with rests in every dim.
  matmul: {
    errors: [overflow([1, 65536], 1), overflow([65536, 1], 0)],
    large: [
      { kind: "float", inputs: [grid([33, 17], 1), grid([17, 45], 2)] },
      { kind: "float", inputs: [grid([3, 9, 40], 3), grid([40, 8], 4)] },
    ],
  },
  linear: {
    large: [{ kind: "float", inputs: [grid([9, 35], 5), grid([19, 35], 6), grid([19], 7)] }],
  },
  linearGradWeight: {
    large: [{ kind: "float", inputs: [grid([35, 19], 8), grid([35, 9], 9)] }],
  },
});
