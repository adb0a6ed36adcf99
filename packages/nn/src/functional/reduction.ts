// How the elements' losses become one.
import type { LossOptions, Tensor } from "@tead/tensor";

/** The losses as they are, their mean, or their sum. */
export function reduced(op: string, losses: Tensor, { reduction = "mean" }: LossOptions): Tensor {
  if (reduction === "mean") return losses.mean();
  if (reduction === "sum") return losses.sum();
  if (reduction === "none") return losses;
  throw new RangeError(
    `${op}: Option reduction is not valid: expected "none", "mean" or "sum", received ${reduction}`,
  );
}
