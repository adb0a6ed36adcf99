// Looking up rows by index.
import type { CheckedOperand } from "../case.ts";
import type { FixtureTensor } from "../fixture.ts";
import { embedding } from "../fixtures/embedding.ts";
import { type Cases, family, grid, indices } from "./family.ts";

const checked = (operand: number, size: CheckedOperand["size"]): CheckedOperand => ({
  operand,
  size,
  negative: false,
  code: "indexOutOfRange",
});

const attrs = { scaleGradByFreq: false };
const index = indices([23], 17);

export const embeddingCases: Cases = family("embedding", embedding, {
  embedding: {
    large: [{ kind: "float", inputs: [index, grid([17, 5], 1)], attrs }],
    checked: checked(0, ({ inputs }) => (inputs[1] as FixtureTensor).shape[0] as number),
  },
  embeddingGrad: {
    large: [
      { kind: "float", inputs: [grid([23, 5], 2), index], attrs: { ...attrs, numEmbeddings: 17 } },
    ],
    checked: checked(1, ({ attrs }) => attrs?.numEmbeddings as number),
  },
});
