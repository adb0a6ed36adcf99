// Recurrent layers beyond the replayed cases: types, states, packed batches, refusals.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { manualSeed, ones, rand, setDefaultDevice, type Tensor, zeros } from "@tead/tensor";
import { describe, expect, expectTypeOf, test } from "vitest";

setDefaultDevice(cpu());

describe("a recurrent layer", () => {
  test("gives packed sequences for packed ones, tensors for tensors", () => {
    const gru = new nn.GRU(1, 2);
    const packed = nn.utils.rnn.packSequence([ones([3, 1]), ones([1, 1])]);
    const [output, hidden] = gru.forward(packed);
    expectTypeOf(output).toEqualTypeOf<nn.utils.rnn.PackedSequence>();
    expectTypeOf(gru.forward(ones([3, 2, 1]))[0]).toEqualTypeOf<Tensor>();
    const [padded] = nn.utils.rnn.padPackedSequence(output);
    expect(padded.select(0, 2).select(0, 0).tolistSync()).toEqual(
      hidden.select(0, 0).select(0, 0).tolistSync(),
    );
  });

  test("gives a packed batch what each sequence gets alone", () => {
    manualSeed(1);
    const lstm = new nn.LSTM(2, 3, { bidirectional: true }).to("float64");
    const sequences = [4, 1, 3].map((n) => rand([n, 2], { dtype: "float64" }));
    const packed = nn.utils.rnn.packSequence(sequences, { enforceSorted: false });
    const [output, [hidden]] = lstm.forward(packed);
    const each = nn.utils.rnn.unpackSequence(output);
    for (const [i, sequence] of sequences.entries()) {
      const [alone, [last]] = lstm.forward(sequence);
      expect(each[i]?.allcloseSync(alone, { rtol: 1e-12 })).toBe(true);
      expect(hidden.select(1, i).allcloseSync(last, { rtol: 1e-12 })).toBe(true);
    }
  });

  test("takes the state of the steps before", () => {
    manualSeed(2);
    const lstm = new nn.LSTM(2, 3).to("float64");
    const x = rand([6, 1, 2], { dtype: "float64" });
    const [whole] = lstm.forward(x);
    const [, state] = lstm.forward(x.narrow(0, 0, 4));
    const [rest] = lstm.forward(x.narrow(0, 4, 2), state);
    expect(rest.allcloseSync(whole.narrow(0, 4, 2), { rtol: 1e-12 })).toBe(true);
  });

  test("runs half-precision weights", () => {
    const gru = new nn.GRU(2, 2).to("bfloat16");
    expect(gru.forward(ones([2, 1, 2], { dtype: "bfloat16" }))[0].dtype).toBe("bfloat16");
  });
});

const refusals: [make: () => unknown, message: string][] = [
  [
    () => new nn.LSTM(2, 0),
    "LSTM: Argument hiddenSize is not valid: expected an integer of at least 1",
  ],
  [() => new nn.GRU(2, 2, { numLayers: 0 }), "GRU: Argument numLayers is not valid"],
  [
    () => new nn.RNN(2, 2, { dropout: 2 }),
    "RNN: Option dropout is not valid: expected a probability from 0 to 1, received 2",
  ],
  [
    () => new nn.LSTM(2, 2, { projSize: 2 }),
    "LSTM: Option projSize is not valid: expected an integer from 0 to 1, received 2",
  ],
  [
    () => new nn.RNN(2, 2, { nonlinearity: "sigmoid" as "tanh" }),
    'RNN: Option nonlinearity is not valid: expected "tanh" or "relu", received sigmoid',
  ],
  [
    () => new nn.GRU(2, 2).forward(ones([2])),
    "GRU: Input has the wrong rank: expected 2 or 3 dims, received 1\n  input  [2] float32 cpu",
  ],
  [
    () => new nn.GRU(2, 2).forward(ones([4, 1, 3])),
    "GRU: Input does not fit: expected 2 features in its last dim, received 3",
  ],
  [
    () => new nn.GRU(2, 2).forward(zeros([0, 1, 2])),
    "GRU: Input has no steps: expected at least one, received 0",
  ],
  [
    () => new nn.LSTM(2, 3).forward(ones([4, 5, 2]), [zeros([1, 5, 3]), zeros([1, 4, 3])]),
    "LSTM: State 1 does not fit: expected [1, 5, 3], received [1, 4, 3]",
  ],
  [
    () => new nn.LSTM(2, 3).forward(ones([4, 5, 2]), [zeros([1, 5, 3])] as never),
    "LSTM: State 1 does not fit: expected [1, 5, 3], received []",
  ],
  [
    () => new nn.GRUCell(2, 3).forward(ones([1, 1, 2])),
    "GRUCell: Input has the wrong rank: expected 1 or 2 dims, received 3",
  ],
  [
    () => new nn.LSTMCell(2, 3).forward(ones([4, 1])),
    "LSTMCell: Input does not fit: expected 2 features in its last dim, received 1",
  ],
  [
    () => new nn.RNNCell(2, 3).forward(ones([4, 2]), ones([3])),
    "RNNCell: State does not fit: expected [4, 3], received [3]",
  ],
];
test.each(refusals)("recurrent layers refuse what does not fit: %#", (make, message) => {
  expect(make).toThrow(message);
});
