// What a node keeps of the tensors that its gradient reads, and the check that nobody wrote to them.
import { runtime, type SavedTensorHooks, StateError, Tensor } from "@tead/tensor";
import type { AccumulateGrad } from "./accumulate-grad.ts";
import { gradientNode } from "./edges.ts";
import { Meta, metaOf } from "./meta.ts";
import type { Node } from "./node.ts";
import { expose, outside } from "./ownership.ts";

/** A second tensor on the same elements, without a record. */
export function shellOf(tensor: Tensor): Tensor {
  return new Tensor(tensor.storage, tensor, tensor.dtype);
}

/** One saved tensor. An output is kept without its record, so that nothing holds its own maker. */
export class SavedTensor {
  readonly tensor: Tensor;
  readonly version: number;
  /** Which output of the node it is; -1 for an input, which is kept as it is. */
  readonly output: number;

  constructor(tensor: Tensor, output: number) {
    if (tensor.storage.inference) throw inferenceError(tensor);
    this.tensor = output < 0 ? tensor : shellOf(tensor);
    this.version = tensor.storage.version;
    this.output = output;
  }

  /** The tensor as its gradient sees it, or the error that reading it is to give. */
  read(node: Node): Tensor | Error {
    const { tensor, version, output } = this;
    if (tensor.storage.version !== version) return modifiedError(tensor, version, node);
    if (output < 0) return tensor;
    const seen = shellOf(tensor);
    seen.autograd = new Meta(true, node, output);
    return seen;
  }

  kept(): Tensor | undefined {
    return this.tensor;
  }
}

/** A tensor that user code keeps for the node, in whatever form. */
export class PackedTensor {
  readonly #packed: unknown;
  readonly #hooks: SavedTensorHooks;
  /** Where the tensor stands in the graph; `undefined` for an output of the node itself. */
  readonly #node: Node | undefined;
  readonly #index: number;
  readonly #isOutput: boolean;

  constructor(tensor: Tensor, output: number, hooks: SavedTensorHooks) {
    this.#hooks = hooks;
    this.#isOutput = output >= 0;
    this.#node = output < 0 ? gradientNode(tensor) : undefined;
    this.#index = output < 0 ? (metaOf(tensor)?.index ?? 0) : output;
    this.#packed = withoutHooks(() => hooks.pack(shellOf(tensor)));
  }

  read(node: Node): Tensor {
    const seen = shellOf(outside(() => withoutHooks(() => this.#hooks.unpack(this.#packed))));
    expose(seen);
    const maker = this.#isOutput ? node : this.#node;
    if (maker === undefined) return seen;
    const meta = new Meta(true, maker, this.#index);
    if (maker.name === "AccumulateGrad") {
      meta.node = undefined;
      meta.accumulator = maker as AccumulateGrad;
    }
    seen.autograd = meta;
    return seen;
  }

  kept(): undefined {
    return undefined;
  }
}

/** A saved operand or output: a tensor, a number, a list of tensors, or nothing. */
export type Saved =
  | SavedTensor
  | PackedTensor
  | readonly (SavedTensor | PackedTensor)[]
  | number
  | boolean
  | undefined;

/** Saves a tensor, by the hooks that are in force or as it is. */
export function savedOf(tensor: Tensor, output: number): SavedTensor | PackedTensor {
  const { savedTensorHooks } = runtime.context;
  return savedTensorHooks === undefined
    ? new SavedTensor(tensor, output)
    : new PackedTensor(tensor, output, savedTensorHooks);
}

function withoutHooks<R>(fn: () => R): R {
  const { context } = runtime;
  if (context.savedTensorHooks === undefined) return fn();
  runtime.context = { ...context, savedTensorHooks: undefined };
  try {
    return fn();
  } finally {
    runtime.context = context;
  }
}

/** A saved value for a gradient; one that was written since fails when it is used. */
export function readSaved(saved: Saved, node: Node, what: string): unknown {
  if (saved === undefined || typeof saved !== "object") return saved;
  if (Array.isArray(saved)) return saved.map((one, i) => readSaved(one, node, `${what}[${i}]`));
  const read = (saved as SavedTensor | PackedTensor).read(node);
  return read instanceof Error ? unreadable(read) : read;
}

/** Stands for a tensor that must not be read; whoever tries gets the error. */
export function unreadable(error: Error): Tensor {
  const fail = (): never => {
    throw error;
  };
  return new Proxy({} as Tensor, { get: fail, has: fail });
}

/** PyTorch's error for a tensor that was written after it was saved. */
function modifiedError(tensor: Tensor, expected: number, node: Node): Error {
  return new StateError(
    `${node.name}: A tensor needed for the gradient has been modified by an inplace operation: ` +
      `[${tensor.shape.join(", ")}] ${tensor.dtype} is at version ${tensor.storage.version}; ` +
      `expected version ${expected}`,
    {
      hint: "write to a clone(), or use the method without the underscore; detectAnomaly() shows the op",
    },
  );
}

/** PyTorch's error for a graph that a backward has freed. */
export function freedError(node: Node): Error {
  return new StateError(
    `${node.name}: Cannot go backward through the graph a second time: expected saved tensors, ` +
      "but the first backward has freed them",
    { hint: "pass { retainGraph: true } to the first backward()" },
  );
}

function inferenceError(tensor: Tensor): Error {
  return new StateError(
    "Cannot save an inference tensor for backward: expected a normal tensor, " +
      `received [${tensor.shape.join(", ")}] made in inferenceMode`,
    { hint: "use a clone() made outside inferenceMode" },
  );
}
