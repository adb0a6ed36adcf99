// Limiting gradients between backward() and step().
import { noGrad, StateError, stack, type Tensor, zeros } from "@tead/tensor";

const listOf = (tensors: Tensor | Iterable<Tensor>): Tensor[] =>
  Symbol.iterator in tensors ? [...tensors] : [tensors];

const gradsOf = (parameters: Tensor | Iterable<Tensor>): Tensor[] =>
  listOf(parameters).flatMap(({ grad }) => (grad === undefined ? [] : [grad]));

/** Options of {@link clipGradNorm_} and {@link getTotalNorm}. */
export interface ClipGradNormOptions {
  /** The norm's order; Infinity for the largest element, 0 for a count. Default 2. */
  readonly normType?: number;
  /** Whether a norm that is not finite is an error; this reads the device. Default false. */
  readonly errorIfNonfinite?: boolean;
}

function totalNorm(
  op: string,
  tensors: readonly Tensor[],
  { normType = 2, errorIfNonfinite = false }: ClipGradNormOptions,
): Tensor {
  const [first] = tensors;
  if (first === undefined) return zeros([]);
  return noGrad(() => {
    const norms = tensors.map((t) => t.norm(normType).to({ device: first.device }));
    const total = stack(norms).norm(normType);
    if (errorIfNonfinite && !Number.isFinite(Number(total.itemSync())))
      throw new StateError(
        `${op}: Norm is not finite: expected finite gradients, received ${total.itemSync()}`,
      );
    return total;
  });
}

/**
 * The norm of all tensors as if they were one vector, 0-d; 0 for none.
 *
 * @param tensors - Gradients, say.
 * @param options - `normType`, `errorIfNonfinite`.
 * @throws StateError if the norm is not finite and `errorIfNonfinite`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.get_total_norm.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { utils } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.equal(utils.getTotalNorm([tensor([3]).float(), tensor([[4]]).float()]).itemSync(), 5);
 */
export function getTotalNorm(
  tensors: Tensor | Iterable<Tensor>,
  options: ClipGradNormOptions = {},
): Tensor {
  return totalNorm("getTotalNorm", listOf(tensors), options);
}

/**
 * Scales all gradients by maxNorm / (total + 1e-6) where that is below 1: {@link clipGradNorm_} for a
 * norm that was computed before, over several models or processes, say.
 *
 * @param parameters - Whose gradients; those without one are passed over.
 * @param maxNorm - The largest norm.
 * @param total - The norm, as {@link getTotalNorm} gives it.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grads_with_norm_.html
 */
export function clipGradsWithNorm_(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  total: Tensor,
): void {
  noGrad(() => {
    const factor = total.add(1e-6).rdiv(maxNorm).clamp(undefined, 1);
    for (const grad of gradsOf(parameters)) grad.mul_(factor.to({ device: grad.device }));
  });
}

/**
 * Scales all gradients, as if they were one vector, so that their norm is at most `maxNorm`.
 *
 * @param parameters - Whose gradients; those without one are passed over.
 * @param maxNorm - The largest norm.
 * @param options - `normType`, `errorIfNonfinite`.
 * @returns The norm before, 0-d; 0 where no parameter has a gradient.
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
 * assert.equal(utils.clipGradNorm_([w], 1).itemSync(), 5);
 * assert.ok(Math.abs(Number(w.grad?.norm().itemSync()) - 1) < 1e-5);
 */
export function clipGradNorm_(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options: ClipGradNormOptions = {},
): Tensor {
  const listed = listOf(parameters);
  const total = totalNorm("clipGradNorm_", gradsOf(listed), options);
  clipGradsWithNorm_(listed, maxNorm, total);
  return total;
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
