// What a backward that is under way knows of a node.
import type { Flow, Node } from "./node.ts";

/** No slots: replaced, never written. */
export const nothing: Flow[] = [];

export class RunState {
  readonly node: Node;
  /** The run that it belongs to. */
  readonly run: object;
  /** What another run knows of the node, inside which this one takes place. */
  readonly outer: RunState | undefined;
  /** How many edges lead to the node from nodes that have not run. */
  dependencies = 0;
  /** What has arrived for each output; may end before the last. */
  slots: Flow[] = nothing;
  /** Whether it has to run. */
  needed = true;
  /** Which captures read which of its gradients. */
  captures: { readonly at: number; readonly index: number }[] | undefined = undefined;
  /** The one that the run came across before. */
  readonly previous: RunState | undefined;

  constructor(node: Node, run: object, previous: RunState | undefined) {
    this.node = node;
    this.run = run;
    this.previous = previous;
    this.outer = node.state;
    node.state = this;
  }
}
