// One step of the recurrent layers.
import { dispatch, empty, ops, ShapeError, type Tensor } from "@tead/tensor";
import { linear } from "../functional/linear.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { checkSize, type FactoryOptions, factory } from "./factory.ts";
import { checkNonlinearity } from "./rnn.ts";
import {
  inputGates,
  type RecurrentState,
  type RecurrentWeights,
  resetRecurrent,
} from "./rnn-base.ts";
import type { LSTMState } from "./rnn-lstm.ts";

/** Options of {@link LSTMCell} and {@link GRUCell}. */
export interface RecurrentCellOptions extends FactoryOptions {
  /** Whether the gates have biases. Default true. */
  readonly bias?: boolean;
}

/** The base of RNNCell, LSTMCell and GRUCell. */
abstract class RNNCellBase<State extends RecurrentState> extends Module<
  [input: Tensor, state?: State],
  State
> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  weightIh: Parameter;
  weightHh: Parameter;
  biasIh: Parameter | undefined;
  biasHh: Parameter | undefined;

  constructor(
    gateCount: number,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentCellOptions,
  ) {
    super();
    checkSize(this.constructor.name, "inputSize", inputSize);
    checkSize(this.constructor.name, "hiddenSize", hiddenSize, 1);
    const { bias = true } = options;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    const gates = gateCount * hiddenSize;
    const values = (shape: readonly number[]): Parameter =>
      new Parameter(empty(shape, factory(options)));
    this.weightIh = values([gates, inputSize]);
    this.weightHh = values([gates, hiddenSize]);
    this.biasIh = bias ? values([gates]) : undefined;
    this.biasHh = bias ? values([gates]) : undefined;
    this.resetParameters();
  }

  /** Draws all weights anew, uniform in ±1/sqrt(hiddenSize). */
  resetParameters(): void {
    resetRecurrent(this, this.hiddenSize);
  }

  /** @internal */
  protected weights(): RecurrentWeights {
    const { weightIh, weightHh, biasIh, biasHh } = this;
    return { weightIh, weightHh, biasIh, biasHh, weightHr: undefined };
  }
  /** Runs `step` on rows: input and states of one vector are a batch of one. @internal */
  protected onRows(
    input: Tensor,
    states: readonly Tensor[] | undefined,
    count: number,
    step: (x: Tensor, states: readonly Tensor[], attrs: ops.SequenceAttrs) => readonly Tensor[],
  ): readonly Tensor[] {
    const { name } = this.constructor;
    if (input.ndim !== 1 && input.ndim !== 2)
      throw new ShapeError(
        `${name}: Input has the wrong rank: expected 1 or 2 dims, received ${input.ndim}`,
      );
    if (input.size(-1) !== this.inputSize)
      throw new ShapeError(
        `${name}: Input does not fit: expected ${this.inputSize} features in its last dim, received ${input.size(-1)}`,
      );
    const expected = [...input.shape.slice(0, -1), this.hiddenSize];
    const wrong = states?.find(({ shape }) => shape.join() !== expected.join());
    if (wrong !== undefined)
      throw new ShapeError(
        `${name}: State does not fit: expected [${expected.join(", ")}], received [${wrong.shape.join(", ")}]`,
      );
    const given = states ?? new Array<Tensor>(count).fill(input.newZeros(expected));
    if (input.ndim === 2)
      return step(input, given, { batchSizes: [input.size(0)], reverse: false });
    const rows = given.map((t) => t.unsqueeze(0));
    const after = step(input.unsqueeze(0), rows, { batchSizes: [1], reverse: false });
    return after.map((t) => t.squeeze(0));
  }
  override extraRepr(): string {
    const bias = this.biasIh === undefined ? ", bias=False" : "";
    return `${this.inputSize}, ${this.hiddenSize}${bias}`;
  }
}

/** Options of {@link RNNCell}. */
export interface RNNCellOptions extends RecurrentCellOptions {
  /** What the sum passes through. Default "tanh". */
  readonly nonlinearity?: "tanh" | "relu";
}

/**
 * One step of `RNN`: h' = f(x W_ih^T + b_ih + h W_hh^T + b_hh), f being tanh or relu.
 *
 * **Shapes**: `input [N, inputSize]` or `[inputSize]`; the state, zeros unless given, and the result
 * `[N, hiddenSize]` or `[hiddenSize]`.
 *
 * @param inputSize - The size of the input.
 * @param hiddenSize - The size of the state.
 * @param options - `bias`, `nonlinearity`, `device`, `dtype`.
 * @throws ShapeError if the input or the state does not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { RNNCell } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const cell = new RNNCell(10, 20);
 * let hidden = cell.forward(ones([3, 10]));
 * hidden = cell.forward(ones([3, 10]), hidden);
 * assert.deepEqual(hidden.shape, [3, 20]);
 */
export class RNNCell extends RNNCellBase<Tensor> {
  readonly nonlinearity: "tanh" | "relu";

  constructor(inputSize: number, hiddenSize: number, options: RNNCellOptions = {}) {
    super(1, inputSize, hiddenSize, options);
    const { nonlinearity = "tanh" } = options;
    checkNonlinearity("RNNCell", nonlinearity);
    this.nonlinearity = nonlinearity;
  }

  override forward(input: Tensor, state?: Tensor): Tensor {
    const { nonlinearity, weightHh } = this;
    const [hidden] = this.onRows(input, state && [state], 1, (x, [h], attrs) => {
      const gates = inputGates(x, this.weights());
      const operands = [gates, h as Tensor, weightHh] as const;
      return [dispatch(ops.rnnSequenceOp, operands, { ...attrs, nonlinearity })];
    });
    return hidden as Tensor;
  }
  /** What stands between the parentheses when the cell prints: PyTorch's words. */
  override extraRepr(): string {
    const { nonlinearity } = this;
    return super.extraRepr() + (nonlinearity === "tanh" ? "" : `, nonlinearity=${nonlinearity}`);
  }
}

/**
 * One step of `LSTM`, from hidden state and cell to the next.
 *
 * i, f, g, o = x W_ih^T + b_ih + h W_hh^T + b_hh; c' = sigmoid(f) c + sigmoid(i) tanh(g);
 * h' = sigmoid(o) tanh(c')
 *
 * **Shapes**: `input [N, inputSize]` or `[inputSize]`; both states, zeros unless given, and both
 * results `[N, hiddenSize]` or `[hiddenSize]`.
 *
 * @param inputSize - The size of the input.
 * @param hiddenSize - The size of the states.
 * @param options - `bias`, `device`, `dtype`.
 * @throws ShapeError if the input or a state does not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LSTMCell } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const cell = new LSTMCell(10, 20);
 * let state = cell.forward(ones([3, 10]));
 * state = cell.forward(ones([3, 10]), state);
 * assert.deepEqual(state.map((t) => t.shape), [[3, 20], [3, 20]]);
 */
export class LSTMCell extends RNNCellBase<LSTMState> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentCellOptions = {}) {
    super(4, inputSize, hiddenSize, options);
  }

  override forward(input: Tensor, state?: LSTMState): LSTMState {
    const after = this.onRows(input, state, 2, (x, [h, c], attrs) => {
      const gates = inputGates(x, this.weights());
      const operands = [gates, h as Tensor, c as Tensor, this.weightHh, undefined] as const;
      return dispatch(ops.lstmSequenceOp, operands, attrs).slice(0, 2);
    });
    return after as LSTMState;
  }
}

/**
 * One step of `GRU`.
 *
 * r = sigmoid(W_ir x + b_ir + W_hr h + b_hr), z = sigmoid(W_iz x + b_iz + W_hz h + b_hz),
 * n = tanh(W_in x + b_in + r (W_hn h + b_hn)), h' = (1 - z) n + z h
 *
 * **Shapes**: `input [N, inputSize]` or `[inputSize]`; the state, zeros unless given, and the result
 * `[N, hiddenSize]` or `[hiddenSize]`.
 *
 * @param inputSize - The size of the input.
 * @param hiddenSize - The size of the state.
 * @param options - `bias`, `device`, `dtype`.
 * @throws ShapeError if the input or the state does not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { GRUCell } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * assert.deepEqual(new GRUCell(10, 20).forward(ones([3, 10])).shape, [3, 20]);
 */
export class GRUCell extends RNNCellBase<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentCellOptions = {}) {
    super(3, inputSize, hiddenSize, options);
  }

  override forward(input: Tensor, state?: Tensor): Tensor {
    const [hidden] = this.onRows(input, state && [state], 1, (x, [h], attrs) => {
      const { weightIh, weightHh, biasIh, biasHh } = this;
      const gates = linear(x, weightIh, biasIh);
      return dispatch(ops.gruSequenceOp, [gates, h as Tensor, weightHh, biasHh], attrs).slice(0, 1);
    });
    return hidden as Tensor;
  }
}
