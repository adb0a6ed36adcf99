// A node of the graph: what the engine runs in backward. It holds edges, never the tensors between.
import type { GradFn, HookHandle, Tensor } from "@tead/tensor";
import { HookList } from "./hooks.ts";
import type { RunState } from "./run-state.ts";
import type { Spec } from "./spec.ts";

/** A gradient on its way: absent where nothing flows. */
export type Gradient = Tensor | undefined;
/** A gradient of zeros that is not made unless it turns out to be the only one. */
export const zero: unique symbol = Symbol("zero");
/** What a node gives for one of its inputs. */
export type Flow = Gradient | typeof zero;
/** Takes the place of the gradients towards the inputs, or keeps them. */
export type NodeHook = (
  gradInputs: readonly Gradient[],
  gradOutputs: readonly Gradient[],
) => readonly Gradient[] | undefined;
/** Takes the place of the gradients that arrive, or keeps them. */
export type NodePrehook = (gradOutputs: readonly Gradient[]) => readonly Gradient[] | undefined;

/** What the engine does to one gradient before the node sees it. */
export interface GradientHook {
  /** Which output of the node it belongs to. */
  readonly index: number;
  /** 0 for hooks on tensors, 1 for `retainGrad`, which sees what they gave. */
  readonly rank: number;
  readonly hook: (grad: Tensor) => Tensor | undefined;
}

interface Hooks {
  readonly tensor: HookList<GradientHook>;
  readonly pre: HookList<NodePrehook>;
  readonly post: HookList<NodeHook>;
}

let sequence = 0;

export abstract class Node implements GradFn {
  /** Later nodes run first in backward, as in PyTorch. */
  readonly sequence: number;
  /** Where each input's gradient goes; `undefined` where none is needed. */
  readonly edges: (Node | undefined)[];
  /** Which output of that node it is a gradient of; absent where it is the first throughout. */
  #edgeIndices: number[] | undefined = undefined;
  /** Present only once somebody hooked in. */
  hooks: Hooks | undefined = undefined;
  /** Where the node was made, kept by anomaly detection. */
  trace: Error | undefined = undefined;
  /** What the backward under way knows of it. */
  state: RunState | undefined = undefined;

  constructor(edgeCount: number, last = false) {
    const edges = new Array<Node | undefined>(edgeCount);
    for (let i = 0; i < edgeCount; i++) edges[i] = undefined;
    this.edges = edges;
    // Accumulation into a leaf waits for nothing else once it is ready.
    this.sequence = last ? Number.MAX_SAFE_INTEGER : sequence++;
  }

  abstract get name(): string;
  /** The specs of the tensors that it made. */
  abstract readonly outputs: readonly (Spec | undefined)[];
  /** Whether it turns absent gradients into something; else they stay absent without a call. */
  get takesAbsent(): boolean {
    return false;
  }

  /** The gradients of its inputs, flat, one an edge; only those of `needs` count. */
  abstract apply(grads: readonly Gradient[], needs: readonly boolean[]): readonly Flow[];
  /** Drops what only another backward would need. */
  release(): void {}
  /** The tensors that it keeps for backward. */
  saved(): readonly Tensor[] {
    return [];
  }

  edgeIndex(i: number): number {
    return this.#edgeIndices === undefined ? 0 : (this.#edgeIndices[i] as number);
  }
  /** Leads input `i` to an output of another node. */
  setEdge(i: number, node: Node | undefined, index: number): void {
    this.edges[i] = node;
    if (index === 0 && this.#edgeIndices === undefined) return;
    this.#edgeIndices ??= new Array<number>(this.edges.length).fill(0);
    this.#edgeIndices[i] = index;
  }

  get nextFunctions(): readonly (readonly [GradFn | undefined, number])[] {
    return this.edges.map((edge, i) => [edge, this.edgeIndex(i)] as const);
  }
  hooksOrNew(): Hooks {
    this.hooks ??= { tensor: new HookList(), pre: new HookList(), post: new HookList() };
    return this.hooks;
  }
  registerHook(hook: NodeHook): HookHandle {
    return this.hooksOrNew().post.add(hook);
  }
  registerPrehook(hook: NodePrehook): HookHandle {
    return this.hooksOrNew().pre.add(hook);
  }
}
