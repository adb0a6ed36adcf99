// Backward: walks the graph from its roots, each node once all its gradients are in, the latest
// first. PyTorch's engine on one thread; no recursion, so that a chain may be as long as memory.
import { runtime } from "@tead/tensor";
import { AccumulateGrad } from "./accumulate-grad.ts";
import { checked } from "./anomaly.ts";
import { type Flow, type Gradient, type Node, zero } from "./node.ts";
import { expose, hold, isStealable, release, settle } from "./ownership.ts";
import { ReadyQueue } from "./ready-queue.ts";
import { runPostHooks, runPrehooks, runTensorHooks } from "./run-hooks.ts";
import { nothing, RunState } from "./run-state.ts";
import { type Spec, zerosOf } from "./spec.ts";

/** A place in the graph: one output of a node. */
export interface Edge {
  readonly node: Node;
  readonly index: number;
}
export interface Root extends Edge {
  readonly grad: Gradient;
}
export interface Run {
  readonly keepGraph: boolean;
  readonly createGraph: boolean;
  /** Run only what leads to these, and give the gradients that arrive there. */
  readonly captures?: readonly (Edge | undefined)[] | undefined;
  /** Whether the captured leaves accumulate as well. */
  readonly accumulate?: boolean;
}

/** Scratch of `discover`, which leaves it empty and calls no code of others. */
const stack: Node[] = [];

class Task {
  /** The last node that it has come across; the others stand behind it. */
  last: RunState | undefined = undefined;
  readonly ready: ReadyQueue = new ReadyQueue();
  readonly captured: Gradient[] = [];
  readonly run: Run;

  constructor(run: Run) {
    this.run = run;
  }

  /** What it knows of a node, where it has come across it. */
  find({ state }: Node): RunState | undefined {
    return state?.run === this ? state : undefined;
  }
  state(node: Node): RunState {
    return this.find(node) ?? this.enter(node);
  }
  enter(node: Node): RunState {
    this.last = new RunState(node, this, this.last);
    return this.last;
  }
  /** Leaves the nodes to the run around this one. */
  end(): void {
    for (let state = this.last; state !== undefined; state = state.previous)
      state.node.state = state.outer;
  }

  /** Counts, for every node in reach, how many edges lead to it. */
  discover(roots: readonly Root[]): void {
    for (const { node } of roots) {
      if (this.find(node) !== undefined) continue;
      this.enter(node);
      stack.push(node);
    }
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const { edges } = node;
      for (let i = 0; i < edges.length; i++) {
        const next = edges[i];
        if (next === undefined) continue;
        let state = this.find(next);
        if (state === undefined) {
          state = this.enter(next);
          stack.push(next);
        }
        state.dependencies++;
      }
    }
  }

  /** Marks what leads to the captures as needed, and nothing else. */
  restrict(roots: readonly Root[], captures: readonly (Edge | undefined)[]): void {
    for (let state = this.last; state !== undefined; state = state.previous) state.needed = false;
    captures.forEach((edge, at) => {
      this.captured[at] = undefined;
      const state = edge && this.find(edge.node);
      if (state === undefined || edge === undefined) return;
      state.captures ??= [];
      state.captures.push({ at, index: edge.index });
      if (this.run.accumulate === true && edge.node instanceof AccumulateGrad) state.needed = true;
    });
    const seen = new Set<Node>();
    const path: { readonly node: Node; next: number }[] = [];
    const enter = (node: Node): void => {
      if (seen.has(node)) return;
      seen.add(node);
      path.push({ node, next: 0 });
    };
    for (const { node } of roots) {
      enter(node);
      for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
        const { edges } = frame.node;
        if (frame.next < edges.length) {
          const next = edges[frame.next++];
          if (next !== undefined) enter(next);
          continue;
        }
        path.pop();
        if (edges.some((next) => next !== undefined && this.executes(next)))
          this.state(frame.node).needed = true;
      }
    }
  }

  /** Whether gradients are to reach a node. */
  executes(node: Node): boolean {
    if (this.run.captures === undefined) return true;
    const state = this.find(node);
    return state !== undefined && (state.needed || state.captures !== undefined);
  }

  add(state: RunState, index: number, grad: Flow): void {
    const { slots } = state;
    const old = index < slots.length ? slots[index] : undefined;
    if (grad === undefined || (grad === zero && old !== undefined)) return;
    if (grad !== zero) hold(grad);
    if (old === undefined || old === zero || grad === zero) {
      if (index < slots.length) slots[index] = grad;
      else state.slots = extended(slots, index, grad);
      return;
    }
    if (isStealable(old)) old.add_(grad);
    else {
      const sum = old.add(grad);
      hold(sum);
      release(old);
      slots[index] = sum;
      settle([sum]);
    }
    release(grad);
  }

  evaluate(node: Node, state: RunState): void {
    const grads = this.arrived(node, state.slots);
    if (state.captures !== undefined) this.capture(state.captures, grads);

    // Gradients are handed on; what stays here would only keep them alive.
    state.slots = nothing;
    if (!state.needed) {
      dropAll(grads);
      return;
    }
    const { edges } = node;
    const results = this.call(node, grads);
    if (!this.run.keepGraph) node.release();
    for (let i = 0; i < edges.length; i++) {
      const next = edges[i];
      if (next === undefined) continue;
      const nextState = this.state(next);
      nextState.dependencies--;
      if (this.executes(next)) {
        this.add(nextState, node.edgeIndex(i), results[i]);
        if (nextState.dependencies === 0) this.ready.push(next);
      }
    }
    dropAll(grads);
  }

  capture(captures: NonNullable<RunState["captures"]>, grads: readonly Gradient[]): void {
    for (const { at, index } of captures) {
      const grad = grads[index];
      if (grad !== undefined) expose(grad);
      this.captured[at] = grad;
    }
  }

  /** The gradients of a node's outputs, as the hooks on those tensors give them on. */
  arrived(node: Node, slots: Flow[]): Gradient[] {
    for (let i = 0; i < slots.length; i++) {
      if (slots[i] !== zero) continue;
      const zeros = zerosOf(node.outputs[i] as Spec);
      hold(zeros);
      slots[i] = zeros;
    }
    return runTensorHooks(node, slots as Gradient[]);
  }

  call(node: Node, given: readonly Gradient[]): readonly Flow[] {
    let grads = given;
    const { hooks } = node;
    if (hooks !== undefined && hooks.pre.size > 0)
      grads = runPrehooks(node, hooks.pre.list(), grads);
    const count = node.edges.length;
    let absent = !node.takesAbsent;
    for (let i = 0; absent && i < grads.length; i++) absent = grads[i] === undefined;
    if (absent) return new Array<undefined>(count).fill(undefined);
    const needs = new Array<boolean>(count);
    for (let i = 0; i < count; i++) {
      const next = node.edges[i];
      needs[i] = next !== undefined && this.executes(next);
    }
    const results =
      runtime.context.anomaly === undefined
        ? node.apply(grads, needs)
        : checked(node, () => node.apply(grads, needs));
    settle(results);
    return hooks !== undefined && hooks.post.size > 0
      ? runPostHooks(node, hooks.post.list(), results, grads)
      : results;
  }
}

/** Slots with one at `index`, no larger than that takes. */
function extended(slots: readonly Flow[], index: number, grad: Flow): Flow[] {
  if (index === 0) return [grad];
  const longer = new Array<Flow>(index + 1);
  for (let i = 0; i < index; i++) longer[i] = i < slots.length ? slots[i] : undefined;
  longer[index] = grad;
  return longer;
}

function dropAll(grads: readonly Gradient[]): void {
  for (const grad of grads) if (grad !== undefined) release(grad);
}

/** Runs the graph behind `roots`; gives the captured gradients. */
export function execute(roots: readonly Root[], run: Run): readonly Gradient[] {
  const task = new Task(run);
  try {
    task.discover(roots);
    if (run.captures !== undefined) task.restrict(roots, run.captures);
    for (const { node, index, grad } of roots) task.add(task.state(node), index, grad);
    const seeded = roots.length > 1 ? new Set<Node>() : undefined;
    for (const { node } of roots) {
      if (seeded?.has(node)) continue;
      seeded?.add(node);
      if (task.state(node).dependencies === 0) task.ready.push(node);
    }
    for (let node = task.ready.pop(); node !== undefined; node = task.ready.pop())
      task.evaluate(node, task.state(node));
    return task.captured;
  } finally {
    task.end();
  }
}
