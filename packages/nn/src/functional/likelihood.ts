// Negative log likelihoods of distributions whose parameters a network gives.
import { type LossOptions, noGrad, type Tensor } from "@tead/tensor";
import { reduced } from "./reduction.ts";

/** Options of {@link poissonNllLoss}. */
export interface PoissonNllLossOptions extends LossOptions {
  /** Whether the input is the logarithm of the rate. Default true. */
  readonly logInput?: boolean;
  /** Whether to add Stirling's approximation of ln(target!). Default false. */
  readonly full?: boolean;
  /** Keeps the logarithm of a rate of 0 finite. Default 1e-8. */
  readonly eps?: number;
}

/**
 * rate - target ln(rate), for counts.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.poisson_nll_loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.equal(F.poissonNllLoss(zeros([2]), zeros([2])).itemSync(), 1);
 */
export function poissonNllLoss(
  input: Tensor,
  target: Tensor,
  options: PoissonNllLossOptions = {},
): Tensor {
  const { logInput = true, full = false, eps = 1e-8 } = options;
  const losses = logInput
    ? input.exp().sub(target.mul(input))
    : input.sub(target.mul(input.add(eps).log()));
  if (!full) return reduced("poissonNllLoss", losses, options);
  const stirling = target
    .mul(target.log())
    .sub(target)
    .add(target.mul(2 * Math.PI).log(), { alpha: 0.5 });
  const all = losses.add(target.le(1).where(0, stirling));
  return reduced("poissonNllLoss", all, options);
}

/** Options of {@link gaussianNllLoss}. */
export interface GaussianNllLossOptions extends LossOptions {
  /** Whether to add the constant ln(2 pi) / 2. Default false. */
  readonly full?: boolean;
  /** The least variance. Default 1e-6. */
  readonly eps?: number;
}

/**
 * (ln(variance) + (input - target)^2 / variance) / 2.
 *
 * **Shapes**: `input`, `target [...]`, `variance` alike, or with a last dim of size 1, or without it.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gaussian_nll_loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = F.gaussianNllLoss(zeros([2]), ones([2]), ones([2]));
 * assert.equal(loss.itemSync(), 0.5);
 */
export function gaussianNllLoss(
  input: Tensor,
  target: Tensor,
  variance: Tensor,
  options: GaussianNllLossOptions = {},
): Tensor {
  const { full = false, eps = 1e-6 } = options;
  const given = variance.ndim === input.ndim - 1 ? variance.unsqueeze(-1) : variance;
  // The limit takes no part in the gradient.
  const v = given.add(noGrad(() => given.clamp(eps).sub(given)));
  const losses = v.log().add(input.sub(target).square().div(v)).mul(0.5);
  const all = full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses;
  return reduced("gaussianNllLoss", all, options);
}
