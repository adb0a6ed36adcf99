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

  apply(grads: readonly Gradient[]): readonly Gradient[] {
    const grad = grads[0];
    const { variable } = this;
    const meta = metaOf(variable);
    if (grad === undefined || meta === undefined || !meta.requiresGrad) return none;
    if (meta.grad === undefined && !runtime.context.gradEnabled && isStealable(grad))
      take(variable, grad);
    // What becomes `.grad` is the user's.
    else outside(() => accumulate(variable, grad, meta.grad));
    return none;
  }
}

const none: readonly Gradient[] = [];

/** The first gradient becomes `.grad` itself where nobody else can hold it, else a copy does. */
function take(variable: Tensor, grad: Tensor): void {
  expose(grad);
  const isBare = grad.viewOf === undefined && grad.autograd === undefined;
  setGrad(variable, isBare ? grad : grad.detach());
}

function accumulate(variable: Tensor, grad: Tensor, before: Tensor | undefined): void {
  const { gradEnabled } = runtime.context;
  if (before === undefined) setGrad(variable, gradEnabled ? grad.clone() : grad.detach().clone());
  else if (gradEnabled) setGrad(variable, before.add(grad));
  else before.add_(grad);
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
