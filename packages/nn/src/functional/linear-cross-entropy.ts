// Cross entropy of logits that a weight matrix computes.
import { type CrossEntropyOptions, crossEntropy, ShapeError, type Tensor } from "@tead/tensor";
import { linear } from "./linear.ts";

/** Options of {@link linearCrossEntropy}. */
export interface LinearCrossEntropyFunctionOptions extends CrossEntropyOptions {
  /** Added to the logits: `[C]` or `[C, ...]`. */
  readonly linearBias?: Tensor;
}

/**
 * crossEntropy(linear(input, linearWeight, linearBias), target)
 *
 * **Shapes**: `input [N, in]` or `[in]`, `linearWeight [C, in]` or `[C, ..., in]`, `target [N, ...]`
 * of integers, or of the logits' shape `[N, C, ...]` and float dtype `-> []`.
 *
 * @param options - `linearBias`, `weight` for each class, `ignoreIndex`, `labelSmoothing`,
 *   `reduction`.
 * @throws ShapeError where the last dims differ.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.linear_cross_entropy.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice, tensor, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = F.linearCrossEntropy(ones([2, 3]), zeros([4, 3]), tensor([0, 3]));
 * assert.ok(Math.abs(Number(loss.itemSync()) - Math.log(4)) < 1e-6);
 */
export function linearCrossEntropy(
  input: Tensor,
  linearWeight: Tensor,
  target: Tensor,
  options: LinearCrossEntropyFunctionOptions = {},
): Tensor {
  const { linearBias, ...rest } = options;
  const outputs = linearWeight.shape.slice(0, -1);
  const features = linearWeight.size(-1);
  if (input.size(-1) !== features)
    throw new ShapeError(
      `linearCrossEntropy: Sizes do not fit: expected ${features} features, received ${input.size(-1)}`,
    );
  const logits = linear(input, linearWeight.reshape([-1, features]), linearBias?.reshape([-1]));
  return crossEntropy(logits.reshape([...input.shape.slice(0, -1), ...outputs]), target, rest);
}
