// Recording an op that has run: its node, and the place of its outputs in the graph.
import { type AnyOp, isFloat, type RecordedInput, runtime, type Tensor } from "@tead/tensor";
import { trace } from "./anomaly.ts";
import { rebase } from "./in-place.ts";
import { Meta } from "./meta.ts";
import { OpNode } from "./op-node.ts";

export function record(
  op: AnyOp,
  inputs: readonly RecordedInput[],
  outputs: readonly Tensor[],
  attrs: unknown,
  target?: Tensor,
  original?: Tensor,
): void {
  if (target !== undefined) {
    recordInPlace(op, inputs, attrs, target, original);
    return;
  }
  let node: OpNode | undefined;
  for (let i = 0; i < outputs.length; i++) {
    const output = outputs[i] as Tensor;
    // Integers and bools carry no gradient.
    if (!isFloat(output.dtype)) continue;
    node ??= new OpNode(op, inputs, outputs, attrs);
    output.autograd = new Meta(true, node, i);
  }
  if (node === undefined) return;
  node.save(inputs, outputs, undefined, undefined);
  if (runtime.context.anomaly !== undefined) trace(node);
}

function recordInPlace(
  op: AnyOp,
  inputs: readonly RecordedInput[],
  attrs: unknown,
  target: Tensor,
  original: Tensor | undefined,
): void {
  const differentiable = typeof op.gradient === "function";
  runtime.context.scope?.wrote(target);
  const node = new OpNode(op, differentiable ? inputs : [], [target], attrs);
  const position = differentiable ? inputs.indexOf(target) : -1;
  if (position < 0 && target.viewOf === undefined) node.overwrite(target);
  rebase(target, node, position);
  if (differentiable) node.save(inputs, [target], target, original);
  if (runtime.context.anomaly !== undefined) trace(node);
}
