// Which gradients are backward's own: nobody else can hold them, so that they may be handed over,
// added to in place or freed.
import { isContiguous, Storage, type Tensor } from "@tead/tensor";

let start = Number.POSITIVE_INFINITY;

/** Runs a backward: only what is made within is its own. */
export function withOwnership<R>(fn: () => R): R {
  const previous = start;
  start = Storage.made;
  try {
    return fn();
  } finally {
    start = previous;
  }
}

/** Notes that a gradient goes out along an edge. */
export function pass(grad: Tensor): void {
  grad.storage.passes++;
}

/** Notes that user code has seen a gradient, and may have kept it. */
export function expose(grad: Tensor): void {
  grad.storage.passes = Number.POSITIVE_INFINITY;
}

/** Whether a gradient that arrived along one edge is the only tensor on its storage. */
export function isStealable(grad: Tensor): boolean {
  const { storage } = grad;
  return (
    storage.serial >= start &&
    storage.passes <= 1 &&
    grad.numel() === storage.count &&
    isContiguous(grad)
  );
}
