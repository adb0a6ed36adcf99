// All cases, family by family: the same names as the op table's.
import { binaryCases } from "./binary.ts";
import { compareCases } from "./compare.ts";
import { convCases } from "./conv.ts";
import { copyCases } from "./copy.ts";
import type { Cases } from "./family.ts";
import { indexingCases } from "./indexing.ts";
import { joinCases } from "./join.ts";
import { matmulCases } from "./matmul.ts";
import { reduceCases } from "./reduce.ts";
import { softmaxCases } from "./softmax.ts";
import { unaryCases } from "./unary.ts";
import { viewCases } from "./view.ts";

export { opTable } from "./family.ts";

export const cases: Cases = [
  ...unaryCases,
  ...binaryCases,
  ...compareCases,
  ...copyCases,
  ...reduceCases,
  ...matmulCases,
  ...softmaxCases,
  ...indexingCases,
  ...joinCases,
  ...viewCases,
  ...convCases,
];
