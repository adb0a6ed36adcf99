// The simple recurrent layer.
import { dispatch, ops, type Tensor } from "@tead/tensor";
import { inputGates, type RecurrentOptions, type RecurrentWeights, RNNBase } from "./rnn-base.ts";

/** Options of {@link RNN}. */
export interface RNNOptions extends RecurrentOptions {
  /** What a step's sum passes through. Default "tanh". */
  readonly nonlinearity?: "tanh" | "relu";
}

/** Refuses what is neither; callers without types may write anything. */
export function checkNonlinearity(layer: string, nonlinearity: string): void {
  if (nonlinearity !== "tanh" && nonlinearity !== "relu")
    throw new RangeError(
      `${layer}: Option nonlinearity is not valid: expected "tanh" or "relu", received ${nonlinearity}`,
    );
}

/**
 * A simple recurrent network: for each layer and step
 * h_t = f(x_t W_ih^T + b_ih + h_(t-1) W_hh^T + b_hh), f being tanh or relu.
 *
 * **Shapes** (L steps, batch N, D directions): `input [L, N, inputSize]` (`[N, L, inputSize]` with
 * `batchFirst`, `[L, inputSize]` without batch, or packed) `-> output [L, N, D * hiddenSize]` and
 * the last hidden states `[numLayers * D, N, hiddenSize]`; the initial ones, zeros unless given,
 * alike.
 *
 * The input has the dtype of the weights. They begin uniform in ±1/sqrt(hiddenSize).
 *
 * @param inputSize - The size of a step of the input.
 * @param hiddenSize - The size of the hidden state.
 * @param options - `numLayers`, `nonlinearity`, `bias`, `batchFirst`, `dropout`, `bidirectional`,
 *   `device`, `dtype`.
 * @throws RangeError if a size or an option is not valid.
 * @throws ShapeError if the input or the initial state does not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RNN.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { RNN } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const rnn = new RNN(10, 20, { numLayers: 2 });
 * const [output, hidden] = rnn.forward(ones([5, 3, 10]));
 * assert.deepEqual([output.shape, hidden.shape], [[5, 3, 20], [2, 3, 20]]);
 */
export class RNN extends RNNBase<Tensor> {
  readonly nonlinearity: "tanh" | "relu";

  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    super(1, inputSize, hiddenSize, { ...options, projSize: 0 });
    const { nonlinearity = "tanh" } = options;
    checkNonlinearity("RNN", nonlinearity);
    this.nonlinearity = nonlinearity;
  }

  protected override runLayer(
    rows: Tensor,
    [state]: readonly [Tensor],
    weights: RecurrentWeights,
    attrs: ops.SequenceAttrs,
  ): readonly Tensor[] {
    const { nonlinearity } = this;
    const operands = [inputGates(rows, weights), state, weights.weightHh] as const;
    return [dispatch(ops.rnnSequenceOp, operands, { ...attrs, nonlinearity })];
  }
  protected override stateSizes(): readonly number[] {
    return [this.hiddenSize];
  }
  protected override stateOf([hidden]: readonly [Tensor]): Tensor {
    return hidden;
  }
}
