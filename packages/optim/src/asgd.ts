// Averaged stochastic gradient descent.
import type { Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { decayedGrad, Optimizer } from "./optimizer.ts";
import { checkNonNegative } from "./options.ts";
import type { StateLayout } from "./state-dict.ts";

/** Options of {@link ASGD}. */
export interface ASGDOptions {
  /** The learning rate. Default 0.01. */
  readonly lr?: number;
  /** How much the parameter shrinks in each step. Default 1e-4. */
  readonly lambd?: number;
  /** The power with which the rate falls. Default 0.75. */
  readonly alpha?: number;
  /** The step after which the average begins. Default 1e6. */
  readonly t0?: number;
  /** An L2 penalty. Default 0. */
  readonly weightDecay?: number;
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

/**
 * Averaged SGD: p = p (1 - lambd eta) - eta g; average += (p - average) mu;
 * eta = lr / (1 + lambd lr t)^alpha; mu = 1 / max(1, t - t0). The average is `state.get(p).ax`.
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.ASGD.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ASGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([1], { requiresGrad: true });
 * const optimizer = new ASGD([x], { lr: 0.25, lambd: 0 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.ok(Math.abs(Number(x.itemSync()) - 0.5) < 1e-6);
 */
export class ASGD extends Optimizer<ASGDOptions> {
  constructor(params: Params<ASGDOptions>, options: ASGDOptions = {}) {
    const { lr = 1e-2, lambd = 1e-4, alpha = 0.75, t0 = 1e6 } = options;
    const { weightDecay = 0, maximize = false } = options;
    super(params, { lr, lambd, alpha, t0, weightDecay, maximize });
  }

  protected override check(options: Required<ASGDOptions>): void {
    checkNonNegative("ASGD", options, ["lr", "weightDecay"]);
  }
  protected override get layout(): StateLayout {
    return { keys: {}, scalars: ["step", "eta", "mu"] };
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<ASGDOptions>): void {
    const { lr, lambd, alpha, t0 } = group;
    const state = this.stateOf(param);
    // PyTorch keeps both numbers in float32.
    const { eta = Math.fround(lr), mu = 1 } = state as { eta?: number; mu?: number };
    const step = this.countStep(param);
    const g = decayedGrad(param, grad, group);
    param.mul_(1 - lambd * eta).add_(g, { alpha: -eta });
    const average = this.slot(param, "ax");
    if (mu === 1) average.copy_(param);
    else average.add_(param.sub(average), { alpha: mu });
    state.eta = Math.fround(lr / (1 + lambd * lr * step) ** alpha);
    state.mu = Math.fround(1 / Math.max(1, step - t0));
  }
}
