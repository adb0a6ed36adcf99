// Looking up rows by index.
import type { CheckedOperand } from "../case.ts";
import type { FixtureTensor } from "../fixture.ts";
import { embedding } from "../fixtures/embedding.ts";
import { type Cases, family } from "./family.ts";

const checked = (operand: number, size: CheckedOperand["size"]): CheckedOperand => ({
  operand,
  size,
  negative: false,
  code: "indexOutOfRange",
});

export const embeddingCases: Cases = family("embedding", embedding, {
  embedding: {
    checked: checked(0, ({ inputs }) => (inputs[1] as FixtureTensor).shape[0] as number),
  },
  embeddingGrad: { checked: checked(1, ({ attrs }) => attrs?.numEmbeddings as number) },
});
