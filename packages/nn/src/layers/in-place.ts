// Layers that may write over their input.
import { isGradEnabled, type Tensor } from "@tead/tensor";
import { pyValue } from "../module/describe.ts";

/** The option of activations that may write over their input. */
export interface InPlaceOption {
  /** Whether to write over the input, which saves memory. Default false. */
  readonly inplace?: boolean;
}

/**
 * fn(input), over the input where `inplace`. What the gradient reads of the input is kept apart.
 */
export function applied(input: Tensor, inplace: boolean, fn: (x: Tensor) => Tensor): Tensor {
  if (!inplace) return fn(input);
  const source = isGradEnabled() && input.requiresGrad ? input.clone() : input;
  const output = fn(source);
  return output === source ? input : input.copy_(output);
}

/** `, inplace=True` after other words, `inplace=True` alone, nothing where it is not. */
export const describeInPlace = (before: string, inplace: boolean): string =>
  [before, inplace ? `inplace=${pyValue(inplace)}` : ""].filter((part) => part !== "").join(", ");
