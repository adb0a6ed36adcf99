// A running average of a model's parameters. It knows modules by their shape only: this package
// does not import @tead/nn.
import { type Backend, noGrad, StateError, type Tensor, tensor } from "@tead/tensor";
import { type AvgFn, getSwaAvgFn, inPlace, type MultiAvgFn } from "./rules.ts";

type State = Readonly<Record<string, Tensor>>;

/** What averaging needs of a model: every module of @tead/nn has it. */
export interface AveragedModule {
  readonly training: boolean;
  /** A model of its own with the same numbers. */
  deepCopy(): this;
  /** Computes the output. */
  forward(...args: never): unknown;
  /** What is averaged. */
  parameters(): readonly Tensor[];
  /** What is copied, or averaged too. */
  buffers(): readonly Tensor[];
  /** The model and all modules within. */
  modules(): readonly object[];
  /** Moves it to a device. */
  to(device: Backend): unknown;
  /** Switches to training mode, or to evaluation with `false`. */
  train(mode?: boolean): unknown;
  /** Every parameter and buffer under its name. */
  stateDict(): State;
  /** Takes over a state that `stateDict()` gave. */
  loadStateDict(state: State): unknown;
}

/** Options of {@link AveragedModel}; one of `avgFn` and `multiAvgFn`, or neither for the mean. */
export interface AveragedModelOptions {
  /** Where the average lives. Default where the model is. */
  readonly device?: Backend;
  /** How one tensor's average takes in one more. */
  readonly avgFn?: AvgFn;
  /** How all averages take in one more. */
  readonly multiAvgFn?: MultiAvgFn;
  /** Whether buffers are averaged too; else they are copied. Default false. */
  readonly useBuffers?: boolean;
}

/**
 * Keeps the average of a model over training: stochastic weight averaging (the mean, unless said)
 * or an exponential moving average. The first `updateParameters()` copies the model.
 *
 * A mean of weights has no running statistics of its own: call {@link updateBn} when the average
 * is done, or keep `useBuffers`.
 *
 * @param model - The model; it is copied.
 * @param options - All optional.
 * @throws StateError if both averaging functions are given.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.AveragedModel.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear } from "@tead/nn";
 * import { AveragedModel, getEmaMultiAvgFn } from "@tead/optim";
 * import { noGrad, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const model = new Linear(1, 1, { bias: false });
 * const average = new AveragedModel(model, { multiAvgFn: getEmaMultiAvgFn(0.75) });
 * for (const value of [0, 4]) {
 *   noGrad(() => model.weight.fill_(value)); // a step of training
 *   average.updateParameters(model);
 * }
 * assert.equal(await average.module.weight.item(), 1);
 */
export class AveragedModel<M extends AveragedModule> {
  /** The average. */
  readonly module: M;
  /** How many models it is made of. */
  nAveraged = 0;
  readonly useBuffers: boolean;
  readonly #update: MultiAvgFn;

  constructor(model: M, options: AveragedModelOptions = {}) {
    const { device, avgFn, multiAvgFn, useBuffers = false } = options;
    if (avgFn !== undefined && multiAvgFn !== undefined)
      throw new StateError(
        "AveragedModel: Two averaging functions: expected avgFn, multiAvgFn or neither",
      );
    this.module = model.deepCopy();
    if (device !== undefined) this.module.to(device);
    this.useBuffers = useBuffers;
    this.#update = multiAvgFn ?? inPlace(avgFn ?? getSwaAvgFn());
  }

  /** What the average computes. */
  forward(...args: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    const forward = this.module.forward as (...a: Parameters<M["forward"]>) => unknown;
    return forward.apply(this.module, args) as ReturnType<M["forward"]>;
  }

  /** Takes one more model into the average. */
  updateParameters(model: M): void {
    noGrad(() => {
      const own = tensorsOf(this.module, this.useBuffers);
      const current = tensorsOf(model, this.useBuffers).map((t, i) =>
        t.to((own[i] as Tensor).device),
      );
      if (this.nAveraged === 0) copyAll(own, current);
      else this.#update(own, current, this.nAveraged);
      if (!this.useBuffers) copyAll(detached(this.module.buffers()), detached(model.buffers()));
    });
    copyCounts(model, this.module);
    this.nAveraged++;
  }

  /** The averaged model's parameters. */
  parameters(): readonly Tensor[] {
    return this.module.parameters();
  }
  /** The averaged model's buffers. */
  buffers(): readonly Tensor[] {
    return this.module.buffers();
  }
  /** The averaged model and all modules within. */
  modules(): readonly object[] {
    return this.module.modules();
  }
  get training(): boolean {
    return this.module.training;
  }
  /** Switches to training mode, or to evaluation with `false`. */
  train(mode = true): this {
    this.module.train(mode);
    return this;
  }
  /** Switches to evaluation mode. */
  eval(): this {
    return this.train(false);
  }

  /** PyTorch's keys: the count, and the model's behind `module.`. */
  stateDict(): State {
    const entries = Object.entries(this.module.stateDict());
    const count = tensor(this.nAveraged, { dtype: "int64" });
    return {
      n_averaged: count,
      ...Object.fromEntries(entries.map(([key, value]) => [`module.${key}`, value])),
    };
  }
  /**
   * Takes the state of a state dict, this library's or PyTorch's.
   * @throws StateError if keys are missing, unexpected or mis-shaped.
   */
  loadStateDict(state: State): void {
    const { n_averaged: count, ...rest } = state;
    if (count === undefined)
      throw new StateError("AveragedModel: Cannot load the state dict: expected n_averaged in it");
    const entries = Object.entries(rest).map(([key, value]) => [
      key.replace(/^module\./, ""),
      value,
    ]);
    this.module.loadStateDict(Object.fromEntries(entries));
    this.nAveraged = Number(count.itemSync());
  }
}

const detached = (tensors: readonly Tensor[]): Tensor[] => tensors.map((t) => t.detach());
const tensorsOf = (model: AveragedModule, withBuffers: boolean): Tensor[] =>
  detached([...model.parameters(), ...(withBuffers ? model.buffers() : [])]);

function copyAll(targets: readonly Tensor[], sources: readonly Tensor[]): void {
  targets.forEach((target, i) => {
    target.copy_((sources[i] as Tensor).to(target.device));
  });
}

/** Copies the counts of batches, which modules keep as numbers. */
function copyCounts(from: AveragedModule, to: AveragedModule): void {
  const sources = from.modules();
  to.modules().forEach((target, i) => {
    const source = sources[i];
    if (source === undefined || !("numBatchesTracked" in source)) return;
    Object.assign(target, { numBatchesTracked: source.numBatchesTracked });
  });
}
