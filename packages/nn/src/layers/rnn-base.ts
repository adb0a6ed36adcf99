// What RNN, LSTM and GRU share: layers over whole sequences, in one or both directions.
import { cat, dropout, empty, type ops, ShapeError, stack, type Tensor } from "@tead/tensor";
import { linear } from "../functional/linear.ts";
import { uniform_ } from "../init/index.ts";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { gather, packedLengths, stepStarts } from "../utils/rnn-index.ts";
import { PackedSequence } from "../utils/rnn-packed.ts";
import { checkSize, type FactoryOptions, factory } from "./factory.ts";

/** Options of the recurrent layers. */
export interface RecurrentOptions extends FactoryOptions {
  /** How many layers stand one on the other. Default 1. */
  readonly numLayers?: number;
  /** Whether the gates have biases. Default true. */
  readonly bias?: boolean;
  /** Whether sequences are `[batch, steps, ...]` and not `[steps, batch, ...]`. Default false. */
  readonly batchFirst?: boolean;
  /** The probability of dropping an element between layers, in training. Default 0. */
  readonly dropout?: number;
  /** Whether a second set of weights reads the sequence from its end. Default false. */
  readonly bidirectional?: boolean;
}

/** The weights of one layer in one direction. @internal */
export interface RecurrentWeights {
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor | undefined;
  readonly biasHh: Tensor | undefined;
  readonly weightHr: Tensor | undefined;
}

/** The states before the first step, or after the last: one tensor, or hidden state and cell. */
export type RecurrentState = Tensor | readonly [hidden: Tensor, cell: Tensor];

/** y = x W^T + b_ih + b_hh: the input's share of the gates. */
export function inputGates(input: Tensor, weights: RecurrentWeights): Tensor {
  const { weightIh, biasIh, biasHh } = weights;
  const bias = biasIh && biasHh ? biasIh.add(biasHh) : undefined;
  return linear(input, weightIh, bias);
}

/** Uniform in ±1/sqrt(hiddenSize), in the order of the parameters. */
export function resetRecurrent(module: Module<never, unknown>, hiddenSize: number): void {
  const bound = 1 / Math.sqrt(hiddenSize);
  for (const parameter of module.parameters()) uniform_(parameter, -bound, bound);
}

type Forward<State> = readonly [output: Tensor | PackedSequence, state: State];

/** The base of RNN, LSTM and GRU. */
export abstract class RNNBase<State extends RecurrentState> extends Module<
  [input: Tensor | PackedSequence, state?: State],
  Forward<State>
> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly projSize: number;

  constructor(
    gateCount: number,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions & { readonly projSize?: number },
  ) {
    super();
    const { numLayers = 1, bias = true, batchFirst = false, bidirectional = false } = options;
    const { dropout: p = 0, projSize = 0 } = options;
    const layer = this.constructor.name;
    checkSize(layer, "inputSize", inputSize);
    checkSize(layer, "hiddenSize", hiddenSize, 1);
    checkSize(layer, "numLayers", numLayers, 1);
    if (!(p >= 0 && p <= 1))
      throw new RangeError(
        `${layer}: Option dropout is not valid: expected a probability from 0 to 1, received ${p}`,
      );
    if (!Number.isInteger(projSize) || projSize < 0 || projSize >= hiddenSize)
      throw new RangeError(
        `${layer}: Option projSize is not valid: expected an integer from 0 to ${hiddenSize - 1}, received ${projSize}`,
      );
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = p;
    this.bidirectional = bidirectional;
    this.projSize = projSize;
    for (const suffix of this.suffixes()) this.register(suffix, gateCount, options);
    this.resetParameters();
  }

  /** The size of a step's output in one direction. */
  private get outputSize(): number {
    return this.projSize > 0 ? this.projSize : this.hiddenSize;
  }
  private get directions(): number {
    return this.bidirectional ? 2 : 1;
  }
  /** What the parameters' names end in, layer by layer: L0, L0Reverse, L1, ... */
  private suffixes(): string[] {
    return Array.from({ length: this.numLayers }, (_, i) =>
      this.bidirectional ? [`L${i}`, `L${i}Reverse`] : [`L${i}`],
    ).flat();
  }
  private register(suffix: string, gateCount: number, options: FactoryOptions): void {
    const inputSize = /^L0/.test(suffix) ? this.inputSize : this.outputSize * this.directions;
    const gates = gateCount * this.hiddenSize;
    const add = (name: string, shape: readonly number[]): void =>
      this.registerParameter(name + suffix, new Parameter(empty(shape, factory(options))));
    add("weightIh", [gates, inputSize]);
    add("weightHh", [gates, this.outputSize]);
    if (this.bias) add("biasIh", [gates]);
    if (this.bias) add("biasHh", [gates]);
    if (this.projSize > 0) add("weightHr", [this.projSize, this.hiddenSize]);
  }
  private weights(suffix: string): RecurrentWeights {
    const fields = this as unknown as Readonly<Record<string, Tensor | undefined>>;
    return {
      weightIh: fields[`weightIh${suffix}`] as Tensor,
      weightHh: fields[`weightHh${suffix}`] as Tensor,
      biasIh: fields[`biasIh${suffix}`],
      biasHh: fields[`biasHh${suffix}`],
      weightHr: fields[`weightHr${suffix}`],
    };
  }

  /** Runs one layer in one direction: every step's output, then every step's other states. */
  protected abstract runLayer(
    rows: Tensor,
    states: readonly Tensor[],
    weights: RecurrentWeights,
    attrs: ops.SequenceAttrs,
  ): readonly Tensor[];
  /** The sizes of the states that a layer keeps. */
  protected abstract stateSizes(): readonly number[];
  /** The states as `forward` gives them. */
  protected abstract stateOf(states: readonly Tensor[]): State;

  /** Draws all weights anew, uniform in ±1/sqrt(hiddenSize). */
  resetParameters(): void {
    resetRecurrent(this, this.hiddenSize);
  }

  /** Every step's output, packed as the input is, and the states after the last step. */
  override forward(
    input: PackedSequence,
    state?: State,
  ): readonly [output: PackedSequence, state: State];
  /** Every step's output, and the states after the last step. */
  override forward(input: Tensor, state?: State): readonly [output: Tensor, state: State];
  override forward(input: Tensor | PackedSequence, state?: State): Forward<State> {
    const given = state === undefined ? undefined : ([state].flat() as Tensor[]);
    if (!(input instanceof PackedSequence)) return this.forwardTensor(input, given);
    const { data, batchSizes, sortedIndices, unsortedIndices } = input;
    this.checkInput(data, 2);
    const reordered = (all: readonly Tensor[], order: readonly number[] | undefined) =>
      order === undefined ? all : all.map((t) => gather(t, 1, order));
    const initial = this.initial(data, batchSizes[0] as number, given);
    const [rows, last] = this.run(data, batchSizes, reordered(initial, sortedIndices));
    return [input.withData(rows), this.stateOf(reordered(last, unsortedIndices))];
  }

  private forwardTensor(input: Tensor, given: readonly Tensor[] | undefined): Forward<State> {
    if (input.ndim === 2) {
      this.checkInput(input, 2);
      const states = given?.map((t) => t.unsqueeze(1));
      const [steps] = input.shape as [number];
      const initial = this.initial(input, 1, states);
      const [rows, last] = this.run(input, new Array<number>(steps).fill(1), initial);
      return [rows, this.stateOf(last.map((t) => t.squeeze(1)))];
    }
    this.checkInput(input, 3);
    const x = this.batchFirst ? input.transpose(0, 1) : input;
    const [steps, batch] = x.shape as [number, number];
    const initial = this.initial(input, batch, given);
    const sizes = new Array<number>(steps).fill(batch);
    const [rows, last] = this.run(x.reshape([steps * batch, this.inputSize]), sizes, initial);
    const output = rows.reshape([steps, batch, rows.size(1)]);
    return [this.batchFirst ? output.transpose(0, 1) : output, this.stateOf(last)];
  }

  private checkInput(input: Tensor, rank: number): void {
    const { shape, dtype, device } = input;
    const problem =
      shape.length !== rank
        ? `Input has the wrong rank: expected 2 or 3 dims, received ${shape.length}`
        : shape[rank - 1] !== this.inputSize
          ? `Input does not fit: expected ${this.inputSize} features in its last dim, received ${shape[rank - 1]}`
          : shape[rank === 3 && this.batchFirst ? 1 : 0] === 0
            ? "Input has no steps: expected at least one, received 0"
            : undefined;
    if (problem === undefined) return;
    const operands = [{ name: "input", shape, dtype, device: device.name }];
    throw new ShapeError(problem, { op: this.constructor.name, operands });
  }
  /** The initial states, zeros unless given: each [layers * directions, batch, size]. */
  private initial(
    like: Tensor,
    batch: number,
    given: readonly Tensor[] | undefined,
  ): readonly Tensor[] {
    return this.stateSizes().map((size, i) => {
      const expected = [this.numLayers * this.directions, batch, size];
      if (given === undefined) return like.newZeros(expected);
      const state = given[i];
      if (state?.shape.join() === expected.join()) return state;
      throw new ShapeError(
        `${this.constructor.name}: State ${i} does not fit: expected [${expected.join(", ")}], ` +
          `received [${state?.shape.join(", ") ?? ""}]\n` +
          "Hint: states are [layers * directions, batch, size] also with batchFirst",
      );
    });
  }

  /** All layers over the rows of all steps: the last one's rows, and the states after the end. */
  private run(
    input: Tensor,
    batchSizes: readonly number[],
    initial: readonly Tensor[],
  ): readonly [rows: Tensor, states: readonly Tensor[]] {
    const after: Tensor[][] = initial.map(() => []);
    const directions = this.bidirectional ? [false, true] : [false];
    const suffixes = this.suffixes();
    let rows = input;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const outputs = directions.map((reverse, direction) => {
        const place = layer * directions.length + direction;
        const states = initial.map((t) => t.select(0, place));
        const weights = this.weights(suffixes[place] as string);
        const all = this.runLayer(rows, states, weights, { batchSizes, reverse });
        for (const [i, t] of all.entries()) after[i]?.push(lastRows(t, batchSizes, reverse));
        return all[0] as Tensor;
      });
      rows = outputs.length === 1 ? (outputs[0] as Tensor) : cat(outputs, 1);
      if (this.dropout > 0 && layer < this.numLayers - 1)
        rows = dropout(rows, this.dropout, { training: this.training });
    }
    return [rows, after.map((states) => stack(states))];
  }

  override extraRepr(): string {
    const { inputSize, hiddenSize, projSize, numLayers, bias, batchFirst, bidirectional } = this;
    return [
      `${inputSize}, ${hiddenSize}`,
      ...(projSize > 0 ? [`proj_size=${projSize}`] : []),
      ...(numLayers > 1 ? [`num_layers=${numLayers}`] : []),
      ...(bias ? [] : ["bias=False"]),
      ...(batchFirst ? ["batch_first=True"] : []),
      ...(this.dropout > 0 ? [`dropout=${pyFloat(this.dropout)}`] : []),
      ...(bidirectional ? [`bidirectional=${pyValue(bidirectional)}`] : []),
    ].join(", ");
  }
}

/** The rows of each sequence's last step, or of its first where the steps run in reverse. */
function lastRows(rows: Tensor, batchSizes: readonly number[], reverse: boolean): Tensor {
  const batch = batchSizes[0] as number;
  if (reverse) return rows.narrow(0, 0, batch);
  if (batchSizes.at(-1) === batch) return rows.narrow(0, rows.size(0) - batch, batch);
  const starts = stepStarts(batchSizes);
  const places = packedLengths(batchSizes).map((n, b) => (starts[n - 1] as number) + b);
  return gather(rows, 0, places);
}
