// Running statistics for averaged weights.
import { type Backend, noGrad, Tensor } from "@tead/tensor";

/** What `updateBn` needs of a model. */
export interface WithRunningStats {
  readonly training: boolean;
  /** Computes the output. */
  forward(...args: never): unknown;
  /** The model and all modules within. */
  modules(): readonly object[];
  /** Switches to training mode, or to evaluation with `false`. */
  train(mode?: boolean): unknown;
}

/** A layer with running statistics, as nn's batch normalization. */
interface Normalization {
  momentum: number | null;
  resetRunningStats(): void;
}
const isNormalization = (module: object): module is Normalization =>
  "momentum" in module && "resetRunningStats" in module;

/** A batch: the input, or a list whose first is the input. */
export type InputBatch = Tensor | readonly [input: Tensor, ...rest: unknown[]];

/**
 * Computes the running statistics of batch normalization anew: the mean over one pass of the data,
 * as averaged weights need it.
 *
 * @param loader - The batches; of a list the first is the input.
 * @param model - The model, an {@link AveragedModel} as a rule.
 * @param options - `device` to move the inputs to.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.update_bn.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { BatchNorm1d } from "@tead/nn";
 * import { updateBn } from "@tead/optim";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const model = new BatchNorm1d(1);
 * const batches = [tensor([[1.5], [2.5]]), tensor([[3.5], [4.5]])];
 * await updateBn(batches, model);
 * assert.deepEqual(await model.runningMean?.tolist(), [3]);
 */
export async function updateBn(
  loader: Iterable<InputBatch> | AsyncIterable<InputBatch>,
  model: WithRunningStats,
  { device }: { readonly device?: Backend } = {},
): Promise<void> {
  const layers = model.modules().filter(isNormalization);
  if (layers.length === 0) return;
  const momenta = layers.map((layer) => layer.momentum);
  const { training } = model;
  model.train();
  for (const layer of layers) {
    layer.resetRunningStats();
    layer.momentum = null;
  }
  const forward = model.forward as (input: Tensor) => unknown;
  try {
    for await (const batch of loader) {
      const given = batch instanceof Tensor ? batch : batch[0];
      const input = device === undefined ? given : await given.moveTo(device);
      noGrad(() => forward.call(model, input));
    }
  } finally {
    layers.forEach((layer, i) => {
      layer.momentum = momenta[i] as number | null;
    });
    model.train(training);
  }
}
