// Making values: copies with conversion, constants, ranges.
import { copy } from "../fixtures/copy.ts";
import { type Cases, family, grid, indices } from "./family.ts";

const attrs = { dtype: "$same" };

export const copyCases: Cases = family("copy", copy, {
  copy: {
    large: [
      { kind: "float", inputs: [grid([7, 37], 1)], attrs },
      { kind: "int", inputs: [{ ...indices([7, 37], 100), dtype: undefined }], attrs },
    ],
  },
  fill: {
    large: [{ kind: "float", inputs: [], attrs: { shape: [7, 11], dtype: "$same", value: 1.5 } }],
  },
  arange: {
    large: [{ kind: "float", inputs: [], attrs: { start: 3, step: 1, count: 77, dtype: "$same" } }],
  },
});
