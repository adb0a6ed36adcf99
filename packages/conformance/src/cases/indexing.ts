// Reading and writing by index.
import type { CheckedOperand } from "../case.ts";
import { indexing } from "../fixtures/indexing.ts";
import { type Cases, family, sizeAlongDim } from "./family.ts";

const checked: CheckedOperand = {
  operand: 1,
  size: sizeAlongDim,
  negative: true,
  code: "indexOutOfRange",
};

export const indexingCases: Cases = family("indexing", indexing, {
  indexSelect: { checked },
  gather: { checked },
  scatter: { checked },
  scatterAdd: { checked },
  indexAdd: { checked },
});
