// Losses by likelihood.
import type { Tensor } from "@tead/tensor";
import {
  type GaussianNllLossOptions,
  gaussianNllLoss,
  type PoissonNllLossOptions,
  poissonNllLoss,
} from "../functional/likelihood.ts";
import { Loss } from "./loss.ts";

/**
 * Counts and their rate: `functional.poissonNllLoss` as a module.
 *
 * **Shapes**: `input [...]`, `target` alike `-> []`.
 *
 * @param options - `logInput`, `full`, `eps`, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { PoissonNLLLoss } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.equal(new PoissonNLLLoss().forward(zeros([2]), zeros([2])).itemSync(), 1);
 */
export class PoissonNLLLoss extends Loss {
  readonly logInput: boolean;
  readonly full: boolean;
  readonly eps: number;

  constructor(options: PoissonNllLossOptions = {}) {
    super(options);
    this.logInput = options.logInput ?? true;
    this.full = options.full ?? false;
    this.eps = options.eps ?? 1e-8;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return poissonNllLoss(input, target, this);
  }
}

/**
 * Numbers, their mean and variance: `functional.gaussianNllLoss` as a module.
 *
 * **Shapes**: `input`, `target [...]`, `variance` alike or without the last dim `-> []`.
 *
 * @param options - `full`, `eps`, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { GaussianNLLLoss } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = new GaussianNLLLoss().forward(zeros([2]), ones([2]), ones([2]));
 * assert.equal(loss.itemSync(), 0.5);
 */
export class GaussianNLLLoss extends Loss<[input: Tensor, target: Tensor, variance: Tensor]> {
  readonly full: boolean;
  readonly eps: number;

  constructor(options: GaussianNllLossOptions = {}) {
    super(options);
    this.full = options.full ?? false;
    this.eps = options.eps ?? 1e-6;
  }
  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    return gaussianNllLoss(input, target, variance, this);
  }
}
