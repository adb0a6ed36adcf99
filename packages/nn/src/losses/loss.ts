// What the losses share.
import type { LossOptions, Tensor } from "@tead/tensor";
import { Module } from "../module/module.ts";
import { buffer, type ModuleBuffer } from "../parameter.ts";

/** What becomes of the elements' losses. */
export type Reduction = NonNullable<LossOptions["reduction"]>;

/** A loss: of an input and a target, unless the first type parameter says otherwise. */
export abstract class Loss<
  Args extends readonly unknown[] = [input: Tensor, target: Tensor],
  R extends string = Reduction,
> extends Module<Args> {
  readonly reduction: R | "mean";

  constructor({ reduction = "mean" }: { readonly reduction?: R | "mean" } = {}) {
    super();
    this.reduction = reduction;
    if (!["none", "mean", "sum", ...this.reductions()].includes(reduction))
      throw new RangeError(
        `${this.constructor.name}: Option reduction is not valid: ` +
          `expected "none", "mean" or "sum", received ${reduction}`,
      );
  }

  /** Reductions beyond the three that every loss has. */
  protected reductions(): readonly string[] {
    return [];
  }
}

/** Weights move with the loss and stand in its state dict, as in PyTorch. */
export const weightBuffer = (weight: Tensor | undefined): ModuleBuffer | undefined =>
  weight === undefined ? undefined : buffer(weight);
