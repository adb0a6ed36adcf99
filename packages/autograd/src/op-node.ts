// The node of an op from the table: what it saved, and how its gradient is called.
import type { AnyOp, RecordedInput, Tensor } from "@tead/tensor";
import { connect } from "./edges.ts";
import { fitted } from "./fit.ts";
import { type Flow, type Gradient, Node, zero } from "./node.ts";
import { freedError, readSaved, type Saved, savedOf } from "./saved.ts";
import { type InputSpec, inputSpec, Spec } from "./spec.ts";

const isTensor = (x: unknown): x is Tensor => typeof x === "object" && x !== null && "storage" in x;

// Methods are `private`, not `#private`, which would brand every instance: nodes are made by each op.
export class OpNode extends Node {
  readonly op: AnyOp;
  readonly attrs: unknown;
  readonly inputs: readonly InputSpec[];
  readonly #outputs: Spec | readonly Spec[];
  /** In the order of `op.saves`; `undefined` once freed. */
  #saved: Saved[] | undefined = undefined;

  /** With `overwrites`, a last edge leads to what an in-place op overwrites without reading it. */
  constructor(
    op: AnyOp,
    inputs: readonly RecordedInput[],
    outputs: readonly Tensor[],
    attrs: unknown,
    overwrites?: Tensor,
  ) {
    const edgeCount = countOf(inputs);
    super(overwrites === undefined ? edgeCount : edgeCount + 1);
    this.op = op;
    this.attrs = attrs;
    const specs = new Array<InputSpec>(inputs.length);
    let edge = 0;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i];
      specs[i] = inputSpec(input);
      if (typeof input !== "object") edge++;
      else if (isTensor(input)) connect(this, edge++, input);
      else for (const t of input) connect(this, edge++, t);
    }
    if (overwrites !== undefined) connect(this, edge, overwrites);
    this.inputs = specs;
    this.#outputs =
      outputs.length === 1 ? new Spec(outputs[0] as Tensor) : outputs.map((t) => new Spec(t));
  }

  /** The spec of its output `i`. */
  specAt(i: number): Spec {
    return this.#outputs instanceof Spec ? this.#outputs : (this.#outputs[i] as Spec);
  }

  get outputs(): readonly Spec[] {
    return this.#outputs instanceof Spec ? [this.#outputs] : this.#outputs;
  }
  get name(): string {
    const { name } = this.op;
    return `${name.charAt(0).toUpperCase()}${name.slice(1)}Backward`;
  }

  get differentiable(): boolean {
    return typeof this.op.gradient === "function";
  }

  /** Saves the operands that the gradient reads. In place, `original` stands for the `target`. */
  saveInputs(inputs: readonly RecordedInput[], target?: Tensor, original?: Tensor): void {
    const { saved: places, savedFor } = this.op.plan;
    const count = places.length;
    if (count === 0) return;
    const saved = new Array<Saved>(count);
    for (let i = 0; i < count; i++) {
      const place = places[i] as number;
      if (place < 0 || !this.wants(savedFor[i])) saved[i] = undefined;
      else {
        const input = inputs[place];
        saved[i] = savedInput(input === target ? original : input);
      }
    }
    this.#saved = saved;
  }

  /** Saves the outputs that the gradient reads. */
  saveOutputs(outputs: readonly Tensor[]): void {
    const places = this.op.plan.saved;
    for (let i = 0; i < places.length; i++) {
      const index = -1 - (places[i] as number);
      if (index >= 0) (this.#saved as Saved[])[i] = savedOf(outputs[index] as Tensor, index);
    }
  }

  private wants(operands: readonly number[] | undefined): boolean {
    if (operands === undefined) return true;
    // Only ops without list operands say which, so that operand and edge numbers are the same.
    for (const i of operands) if (this.edges[i] !== undefined) return true;
    return false;
  }

  apply(grads: readonly Gradient[], needs: readonly boolean[]): readonly Flow[] {
    const { gradient } = this.op;
    const { inputs } = this;
    const flat = new Array<Flow>(this.edges.length);
    const results = typeof gradient === "function" ? gradient(this.context(grads, needs)) : [];
    let at = 0;
    for (let i = 0; i < inputs.length; i++) {
      const spec = inputs[i];
      const result = results[i];
      if (Array.isArray(spec))
        for (let j = 0; j < spec.length; j++)
          flat[at++] = fitted((result as readonly Gradient[] | undefined)?.[j], spec[j], this);
      else {
        flat[at] = needs[at] ? fitted(result as Gradient, spec, this) : undefined;
        at++;
      }
    }
    if (at < flat.length) flat[at] = zero;
    return flat;
  }

  private context(
    grads: readonly Gradient[],
    needs: readonly boolean[],
  ): { readonly [key: string]: unknown } {
    const context: Record<string, unknown> = {
      grads,
      inputs: this.inputs,
      needs: this.operandNeeds(needs),
      attrs: this.attrs,
    };
    const { saves } = this.op;
    if (saves.length === 0) return context;
    if (this.#saved === undefined) throw freedError(this);
    for (let i = 0; i < saves.length; i++) {
      const name = saves[i] as string;
      context[name] = readSaved(this.#saved[i], this, name);
    }
    return context;
  }

  /** One entry an operand, where edges have one a tensor of a list. */
  private operandNeeds(needs: readonly boolean[]): readonly boolean[] {
    if (needs.length === this.inputs.length) return needs;
    let at = 0;
    return this.inputs.map((spec) => {
      const from = at;
      at += Array.isArray(spec) ? spec.length : 1;
      return needs.slice(from, at).includes(true);
    });
  }

  override release(): void {
    this.#saved = undefined;
  }
  override saved(): readonly Tensor[] {
    return (this.#saved ?? [])
      .flat()
      .map((x) => (typeof x === "object" ? x.kept() : undefined))
      .filter((x) => x !== undefined);
  }
}

/** How many tensors and numbers there are, lists counted by their entries. */
function countOf(inputs: readonly RecordedInput[]): number {
  let count = inputs.length;
  for (const input of inputs)
    if (typeof input === "object" && !isTensor(input)) count += input.length - 1;
  return count;
}

function savedInput(input: RecordedInput): Saved {
  if (typeof input !== "object") return input;
  return isTensor(input) ? savedOf(input, -1) : input.map((t) => savedOf(t, -1));
}
