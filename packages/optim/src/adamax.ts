// Adamax: Adam with the largest gradient in place of the root mean square.
import type { Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { decayedGrad, Optimizer } from "./optimizer.ts";
import { checkBetas, checkNonNegative } from "./options.ts";

/** Options of {@link Adamax}. */
export interface AdamaxOptions {
  /** The learning rate. Default 0.002. */
  readonly lr?: number;
  /** How slowly the average and the largest of the gradient change. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the gradient's size. Default 1e-8. */
  readonly eps?: number;
  /** An L2 penalty. Default 0. */
  readonly weightDecay?: number;
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

/**
 * Adamax: m = beta1 m + (1 - beta1) g; u = max(beta2 u, |g| + eps);
 * p -= lr / (1 - beta1^t) * m / u.
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adamax.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Adamax } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([1], { requiresGrad: true });
 * const optimizer = new Adamax([x], { lr: 0.25 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.ok(Math.abs(Number(x.itemSync()) - 0.75) < 1e-6); // the first step is lr
 */
export class Adamax extends Optimizer<AdamaxOptions> {
  constructor(params: Params<AdamaxOptions>, options: AdamaxOptions = {}) {
    const { lr = 2e-3, betas = [0.9, 0.999], eps = 1e-8 } = options;
    const { weightDecay = 0, maximize = false } = options;
    super(params, { lr, betas, eps, weightDecay, maximize });
  }

  protected override check(options: Required<AdamaxOptions>): void {
    checkNonNegative("Adamax", options, ["lr", "eps", "weightDecay"]);
    checkBetas("Adamax", options.betas);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<AdamaxOptions>): void {
    const [beta1, beta2] = group.betas;
    const step = this.countStep(param);
    const g = decayedGrad(param, grad, group);
    const average = this.slot(param, "expAvg");
    average.mul_(beta1).add_(g, { alpha: 1 - beta1 });
    const largest = this.slot(param, "expInf");
    largest.mul_(beta2).maximum_(g.abs().add_(group.eps));
    param.addcdiv_(average, largest, { value: -group.lr / (1 - beta1 ** step) });
  }
}
