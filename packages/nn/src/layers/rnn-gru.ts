// The gated recurrent unit.
import { dispatch, ops, type Tensor } from "@tead/tensor";
import { linear } from "../functional/linear.ts";
import { type RecurrentOptions, type RecurrentWeights, RNNBase } from "./rnn-base.ts";

/** Options of {@link GRU}. */
export type GRUOptions = RecurrentOptions;

/**
 * A gated recurrent unit: for each layer and step
 *
 * r = sigmoid(W_ir x + b_ir + W_hr h + b_hr), z = sigmoid(W_iz x + b_iz + W_hz h + b_hz),
 * n = tanh(W_in x + b_in + r (W_hn h + b_hn)), h' = (1 - z) n + z h
 *
 * **Shapes** (L steps, batch N, D directions): `input [L, N, inputSize]` (`[N, L, inputSize]` with
 * `batchFirst`, `[L, inputSize]` without batch, or packed) `-> output [L, N, D * hiddenSize]` and
 * the last hidden states `[numLayers * D, N, hiddenSize]`; the initial ones, zeros unless given,
 * alike. The weights hold the gates in the order r, z, n.
 *
 * The input has the dtype of the weights. They begin uniform in ±1/sqrt(hiddenSize).
 *
 * @param inputSize - The size of a step of the input.
 * @param hiddenSize - The size of the hidden state.
 * @param options - `numLayers`, `bias`, `batchFirst`, `dropout`, `bidirectional`, `device`, `dtype`.
 * @throws RangeError if a size or an option is not valid.
 * @throws ShapeError if the input or the initial state does not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GRU.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { GRU } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const gru = new GRU(10, 20, { batchFirst: true, bidirectional: true });
 * const [output, hidden] = gru.forward(ones([3, 5, 10]));
 * assert.deepEqual([output.shape, hidden.shape], [[3, 5, 40], [2, 3, 20]]);
 */
export class GRU extends RNNBase<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: GRUOptions = {}) {
    super(3, inputSize, hiddenSize, { ...options, projSize: 0 });
  }

  protected override runLayer(
    rows: Tensor,
    [state]: readonly [Tensor],
    { weightIh, weightHh, biasIh, biasHh }: RecurrentWeights,
    attrs: ops.SequenceAttrs,
  ): readonly Tensor[] {
    const gates = linear(rows, weightIh, biasIh);
    return dispatch(ops.gruSequenceOp, [gates, state, weightHh, biasHh], attrs).slice(0, 1);
  }
  protected override stateSizes(): readonly number[] {
    return [this.hiddenSize];
  }
  protected override stateOf([hidden]: readonly [Tensor]): Tensor {
    return hidden;
  }
}
