// How many floating-point operations an op does, a multiplication and an addition counted as two.
import type { AnyOp, TensorSpec } from "../op.ts";
import { numelOf } from "../shape.ts";

type Specs = readonly (TensorSpec | undefined)[];

const count = (spec: TensorSpec | undefined): number =>
  spec === undefined ? 0 : numelOf(spec.shape);

/** What each output of a convolution takes: its weights of one output channel. */
const perOutput = (weight: TensorSpec | undefined): number =>
  count(weight) / (weight?.shape[0] || 1);

/** What a recurrent layer's steps take: rows of gates (or of their gradient) by weights of the state. */
const steps =
  (...weights: readonly number[]) =>
  (inputs: Specs): number =>
    (inputs[0]?.shape[0] ?? 0) * weights.reduce((sum, at) => sum + count(inputs[at]), 0);

/** How many keys a head of attention has, whichever dims are its batch: the logsumexp's [..., L] tells those. */
const keysOf = (key: TensorSpec | undefined, logs: TensorSpec | undefined): number => {
  const heads = count(logs) / (logs?.shape.at(-1) || 1);
  return count(key) / (heads * (key?.shape.at(-1) ?? 1) || 1);
};

/** The ops that are made of multiply-adds: how many. */
const multiplyAdds: Readonly<
  Record<string, (inputs: Specs, output: TensorSpec, outputs: Specs) => number>
> = {
  matmul: ([input], output) => count(output) * (input?.shape.at(-1) ?? 0),
  linear: ([input], output) => count(output) * (input?.shape.at(-1) ?? 0),
  linearGradWeight: ([grad], weight) => count(grad) * (weight.shape[1] ?? 0),
  conv: ([, weight], output) => count(output) * perOutput(weight),
  convGradInput: ([grad, weight]) => count(grad) * perOutput(weight),
  convGradWeight: ([, grad], output) => count(grad) * perOutput(output),
  rnnSequence: steps(2),
  rnnSequenceGrad: steps(1),
  lstmSequence: steps(3, 4),
  lstmSequenceGrad: steps(3),
  gruSequence: steps(2),
  gruSequenceGrad: steps(2),
  // Q K^T and P V; backward Q K^T again, dO V^T, dS K, dS^T Q and P^T dO.
  attention: ([query, key], output, [, logs]) => keysOf(key, logs) * (count(query) + count(output)),
  attentionGrad: ([grad, query, key, , , , , logs]) =>
    keysOf(key, logs) * (3 * count(query) + 2 * count(grad)),
};

/**
 * Two for each multiply-add of products, convolutions (whatever the algorithm), attention and recurrent steps, one for each element of
 * elementwise ops; other ops count as 0.
 */
export function flopsOf(op: AnyOp, inputs: Specs, outputs: readonly TensorSpec[]): number {
  const output = outputs[0] as TensorSpec;
  const products = multiplyAdds[op.name];
  if (products !== undefined) return 2 * products(inputs, output, outputs);
  return op.elementwise ? count(output) : 0;
}
