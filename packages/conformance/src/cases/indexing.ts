// Reading and writing by index.
import type { CheckedOperand, ErrorCase } from "../case.ts";
import { indexing } from "../fixtures/indexing.ts";
import { type Cases, family, grid, indices, sizeAlongDim } from "./family.ts";

const checked: CheckedOperand = {
  operand: 1,
  size: sizeAlongDim,
  negative: true,
  code: "indexOutOfRange",
};

const attrs = { dim: 1 };
const [input, source] = [grid([11, 9], 1), grid([11, 8], 2)];
const index = indices([11, 8], 9);
/** A row of its own for each place: `scatter` has to know which of two sources stays. */
const once = {
  ...index,
  data: index.data.map((_, i) => ((i % 8) * 2 + Math.floor(i / 8)) % 9),
};

/** A sum beyond int32, at `position` of nine. */
function overflow(position: number): ErrorCase {
  const of = (value: (i: number) => number) => ({
    shape: [9],
    data: Array.from({ length: 9 }, (_, i) => value(i)),
  });
  return {
    name: "a result beyond int32",
    dtype: "int32",
    inputs: [
      of((i) => (i === position ? 2147483647 : 1)),
      { ...of((i) => i), dtype: "index" },
      of(() => 1),
    ],
    attrs: { dim: 0 },
    message: /Integer overflows/,
    position,
    syncOnly: true,
  };
}

export const indexingCases: Cases = family("indexing", indexing, {
  indexSelect: { checked, large: [{ kind: "float", inputs: [input, indices([13], 9)], attrs }] },
  gather: { checked, large: [{ kind: "float", inputs: [input, index], attrs }] },
  scatter: { checked, large: [{ kind: "float", inputs: [input, once, source], attrs }] },
  scatterAdd: {
    checked,
    errors: [overflow(0), overflow(8)],
    large: [{ kind: "float", inputs: [input, index, source], attrs }],
  },
  indexAdd: { checked },
});
