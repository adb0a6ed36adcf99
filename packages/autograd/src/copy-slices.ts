// The node that an in-place op on a view puts on the view's base: the base's gradient, with the
// part under the view sent through the op and what it gives written back there.
import { type Geometry, isContiguous, numelOf, type Tensor, type ViewLink } from "@tead/tensor";
import { connect, replay } from "./edges.ts";
import { type Flow, type Gradient, Node, zero } from "./node.ts";
import { Spec } from "./spec.ts";

export class CopySlices extends Node {
  readonly outputs: readonly Spec[];
  readonly #view: Geometry;
  readonly #link: ViewLink;
  /** The op's own node. */
  readonly fn: Node;
  /** Which of its edges led to the view; -1 where its value is gone. */
  readonly #position: number;

  constructor(base: Tensor, view: Tensor, link: ViewLink, fn: Node, position: number) {
    super(1 + fn.edges.length);
    this.outputs = [new Spec(base)];
    this.#view = new Spec(view);
    this.#link = link;
    this.fn = fn;
    this.#position = position;
    connect(this, 0, base);
    fn.edges.forEach((edge, i) => {
      if (i !== position) this.setEdge(1 + i, edge, fn.edgeIndex(i));
    });
  }

  get name(): string {
    return "CopySlices";
  }

  apply([grad]: readonly Gradient[], needs: readonly boolean[]): readonly Flow[] {
    if (grad === undefined) return [];
    const whole = laidOutAs(this.outputs[0] as Spec, grad);
    const slice = this.#slice(whole);
    const inner = needs.slice(1);
    if (this.#position >= 0) inner[this.#position] = needs[0] as boolean;
    const results = this.fn.apply([slice.clone()], inner);
    if (!needs[0]) return [undefined, ...results];
    const under = results[this.#position];
    // An absent gradient is one of zeros here: the base's own part must not show through.
    slice.copy_(under === undefined || under === zero ? 0 : under);
    return [whole, ...results.map((flow, i) => (i === this.#position ? undefined : flow))];
  }

  /** The part of a gradient of the base that lies under the view. */
  #slice(whole: Tensor): Tensor {
    const base = this.outputs[0] as Spec;
    const absolute = linkUses(this.#link, "asStrided");
    if (!absolute) return replay(this.#link, whole);
    const { shape, strides, offset } = this.#view;
    return whole.asStrided(shape, strides, offset - base.offset + whole.offset);
  }

  override release(): void {
    this.fn.release();
  }
  override saved(): readonly Tensor[] {
    return this.fn.saved();
  }
}

function linkUses(link: ViewLink, name: string): boolean {
  for (let at: ViewLink | undefined = link; at !== undefined; at = at.parent)
    if (at.op.name === name) return true;
  return false;
}

/** A copy of a gradient with the strides of what it is a gradient of. */
function laidOutAs(spec: Spec, grad: Tensor): Tensor {
  if (isContiguous(spec)) return grad.clone();
  const { shape, strides } = spec;
  const reach = shape.reduce((sum, size, i) => sum + (size - 1) * (strides[i] as number), 1);
  const flat = grad.newZeros([numelOf(shape) === 0 ? 0 : reach]);
  return flat.asStrided(shape, strides, 0).copy_(grad);
}
