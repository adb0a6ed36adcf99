// Autograd's record of a tensor: whether it needs a gradient, which node made it, its hooks.
import type { AutogradMeta, HookHandle, Tensor } from "@tead/tensor";
import type { AccumulateGrad } from "./accumulate-grad.ts";
import type { HookList } from "./hooks.ts";
import type { Node } from "./node.ts";
import type { Spec } from "./spec.ts";

export type TensorHook = (grad: Tensor) => Tensor | undefined;

export class Meta implements AutogradMeta {
  requiresGrad: boolean;
  grad: Tensor | undefined = undefined;
  /** The node that made the tensor; `undefined` for a leaf. */
  node: Node | undefined;
  /** Which of the node's outputs it is. */
  index: number;
  /** A leaf's own node, made on first use. */
  accumulator: AccumulateGrad | undefined = undefined;
  /** A leaf's hooks, which outlive its accumulator. */
  hooks: HookList<TensorHook> | undefined = undefined;
  /** The hook of `retainGrad`. */
  retained: HookHandle | undefined = undefined;
  /** What the tensor looks like, noted once for all nodes that read it. */
  spec: Spec | undefined = undefined;

  constructor(requiresGrad: boolean, node?: Node, index = 0) {
    this.requiresGrad = requiresGrad;
    this.node = node;
    this.index = index;
  }
}

/** The record, if there is one. A parameter made before autograd was imported has a plain one. */
export function metaOf(tensor: Tensor): Meta | undefined {
  const found = tensor.autograd;
  if (found === undefined || found instanceof Meta) return found;
  const meta = new Meta(found.requiresGrad);
  meta.grad = found.grad;
  tensor.autograd = meta;
  return meta;
}

export function metaOrNew(tensor: Tensor): Meta {
  let meta = metaOf(tensor);
  if (meta === undefined) {
    meta = new Meta(false);
    tensor.autograd = meta;
  }
  return meta;
}
