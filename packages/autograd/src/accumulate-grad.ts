// The node at the end of every path: it adds what arrives to a leaf's `.grad`.
import { runtime, type Tensor } from "@tead/tensor";
import { metaOf } from "./meta.ts";
import { type Gradient, Node } from "./node.ts";
import { expose, isStealable, outside } from "./ownership.ts";
import { Spec } from "./spec.ts";

export class AccumulateGrad extends Node {
  readonly variable: Tensor;

  constructor(variable: Tensor) {
    super(0, true);
    this.variable = variable;
  }

  get name(): string {
    return "AccumulateGrad";
  }
  get outputs(): readonly Spec[] {
    return [new Spec(this.variable)];
  }

  apply([grad]: readonly Gradient[]): readonly Gradient[] {
    // What becomes `.grad` is the user's.
    if (grad !== undefined) outside(() => this.#accumulate(grad));
    return [];
  }

  #accumulate(grad: Tensor): void {
    const meta = metaOf(this.variable);
    if (meta === undefined || !meta.requiresGrad) return;
    if (meta.grad === undefined) setGrad(this.variable, firstGrad(grad));
    else if (runtime.context.gradEnabled) setGrad(this.variable, meta.grad.add(grad));
    else meta.grad.add_(grad);
  }
}

/** The first gradient becomes `.grad` itself where nobody else can hold it, else a copy does. */
function firstGrad(grad: Tensor): Tensor {
  if (runtime.context.gradEnabled) return grad.clone();
  if (!isStealable(grad)) return grad.detach().clone();
  expose(grad);
  return grad.viewOf === undefined && grad.autograd === undefined ? grad : grad.detach();
}

/**
 * Puts a gradient in place; scopes spare it as long as it stands there. One that has outlived its
 * scope so goes to the scope in which another takes its place: a training loop holds one set.
 */
export function setGrad(variable: Tensor, grad: Tensor | undefined): void {
  const meta = metaOf(variable);
  if (meta === undefined) return;
  if (grad !== undefined) grad.storage.holds++;
  const before = meta.grad?.storage;
  meta.grad = grad;
  if (before !== undefined && --before.holds === 0 && before.outlived)
    runtime.context.scope?.track(before);
}
