// The node of a custom Function: it calls the user's backward and checks what comes back.
import { StateError, Tensor, tracksGrad } from "@tead/tensor";
import { connect } from "./edges.ts";
import { fitted } from "./fit.ts";
import type { FunctionContext } from "./function-context.ts";
import { type Gradient, Node } from "./node.ts";
import { expose, outside } from "./ownership.ts";
import { Spec, zerosOf } from "./spec.ts";

/** What a user's backward gives: one gradient an argument, `undefined` or `null` for none. */
export type BackwardResult = Tensor | undefined | null | readonly (Tensor | undefined | null)[];

/** The backward half of a custom function. */
export interface BackwardRule {
  readonly name: string;
  /** The gradients of the inputs, from those of the outputs: one for each, `undefined` for none. */
  backward(ctx: FunctionContext, ...grads: readonly Tensor[]): BackwardResult;
}

export class FunctionNode extends Node {
  readonly #rule: BackwardRule;
  readonly #context: FunctionContext;
  /** The specs of the arguments; `undefined` for those that are no tensors. */
  readonly #inputs: readonly (Spec | undefined)[];
  /** `undefined` for those that are no tensors. */
  outputs: readonly (Spec | undefined)[] = [];

  constructor(rule: BackwardRule, context: FunctionContext, args: readonly unknown[]) {
    super(args.length);
    this.#rule = rule;
    this.#context = context;
    this.#inputs = args.map((x) => (x instanceof Tensor ? new Spec(x) : undefined));
    args.forEach((x, i) => {
      if (x instanceof Tensor && tracksGrad(x)) connect(this, i, x);
    });
  }

  override get takesAbsent(): boolean {
    return true;
  }
  get name(): string {
    return `${this.#rule.name}Backward`;
  }

  apply(grads: readonly Gradient[]): readonly Gradient[] {
    return outside(() => this.#call(grads));
  }

  #call(grads: readonly Gradient[]): readonly Gradient[] {
    const { materializeGrads } = this.#context.state;
    const given = this.outputs.map((spec, i) => {
      const grad = grads[i] ?? (materializeGrads && spec !== undefined ? zerosOf(spec) : undefined);
      // User code may keep what it sees and what it gives.
      if (grad !== undefined) expose(grad);
      return grad as Tensor;
    });
    const results = [this.#rule.backward(this.#context, ...given)].flat() as readonly (
      | Tensor
      | undefined
      | null
    )[];
    return this.#checked(results);
  }

  #checked(results: readonly (Tensor | undefined | null)[]): readonly Gradient[] {
    const expected = this.#inputs.length;
    const extra = results.slice(expected).some((x) => x !== undefined && x !== null);
    if (extra || (results.length < expected && !(results.length === 1 && !results[0])))
      throw new StateError(
        `${this.name}: Number of gradients is wrong: expected ${expected}, one an argument of apply(), ` +
          `received ${results.length}`,
        { hint: "give undefined for an argument that has no gradient" },
      );
    return this.#inputs.map((spec, i) => {
      const grad = results[i] ?? undefined;
      if (grad === undefined) return undefined;
      if (spec === undefined)
        throw new StateError(
          `${this.name}: Gradient has no tensor to go to: expected undefined at ${i}, ` +
            "whose argument is no tensor, received a tensor",
        );
      expose(grad);
      return fitted(grad, spec, this);
    });
  }

  override release(): void {
    this.#context.state.saved = undefined;
  }
  override saved(): readonly Tensor[] {
    return (this.#context.state.saved ?? []).map((x) => x?.kept()).filter((x) => x !== undefined);
  }
}
