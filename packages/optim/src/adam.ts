// Adam, and AdamW, whose decay acts on the parameter itself.
import { ops, type Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { Optimizer } from "./optimizer.ts";
import { checkBetas, checkNonNegative } from "./options.ts";

/** Options of {@link AdamW}. */
export interface AdamWOptions {
  /** The learning rate. Default 0.001. */
  readonly lr?: number;
  /** How slowly the averages of the gradient and of its square change. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  readonly eps?: number;
  /** Adam: an L2 penalty, default 0. AdamW: the parameter shrinks by this times lr, default 0.01. */
  readonly weightDecay?: number;
  /** Whether to divide by the largest average square so far (AMSGrad). Default false. */
  readonly amsgrad?: boolean;
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

/** Options of {@link Adam}. */
export interface AdamOptions extends AdamWOptions {
  /** Whether the decay shrinks the parameter itself, as in AdamW. Default false. */
  readonly decoupledWeightDecay?: boolean;
}

/**
 * Adam: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * p -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps).
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Adam } from "@tead/optim";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const x = tensor([4], { dtype: "float64", requiresGrad: true });
 * const optimizer = new Adam([x], { lr: 0.5, eps: 0 });
 * x.square().sum().backward();
 * optimizer.step();
 * // The first step is lr, whatever the gradient.
 * assert.ok(Math.abs(Number(x.itemSync()) - 3.5) < 1e-12);
 */
export class Adam extends Optimizer<AdamOptions> {
  constructor(params: Params<AdamOptions>, options: AdamOptions = {}) {
    const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = options;
    const { amsgrad = false, maximize = false, decoupledWeightDecay = false } = options;
    super(params, { lr, betas, eps, weightDecay, amsgrad, maximize, decoupledWeightDecay });
  }

  protected override check(options: Required<AdamOptions>): void {
    const name = this.constructor.name;
    checkNonNegative(name, options, ["lr", "eps", "weightDecay"]);
    checkBetas(name, options.betas);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<AdamOptions>): void {
    const { lr, betas, eps, weightDecay, maximize, decoupledWeightDecay: decoupled } = group;
    const [beta1, beta2] = betas;
    const step = this.countStep(param);
    const [average, square] = [this.slot(param, "expAvg"), this.slot(param, "expAvgSq")];
    const largest = group.amsgrad ? this.slot(param, "maxExpAvgSq") : undefined;
    const attrs = { lr, beta1, beta2, eps, weightDecay, decoupled, maximize, step };
    this.updateBy(ops.adamUpdateOp, [param, grad, average, square, largest], attrs);
  }
}

/**
 * AdamW: Adam whose weight decay shrinks the parameter by lr * weightDecay in place of joining the
 * gradient.
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - All optional; `weightDecay` is 0.01 unless said.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { AdamW } from "@tead/optim";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const x = tensor([4], { dtype: "float64", requiresGrad: true });
 * const optimizer = new AdamW([x], { lr: 0.5, weightDecay: 0.5, eps: 0 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.ok(Math.abs(Number(x.itemSync()) - 2.5) < 1e-12); // 4 - 0.5 * 0.5 * 4 - 0.5
 */
export class AdamW extends Adam {
  constructor(params: Params<AdamWOptions>, options: AdamWOptions = {}) {
    const { weightDecay = 0.01 } = options;
    super(params, { ...options, weightDecay, decoupledWeightDecay: true });
  }
}
