// Variance, standard deviation and norms.
import { moments } from "../fixtures/moments.ts";
import { type Cases, family, grid } from "./family.ts";

const rows = (attrs: object) => [
  {
    kind: "float" as const,
    inputs: [grid([5, 131], 1)],
    attrs: { dims: [1], keepDim: false, ...attrs },
  },
  {
    kind: "float" as const,
    inputs: [grid([131, 5], 2)],
    attrs: { dims: [0], keepDim: false, ...attrs },
  },
];

export const momentsCases: Cases = family("moments", moments, {
  var: { large: rows({ correction: 1 }) },
  std: { large: rows({ correction: 1 }) },
  norm2: { large: rows({}) },
  norm: { large: rows({ p: 3 }) },
});
