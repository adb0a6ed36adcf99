// Recurrent layers over a whole sequence.
import { rnn } from "../fixtures/rnn.ts";
import { type Cases, family, grid } from "./family.ts";

const wrongOrder = {
  name: "batch sizes that grow",
  dtype: "float32",
  inputs: [grid([5, 4], 1), grid([2, 4], 2), grid([4, 4], 3)],
  attrs: { batchSizes: [2, 3], reverse: false, nonlinearity: "tanh" },
  message: /Batch sizes are out of order.*received \[2, 3\]/,
} as const;
const wrongState = {
  name: "a state of another batch",
  dtype: "float32",
  inputs: [grid([4, 4], 1), grid([3, 4], 2), grid([4, 4], 3)],
  attrs: { batchSizes: [2, 2], reverse: false, nonlinearity: "tanh" },
  message: /State does not fit: expected \[2, size\], received \[3, 4\]/,
} as const;

const wrongActivations = {
  name: "activations of other rows",
  dtype: "float32",
  inputs: [
    ...[grid([4, 1], 1), undefined, grid([2, 1], 2), grid([4, 1], 3), grid([4, 1], 4)],
    grid([3, 4], 5),
  ],
  attrs: { batchSizes: [2, 2], reverse: false },
  message: /Activation does not fit: expected \[4, 4\], received \[3, 4\]/,
} as const;

export const rnnCases: Cases = family("rnn", rnn, {
  rnnSequence: { errors: [wrongOrder, wrongState] },
  lstmSequenceGrad: { errors: [wrongActivations] },
});
