// What a node keeps of the tensors that its gradient reads, and the check that nobody wrote to them.
import { StateError, Tensor } from "@tead/tensor";
import { Meta } from "./meta.ts";
import type { Node } from "./node.ts";

/** A saved operand or output: a tensor, a number, a list, or nothing. */
export type Saved = Tensor | number | boolean | undefined | SavedList;

export class SavedList {
  readonly tensors: readonly Tensor[];
  readonly versions: readonly number[];
  constructor(tensors: readonly Tensor[]) {
    this.tensors = tensors;
    this.versions = tensors.map((t) => t.storage.version);
  }
}

/** A second tensor on the same elements, without a record: what is kept of an output. */
export function shellOf(tensor: Tensor): Tensor {
  return new Tensor(tensor.storage, tensor, tensor.dtype);
}

/** An output as its gradient sees it: made by the node itself, for second derivatives. */
export function outputOf(shell: Tensor, node: Node, index: number): Tensor {
  const output = shellOf(shell);
  output.autograd = new Meta(true, node, index);
  return output;
}

/** Stands for a saved tensor that must not be read; whoever tries gets the error. */
export function unreadable(error: () => Error): Tensor {
  const fail = (): never => {
    throw error();
  };
  return new Proxy({} as Tensor, { get: fail, has: fail });
}

/** PyTorch's error for a tensor that was written after it was saved. */
export function modifiedError(tensor: Tensor, expected: number, node: Node, what: string): Error {
  return new StateError(
    `A tensor needed for the gradient has been modified by an inplace operation: ${what} of ` +
      `${node.name}, [${tensor.shape.join(", ")}] ${tensor.dtype}, ` +
      `is at version ${tensor.storage.version}; expected version ${expected}`,
    {
      hint: "write to a clone(), or use the method without the underscore; detectAnomaly() shows where the op ran",
    },
  );
}

/** PyTorch's error for a graph that a backward has freed. */
export function freedError(node: Node): Error {
  return new StateError(
    `Cannot go backward through the graph a second time: the tensors that ${node.name} saved have been freed`,
    { hint: "pass { retainGraph: true } to the first backward() if you need a second one" },
  );
}
