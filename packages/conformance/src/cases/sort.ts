// Sorting.
import { sort } from "../fixtures/sort.ts";
import { type Cases, family, grid } from "./family.ts";

export const sortCases: Cases = family("sort", sort, {
  sort: {
    large: [
      { kind: "float", inputs: [grid([131, 3], 1)], attrs: { dim: 0, descending: false } },
      { kind: "float", inputs: [grid([3, 131], 2)], attrs: { dim: 1, descending: true } },
    ],
  },
  topk: {
    large: [{ kind: "float", inputs: [grid([3, 131], 2)], attrs: { dim: 1, k: 5, largest: true } }],
  },
});
