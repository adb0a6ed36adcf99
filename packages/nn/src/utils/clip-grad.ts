// Limiting gradients between backward() and step().
import { noGrad, StateError, stack, type Tensor } from "@tead/tensor";

const listOf = (tensors: Tensor | Iterable<Tensor>): Tensor[] =>
  Symbol.iterator in tensors ? [...tensors] : [tensors];

const gradsOf = (parameters: Tensor | Iterable<Tensor>): Tensor[] =>
  listOf(parameters).flatMap(({ grad }) => (grad === undefined ? [] : [grad]));

/** Options of {@link clipGradNorm_}. */
export interface ClipGradNormOptions {
  /** The norm's order; Infinity for the largest element. Default 2. */
  readonly normType?: number;
  /** Whether a norm that is not finite is an error; this reads the device. Default false. */
  readonly errorIfNonfinite?: boolean;
}

/**
 * Scales all gradients, as if they were one vector, so that their norm is at most `maxNorm`.
 *
 * @param parameters - Whose gradients; those without one are passed over.
 * @param maxNorm - The largest norm.
 * @param options - `normType`, `errorIfNonfinite`.
 * @returns The norm before, 0-d; `undefined` where no parameter has a gradient.
 * @throws StateError if the norm is not finite and `errorIfNonfinite`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Parameter, utils } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const w = new Parameter(tensor([0, 0]).float());
 * w.mul(tensor([3, 4])).sum().backward();
 * assert.equal(utils.clipGradNorm_([w], 1)?.itemSync(), 5);
 * assert.ok(Math.abs(Number(w.grad?.norm().itemSync()) - 1) < 1e-5);
 */
export function clipGradNorm_(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  { normType = 2, errorIfNonfinite = false }: ClipGradNormOptions = {},
): Tensor | undefined {
  const grads = gradsOf(parameters);
  if (grads.length === 0) return undefined;
  return noGrad(() => {
    const total = stack(grads.map((grad) => grad.norm(normType))).norm(normType);
    if (errorIfNonfinite && !Number.isFinite(Number(total.itemSync())))
      throw new StateError(
        `clipGradNorm_: Norm is not finite: expected finite gradients, received ${total.itemSync()}`,
      );
    const factor = total.add(1e-6).rdiv(maxNorm).clamp(undefined, 1);
    for (const grad of grads) grad.mul_(factor);
    return total;
  });
}

/**
 * Limits every element of every gradient to ±`clipValue`.
 *
 * @param parameters - Whose gradients; those without one are passed over.
 * @param clipValue - The largest absolute value.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Parameter, utils } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const w = new Parameter(tensor([0, 0]).float());
 * w.mul(tensor([3, -4])).sum().backward();
 * utils.clipGradValue_([w], 1);
 * assert.deepEqual(w.grad?.tolistSync(), [1, -1]);
 */
export function clipGradValue_(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  noGrad(() => {
    for (const grad of gradsOf(parameters)) grad.clamp_(-clipValue, clipValue);
  });
}
