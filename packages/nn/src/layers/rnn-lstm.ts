// Long short-term memory.
import { dispatch, ops, type Tensor } from "@tead/tensor";
import { inputGates, type RecurrentOptions, type RecurrentWeights, RNNBase } from "./rnn-base.ts";

/** Options of {@link LSTM}. */
export interface LSTMOptions extends RecurrentOptions {
  /** The size that hidden states are projected to; none if 0, the default. */
  readonly projSize?: number;
}

/** Hidden state and cell. */
export type LSTMState = readonly [hidden: Tensor, cell: Tensor];

/**
 * Long short-term memory: for each layer and step
 *
 * i = sigmoid(W_ii x + b_ii + W_hi h + b_hi), f = sigmoid(W_if x + b_if + W_hf h + b_hf),
 * g = tanh(W_ig x + b_ig + W_hg h + b_hg), o = sigmoid(W_io x + b_io + W_ho h + b_ho),
 * c' = f c + i g, h' = o tanh(c'), or W_hr (o tanh(c')) with `projSize`
 *
 * **Shapes** (L steps, batch N, D directions, H = `projSize` or else `hiddenSize`):
 * `input [L, N, inputSize]` (`[N, L, inputSize]` with `batchFirst`, `[L, inputSize]` without batch,
 * or packed) `-> output [L, N, D * H]`, the last hidden states `[numLayers * D, N, H]` and cells
 * `[numLayers * D, N, hiddenSize]`; the initial ones, zeros unless given, alike. The weights hold
 * the gates in the order i, f, g, o.
 *
 * The input has the dtype of the weights. They begin uniform in ±1/sqrt(hiddenSize).
 *
 * @param inputSize - The size of a step of the input.
 * @param hiddenSize - The size of the cell.
 * @param options - `numLayers`, `projSize`, `bias`, `batchFirst`, `dropout`, `bidirectional`,
 *   `device`, `dtype`.
 * @throws RangeError if a size or an option is not valid.
 * @throws ShapeError if the input or the initial states do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LSTM } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const lstm = new LSTM(10, 20, { numLayers: 2 });
 * const [output, [hidden, cell]] = lstm.forward(ones([5, 3, 10]));
 * assert.deepEqual(output.shape, [5, 3, 20]);
 * assert.deepEqual([hidden.shape, cell.shape], [[2, 3, 20], [2, 3, 20]]);
 */
export class LSTM extends RNNBase<LSTMState> {
  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    super(4, inputSize, hiddenSize, options);
  }

  protected override runLayer(
    rows: Tensor,
    [state, cell]: readonly [Tensor, Tensor],
    weights: RecurrentWeights,
    attrs: ops.SequenceAttrs,
  ): readonly Tensor[] {
    const gates = inputGates(rows, weights);
    const { weightHh, weightHr } = weights;
    const operands = [gates, state, cell, weightHh, weightHr] as const;
    return dispatch(ops.lstmSequenceOp, operands, attrs).slice(0, 2);
  }
  protected override stateSizes(): readonly number[] {
    return [this.projSize > 0 ? this.projSize : this.hiddenSize, this.hiddenSize];
  }
  protected override stateOf([hidden, cell]: readonly [Tensor, Tensor]): LSTMState {
    return [hidden, cell];
  }
}
