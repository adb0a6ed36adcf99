// Making values: copies with conversion, constants, ranges.
import { copy } from "../fixtures/copy.ts";
import { type Cases, family, grid } from "./family.ts";

export const copyCases: Cases = family("copy", copy, {
  copy: { large: [{ kind: "float", inputs: [grid([7, 37], 1)], attrs: { dtype: "$same" } }] },
});
