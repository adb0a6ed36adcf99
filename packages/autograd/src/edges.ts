// From a tensor to its place in the graph. Views follow their base: where the storage was written
// since, the chain of views is replayed on the base as it is now.
import {
  type AnyOp,
  dispatch,
  enableGrad,
  isFloat,
  StateError,
  type Tensor,
  tracksGrad,
  type ViewCreation,
  type ViewLink,
} from "@tead/tensor";
import { AccumulateGrad, setGrad } from "./accumulate-grad.ts";
import { type Meta, metaOf, metaOrNew } from "./meta.ts";
import type { Node } from "./node.ts";

/** The node that made a tensor; `undefined` for a leaf. */
export function nodeOf(tensor: Tensor): Node | undefined {
  const link = tensor.viewOf;
  if (link !== undefined && link.version !== tensor.storage.version) refreshView(tensor, link);
  return metaOf(tensor)?.node;
}

/** A leaf's own node. */
export function accumulatorOf(tensor: Tensor, meta: Meta): AccumulateGrad {
  meta.accumulator ??= new AccumulateGrad(tensor);
  return meta.accumulator;
}

/** The node that a tensor's gradient goes to: the one that made it, or a leaf's accumulator. */
export function gradientNode(tensor: Tensor): Node | undefined {
  const node = nodeOf(tensor);
  if (node !== undefined) return node;
  const meta = metaOf(tensor);
  return meta?.requiresGrad ? accumulatorOf(tensor, meta) : undefined;
}

/** Leads a node's input `i` back to where the tensor came from. */
export function connect(node: Node, i: number, input: Tensor): void {
  const target = gradientNode(input);
  if (target !== undefined) node.setEdge(i, target, (metaOf(input) as Meta).index);
}

/** Gives a tensor the node that made it. */
export function setNode(tensor: Tensor, node: Node, index: number): void {
  const meta = metaOrNew(tensor);
  meta.requiresGrad = true;
  meta.node = node;
  meta.index = index;
  if (meta.retained !== undefined) retain(tensor, meta);
}

/** Keeps the gradient of a tensor that is not a leaf; a new node takes the hook over. */
export function retain(tensor: Tensor, meta: Meta): void {
  meta.retained?.remove();
  meta.retained = meta.node?.hooksOrNew().tensor.add({
    index: meta.index,
    rank: 1,
    hook: (grad) => {
      setGrad(tensor, meta.grad === undefined ? grad.clone() : meta.grad.add(grad));
      return undefined;
    },
  });
}

function refreshView(view: Tensor, link: ViewLink): void {
  if (metaOf(view)?.node === undefined && !tracksGrad(link.base)) return;
  checkView(view, link, "its base or another view of its base has been modified in place");
  const replayed = enableGrad(() => replay(link, link.base));
  const node = nodeOf(replayed);
  if (node !== undefined) setNode(view, node, metaOf(replayed)?.index ?? 0);
  link.version = view.storage.version;
}

/** The chain of views, taken of another tensor. */
export function replay(link: ViewLink, base: Tensor): Tensor {
  const chain: ViewLink[] = [];
  for (let at: ViewLink | undefined = link; at !== undefined; at = at.parent) chain.push(at);
  return chain.reduceRight<Tensor>(
    (input, { op, attrs }) => dispatch(op as AnyOp, [input], attrs) as Tensor,
    base,
  );
}

const origins: Readonly<Record<Exclude<ViewCreation, "default">, readonly [string, string]>> = {
  noGrad: [
    "A view was made under noGrad",
    "move both the view and the write into the noGrad block, or both out of it",
  ],
  inference: [
    "A view was made in inferenceMode",
    "move both the view and the write into the inferenceMode block, or both out of it",
  ],
  multiOutput: [
    "A view is one of several that one function gave",
    "use the method without the underscore",
  ],
  customFunction: [
    "A view was made inside a custom Function",
    "clone() the output in forward, or use the method without the underscore",
  ],
};

/** Refuses a write that a restricted view does not allow. */
export function checkView(view: Tensor, { creation }: ViewLink, event: string): void {
  if (creation === "default") return;
  const [origin, hint] = origins[creation];
  throw new StateError(
    `${origin} and ${event}: expected a view whose gradient is known, ` +
      `received [${view.shape.join(", ")}] ${view.dtype}`,
    { hint },
  );
}

/** Whether gradients can flow to a tensor at all. */
export function isDifferentiable(tensor: Tensor): boolean {
  return isFloat(tensor.dtype);
}
