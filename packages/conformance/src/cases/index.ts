// All cases, family by family: the same names as the op table's.

import { activationCases } from "./activation.ts";
import { attentionCases } from "./attention.ts";
import { binaryCases } from "./binary.ts";
import { compareCases } from "./compare.ts";
import { convCases } from "./conv.ts";
import { copyCases } from "./copy.ts";
import { dropoutCases } from "./dropout.ts";
import { embeddingCases } from "./embedding.ts";
import type { Cases } from "./family.ts";
import { indexingCases } from "./indexing.ts";
import { joinCases } from "./join.ts";
import { lossCases } from "./loss.ts";
import { matmulCases } from "./matmul.ts";
import { momentsCases } from "./moments.ts";
import { normCases } from "./norm.ts";
import { padCases } from "./pad.ts";
import { poolCases } from "./pool.ts";
import { reduceCases } from "./reduce.ts";
import { rnnCases } from "./rnn.ts";
import { softmaxCases } from "./softmax.ts";
import { sortCases } from "./sort.ts";
import { specialCases } from "./special.ts";
import { unaryCases } from "./unary.ts";
import { updateCases } from "./update.ts";
import { viewCases } from "./view.ts";

export { opTable } from "./family.ts";

export const cases: Cases = [
  ...unaryCases,
  ...binaryCases,
  ...compareCases,
  ...copyCases,
  ...reduceCases,
  ...momentsCases,
  ...matmulCases,
  ...softmaxCases,
  ...indexingCases,
  ...joinCases,
  ...sortCases,
  ...viewCases,
  ...specialCases,
  ...convCases,
  ...poolCases,
  ...normCases,
  ...activationCases,
  ...lossCases,
  ...embeddingCases,
  ...rnnCases,
  ...attentionCases,
  ...dropoutCases,
  ...padCases,
  ...updateCases,
];
