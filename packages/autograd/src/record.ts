// Recording an op: its node, and the place of its outputs in the graph.
import {
  type AnyOp,
  isFloat,
  type PendingRecord,
  type RecordedInput,
  runtime,
  type Tensor,
} from "@tead/tensor";
import { trace } from "./anomaly.ts";
import { originalOf, rebase } from "./in-place.ts";
import { Meta } from "./meta.ts";
import { OpNode } from "./op-node.ts";

/** After an op: gives its outputs their node. */
export function record(
  op: AnyOp,
  inputs: readonly RecordedInput[],
  outputs: readonly Tensor[],
  attrs: unknown,
): void {
  let node: OpNode | undefined;
  for (let i = 0; i < outputs.length; i++) {
    const output = outputs[i] as Tensor;
    // Integers and bools carry no gradient.
    if (!isFloat(output.dtype)) continue;
    node ??= new OpNode(op, inputs, outputs, attrs);
    const meta = new Meta(true, node, i);
    meta.spec = node.specAt(i);
    output.autograd = meta;
  }
  if (node === undefined) return;
  node.saveInputs(inputs);
  node.saveOutputs(outputs);
  if (runtime.context.anomaly !== undefined) trace(node);
}

/** Before an in-place op: its edges and what it saves, as they are before the write. */
export function beforeInPlace(
  op: AnyOp,
  inputs: readonly RecordedInput[],
  attrs: unknown,
  target: Tensor,
): PendingRecord {
  const differentiable = typeof op.gradient === "function";
  const position = differentiable ? inputs.indexOf(target) : -1;
  const overwrites = position < 0 && target.viewOf === undefined ? target : undefined;
  const node = new OpNode(op, differentiable ? inputs : [], [target], attrs, overwrites);
  if (differentiable) node.saveInputs(inputs, target, originalOf(op, inputs, target));
  if (runtime.context.anomaly !== undefined) trace(node);
  return new InPlaceRecord(node, target, position);
}

class InPlaceRecord implements PendingRecord {
  readonly #node: OpNode;
  readonly #target: Tensor;
  readonly #position: number;

  constructor(node: OpNode, target: Tensor, position: number) {
    this.#node = node;
    this.#target = target;
    this.#position = position;
  }

  finish(): void {
    runtime.context.scope?.wrote(this.#target);
    rebase(this.#target, this.#node, this.#position);
    if (this.#node.differentiable) this.#node.saveOutputs([this.#target]);
  }
}
