// The node of an op from the table: what it saved, and how its gradient is called.
import type { AnyOp, RecordedInput, Tensor } from "@tead/tensor";
import { pushEdge } from "./edges.ts";
import { fitted } from "./fit.ts";
import { type Flow, type Gradient, Node, zero } from "./node.ts";
import {
  freedError,
  modifiedError,
  outputOf,
  type Saved,
  SavedList,
  shellOf,
  unreadable,
} from "./saved.ts";
import { type InputSpec, inputSpec, Spec } from "./spec.ts";

const isTensor = (x: unknown): x is Tensor => typeof x === "object" && x !== null && "storage" in x;

export class OpNode extends Node {
  readonly op: AnyOp;
  readonly attrs: unknown;
  readonly inputs: readonly InputSpec[];
  readonly outputs: readonly Spec[];
  /** In the order of `op.saves`; `undefined` once freed. */
  #saved: Saved[] | undefined = undefined;
  /** The storage versions of what is saved. */
  #versions: number[] | undefined = undefined;
  /** Whether the last edge leads to what an in-place op has overwritten. */
  #overwrites = false;

  constructor(
    op: AnyOp,
    inputs: readonly RecordedInput[],
    outputs: readonly Tensor[],
    attrs: unknown,
  ) {
    super();
    this.op = op;
    this.attrs = attrs;
    const specs = new Array<InputSpec>(inputs.length);
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i];
      specs[i] = inputSpec(input);
      if (isTensor(input)) pushEdge(this, input);
      else if (typeof input === "object") for (const t of input) pushEdge(this, t);
      else pushEdge(this, undefined);
    }
    this.inputs = specs;
    const made = new Array<Spec>(outputs.length);
    for (let i = 0; i < outputs.length; i++) made[i] = new Spec(outputs[i] as Tensor);
    this.outputs = made;
  }

  get name(): string {
    const { name } = this.op;
    return `${name.charAt(0).toUpperCase()}${name.slice(1)}Backward`;
  }

  /** Adds the edge to what an in-place op has overwritten: its gradient is zero. */
  overwrite(target: Tensor): void {
    pushEdge(this, target);
    this.#overwrites = true;
  }

  /** Saves what the gradient reads. In place, `original` stands for the `target`. */
  save(
    inputs: readonly RecordedInput[],
    outputs: readonly Tensor[],
    target: Tensor | undefined,
    original: Tensor | undefined,
  ): void {
    const { saved: places, savedFor } = this.op.plan;
    const count = places.length;
    if (count === 0) return;
    const saved = new Array<Saved>(count);
    const versions = new Array<number>(count);
    for (let i = 0; i < count; i++) {
      const place = places[i] as number;
      versions[i] = 0;
      if (place < 0) {
        const output = outputs[-1 - place] as Tensor;
        saved[i] = shellOf(output);
        versions[i] = output.storage.version;
        continue;
      }
      if (!this.#wanted(savedFor[i])) continue;
      const input = inputs[place];
      if (!isTensor(input)) saved[i] = typeof input === "object" ? new SavedList(input) : input;
      else if (input === target) {
        saved[i] = original as Tensor;
        versions[i] = (original as Tensor).storage.version;
      } else {
        saved[i] = input;
        // What shares its storage with the target was just overwritten: expect the version before.
        const written = target !== undefined && input.storage === target.storage;
        versions[i] = input.storage.version - (written ? 1 : 0);
      }
    }
    this.#saved = saved;
    this.#versions = versions;
  }

  #wanted(operands: readonly number[] | undefined): boolean {
    if (operands === undefined) return true;
    // Only ops without list operands say which, so that operand and edge numbers are the same.
    for (const i of operands) if (this.edges[i] !== undefined) return true;
    return false;
  }

  apply(grads: readonly Gradient[], needs: readonly boolean[]): readonly Flow[] {
    const { gradient } = this.op;
    const flat: Flow[] = [];
    if (typeof gradient === "function") {
      const results = gradient(this.#context(grads, needs));
      for (let i = 0; i < this.inputs.length; i++) {
        const spec = this.inputs[i];
        const result = results[i];
        if (Array.isArray(spec))
          for (let j = 0; j < spec.length; j++)
            flat.push(fitted((result as readonly Gradient[] | undefined)?.[j], spec[j], this));
        else flat.push(needs[flat.length] ? fitted(result as Gradient, spec, this) : undefined);
      }
    } else for (let i = 0; i < this.inputs.length; i++) flat.push(undefined);
    if (this.#overwrites) flat.push(zero);
    return flat;
  }

  #context(
    grads: readonly Gradient[],
    needs: readonly boolean[],
  ): { readonly [key: string]: unknown } {
    const context: Record<string, unknown> = {
      grads,
      inputs: this.inputs,
      needs: this.#operandNeeds(needs),
      attrs: this.attrs,
    };
    const { saves } = this.op;
    if (saves.length === 0) return context;
    if (this.#saved === undefined) throw freedError(this);
    for (let i = 0; i < saves.length; i++) context[saves[i] as string] = this.#read(i);
    return context;
  }

  /** One entry an operand, where edges have one a tensor of a list. */
  #operandNeeds(needs: readonly boolean[]): readonly boolean[] {
    if (needs.length === this.inputs.length) return needs;
    let at = 0;
    return this.inputs.map((spec) => {
      const from = at;
      at += Array.isArray(spec) ? spec.length : 1;
      return needs.slice(from, at).includes(true);
    });
  }

  /** A saved value for the gradient; one that was written since fails when it is read. */
  #read(i: number): unknown {
    const saved = (this.#saved as Saved[])[i];
    const what = this.op.saves[i] as string;
    if (typeof saved !== "object") return saved;
    if (saved instanceof SavedList)
      return saved.tensors.map((t, j) =>
        this.#checked(t, saved.versions[j] as number, `${what}[${j}]`),
      );
    const version = (this.#versions as number[])[i] as number;
    if (saved.storage.version !== version)
      return unreadable(() => modifiedError(saved, version, this, what));
    const place = this.op.plan.saved[i] as number;
    return place < 0 ? outputOf(saved, this, -1 - place) : saved;
  }

  #checked(tensor: Tensor, version: number, what: string): Tensor {
    if (tensor.storage.version === version) return tensor;
    return unreadable(() => modifiedError(tensor, version, this, what));
  }

  override release(): void {
    this.#saved = undefined;
    this.#versions = undefined;
  }
  override saved(): readonly Tensor[] {
    return (this.#saved ?? []).flatMap((x) =>
      typeof x !== "object" ? [] : x instanceof SavedList ? x.tensors : [x],
    );
  }
}
