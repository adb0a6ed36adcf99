// Joining tensors.
import { join } from "../fixtures/join.ts";
import { type Cases, family, grid } from "./family.ts";

export const joinCases: Cases = family("join", join, {
  cat: {
    large: [
      { kind: "float", inputs: [[grid([2, 31, 3], 1), grid([2, 6, 3], 2)]], attrs: { dim: 1 } },
    ],
  },
});
