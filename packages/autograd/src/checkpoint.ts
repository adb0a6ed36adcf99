// Trading compute for memory: a part of a model that saves nothing and runs again in backward.
import {
  defaultGenerator,
  isGradEnabled,
  StateError,
  type Tensor,
  withContext,
} from "@tead/tensor";
import { shellOf } from "./saved.ts";

/** Options of `checkpoint()`. */
export interface CheckpointOptions {
  /** Whether random numbers come out the same when it runs again; true unless said. */
  readonly preserveRngState?: boolean;
}

class Recomputed {
  readonly tensor: Tensor;
  readonly version: number;
  constructor(tensor: Tensor) {
    // Without a record: the second run's own graph is not used.
    this.tensor = shellOf(tensor);
    this.version = tensor.storage.version;
  }
}

/**
 * `fn(...inputs)`, whose graph keeps none of the tensors between: backward runs `fn` once more to
 * get them. It must compute the same again. PyTorch's `torch.utils.checkpoint.checkpoint` with
 * `use_reentrant=False`.
 *
 * @param fn - The part of the model.
 * @param inputs - What it takes.
 * @throws {StateError} in backward, if the second run saves other tensors than the first.
 * @see https://pytorch.org/docs/stable/checkpoint.html
 * @example
 * import assert from "node:assert/strict";
 * import { checkpoint } from "@tead/autograd";
 * import { cpu } from "@tead/backend-cpu";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const x = tensor([0, 1], { dtype: "float32", requiresGrad: true });
 * checkpoint((t) => t.mul(t).mul(t), x).sum().backward();
 * assert.deepEqual(await x.grad?.tolist(), [0, 3]);
 */
export function checkpoint<A extends readonly unknown[], R>(
  fn: (...inputs: A) => R,
  ...inputs: A
): R {
  return checkpointWith({}, fn, ...inputs);
}

/** `checkpoint()` with options. */
export function checkpointWith<A extends readonly unknown[], R>(
  { preserveRngState = true }: CheckpointOptions,
  fn: (...inputs: A) => R,
  ...inputs: A
): R {
  if (!isGradEnabled()) return fn(...inputs);
  const state = preserveRngState ? defaultGenerator().getState() : undefined;
  let expected = 0;
  // By the order in which they are saved; each goes once it has been read.
  let found = new Map<number, Recomputed>();
  const recompute = (): void => {
    found = new Map();
    let count = 0;
    const pack = (tensor: Tensor): void => {
      found.set(count++, new Recomputed(tensor));
    };
    const savedTensorHooks = { pack, unpack: neverRead };
    withState(state, () =>
      withContext({ savedTensorHooks, gradEnabled: true }, () => fn(...inputs)),
    );
    if (count !== expected) throw mismatch(expected, count);
  };
  const unpack = (index: unknown): Tensor => {
    if (!found.has(index as number)) recompute();
    const { tensor, version } = found.get(index as number) as Recomputed;
    found.delete(index as number);
    if (tensor.storage.version !== version)
      throw new StateError(
        "checkpoint: A tensor needed for the gradient has been modified by an inplace operation: " +
          `expected version ${version}, received ${tensor.storage.version}`,
        { hint: "write to a clone() inside the checkpointed function" },
      );
    return tensor;
  };
  return withContext({ savedTensorHooks: { pack: () => expected++, unpack } }, () => fn(...inputs));
}

function withState<R>(state: Uint8Array | undefined, fn: () => R): R {
  if (state === undefined) return fn();
  const generator = defaultGenerator();
  const now = generator.getState();
  generator.setState(state);
  try {
    return fn();
  } finally {
    generator.setState(now);
  }
}

function mismatch(expected: number, received: number): Error {
  return new StateError(
    `checkpoint: The second run differs from the first: expected ${expected} saved tensors, ` +
      `received ${received}`,
    { hint: "make the function depend on its inputs and the default generator only" },
  );
}

function neverRead(): never {
  throw new StateError(
    "checkpoint: Backward inside the second run: expected fn to only run forward",
  );
}
