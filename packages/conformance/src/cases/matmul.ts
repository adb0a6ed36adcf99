// Matrix products.
import { matmul } from "../fixtures/matmul.ts";
import { type Cases, family, grid } from "./family.ts";

export const matmulCases: Cases = family("matmul", matmul, {
  // Sizes around the tiles of a fast kernel, with rests in every dim.
  matmul: {
    large: [
      { kind: "float", inputs: [grid([33, 17], 1), grid([17, 45], 2)] },
      { kind: "float", inputs: [grid([3, 9, 40], 3), grid([40, 8], 4)] },
    ],
  },
  linear: {
    large: [{ kind: "float", inputs: [grid([9, 35], 5), grid([19, 35], 6), grid([19], 7)] }],
  },
});
