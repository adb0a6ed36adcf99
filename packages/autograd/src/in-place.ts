// In-place ops: what PyTorch refuses, what is copied before it is overwritten, and rebasing.
import { type AnyOp, type RecordedInput, StateError, type Tensor, tracksGrad } from "@tead/tensor";
import { CopySlices } from "./copy-slices.ts";
import { checkView, nodeOf, setNode } from "./edges.ts";
import type { Node } from "./node.ts";

/** Refuses a write that is to be recorded where the gradient would be lost. */
export function checkInPlace({ name }: AnyOp, target: Tensor): void {
  const link = target.viewOf;
  if (link !== undefined) {
    checkView(target, link, "is being modified in place");
    if (tracksGrad(target) && nodeOf(link.base) === undefined)
      throw leafError(name, "a view of a leaf");
  }
  if (tracksGrad(target) && nodeOf(target) === undefined) throw leafError(name, "a leaf");
}

function leafError(what: string, subject: string): Error {
  return new StateError(
    `${what}_: Cannot write in place to ${subject} that requires grad: expected a result of other ops`,
    { hint: "wrap the write in noGrad(() => ...), or use the method without the underscore" },
  );
}

/** A copy of what the op overwrites, where its gradient reads that. */
export function originalOf(
  op: AnyOp,
  inputs: readonly RecordedInput[],
  target: Tensor,
): Tensor | undefined {
  const { saved, savedFor } = op.plan;
  for (let i = 0; i < saved.length; i++) {
    const place = saved[i] as number;
    if (place < 0 || inputs[place] !== target) continue;
    const readers = savedFor[i];
    const isRead = readers === undefined || readers.some((r) => isTracked(inputs[r]));
    if (isRead) return target.clone();
  }
  return undefined;
}

function isTracked(input: RecordedInput): boolean {
  return typeof input === "object" && "storage" in input && tracksGrad(input as Tensor);
}

/** Makes `node` the one that `target` comes from; its edge `position` leads to what it was. */
export function rebase(target: Tensor, node: Node, position: number, index = 0): void {
  const link = target.viewOf;
  if (link === undefined) {
    setNode(target, node, index);
    return;
  }
  const { base } = link;
  const slices = new CopySlices(base, target, link, node, position);
  setNode(base, slices, 0);
  // Brings the view up to date with its base.
  nodeOf(target);
}
