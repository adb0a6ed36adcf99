// Negative log likelihood and binary cross entropy.
import type { CheckedOperand } from "../case.ts";
import { loss } from "../fixtures/loss.ts";
import { type Cases, family } from "./family.ts";

// The rows have three classes; a target of ignoreIndex is in range whatever it is.
const checked: CheckedOperand = {
  operand: 1,
  size: () => 3,
  negative: false,
  code: "classOutOfRange",
};

export const lossCases: Cases = family("loss", loss, {
  nllLoss: { checked, constants: ["weight"] },
  nllLossGrad: { checked, constants: ["weight", "totalWeight"] },
});
