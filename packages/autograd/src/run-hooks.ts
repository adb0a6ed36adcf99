// Calling the hooks that stand before and after a node.
import { ShapeError, StateError, sameShape, type Tensor } from "@tead/tensor";
import { AccumulateGrad } from "./accumulate-grad.ts";
import { metaOf, type TensorHook } from "./meta.ts";
import {
  type Flow,
  type Gradient,
  type GradientHook,
  type Node,
  type NodeHook,
  type NodePrehook,
  zero,
} from "./node.ts";
import { expose, outside } from "./ownership.ts";
import { type Spec, zerosOf } from "./spec.ts";

/** Hooks on the tensors that a node made, then those of `retainGrad`. */
export function runTensorHooks(node: Node, grads: Gradient[]): Gradient[] {
  if (node instanceof AccumulateGrad) {
    const hooks = metaOf(node.variable)?.hooks;
    if (hooks === undefined || hooks.size === 0 || grads[0] === undefined) return grads;
    return [hooks.list().reduce(replaced, grads[0])];
  }
  if (node.hooks === undefined || node.hooks.tensor.size === 0) return grads;
  const inOrder = [...node.hooks.tensor.list()].sort((a, b) => a.rank - b.rank);
  for (const { index, hook } of inOrder as readonly GradientHook[]) {
    const grad = grads[index];
    if (grad !== undefined) grads[index] = replaced(grad, hook);
  }
  return grads;
}

function replaced(grad: Tensor, hook: TensorHook): Tensor {
  expose(grad);
  const result = outside(() => hook(grad));
  if (result === undefined) return grad;
  checkReplacement(grad, result);
  expose(result);
  return result;
}

function checkReplacement(grad: Tensor, result: Tensor): void {
  if (!sameShape(grad.shape, result.shape))
    throw new ShapeError(
      `hook: Gradient changed its shape: expected [${grad.shape.join(", ")}], ` +
        `received [${result.shape.join(", ")}]`,
    );
  if (grad.dtype !== result.dtype || grad.device !== result.device)
    throw new StateError(
      `hook: Gradient changed its type: expected ${grad.dtype} ${grad.device.name}, ` +
        `received ${result.dtype} ${result.device.name}`,
    );
}

function exposed(grads: readonly Gradient[]): readonly Gradient[] {
  for (const grad of grads) if (grad !== undefined) expose(grad);
  return grads;
}

function takesPlace(
  before: readonly Gradient[],
  after: readonly Gradient[] | undefined,
  node: string,
): readonly Gradient[] {
  if (after === undefined) return before;
  if (after.length !== before.length)
    throw new StateError(
      `hook: Number of gradients changed: expected ${before.length} for ${node}, received ${after.length}`,
    );
  after.forEach((grad, i) => {
    const old = before[i];
    if (grad !== undefined && old !== undefined) checkReplacement(old, grad);
  });
  return exposed(after);
}

export function runPrehooks(
  node: Node,
  hooks: readonly NodePrehook[],
  grads: readonly Gradient[],
): readonly Gradient[] {
  return hooks.reduce(
    (now, hook) =>
      takesPlace(
        now,
        outside(() => hook(exposed(now))),
        node.name,
      ),
    grads,
  );
}

export function runPostHooks(
  node: Node,
  hooks: readonly NodeHook[],
  results: readonly Flow[],
  grads: readonly Gradient[],
): readonly Gradient[] {
  // Only an in-place op gives a zero: towards what it has overwritten.
  const plain = results.map((flow) => (flow === zero ? zerosOf(node.outputs[0] as Spec) : flow));
  return hooks.reduce<readonly Gradient[]>(
    (now, hook) =>
      takesPlace(
        now,
        outside(() => hook(exposed(now), exposed(grads))),
        node.name,
      ),
    plain,
  );
}
