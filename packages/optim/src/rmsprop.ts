// RMSprop: steps divided by the root of an average square.
import { ops, type Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { Optimizer } from "./optimizer.ts";
import { checkNonNegative } from "./options.ts";

/** Options of {@link RMSprop}. */
export interface RMSpropOptions {
  /** The learning rate. Default 0.01. */
  readonly lr?: number;
  /** How slowly the average square changes. Default 0.99. */
  readonly alpha?: number;
  /** Added to the denominator. Default 1e-8. */
  readonly eps?: number;
  /** An L2 penalty. Default 0. */
  readonly weightDecay?: number;
  /** How much of the last step goes into this one. Default 0. */
  readonly momentum?: number;
  /**
   * Whether to divide by the standard deviation in place of the root mean square. Default false.
   */
  readonly centered?: boolean;
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

/**
 * RMSprop: v = alpha v + (1 - alpha) g^2; p -= lr g / (sqrt(v) + eps), with v less the squared
 * average of g where centered, and through a momentum buffer where there is momentum.
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { RMSprop } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([1], { requiresGrad: true });
 * const optimizer = new RMSprop([x], { lr: 0.05 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.ok(Math.abs(Number(x.itemSync()) - 0.5) < 1e-6); // 1 - 0.05 / sqrt(1 - alpha)
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  constructor(params: Params<RMSpropOptions>, options: RMSpropOptions = {}) {
    const { lr = 0.01, momentum = 0, alpha = 0.99, eps = 1e-8, centered = false } = options;
    const { weightDecay = 0, maximize = false } = options;
    super(params, { lr, momentum, alpha, eps, centered, weightDecay, maximize });
  }

  protected override check(options: Required<RMSpropOptions>): void {
    checkNonNegative("RMSprop", options, ["lr", "eps", "momentum", "weightDecay", "alpha"]);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<RMSpropOptions>): void {
    this.countStep(param);
    const square = this.slot(param, "squareAvg");
    const mean = group.centered ? this.slot(param, "gradAvg") : undefined;
    const buffer = group.momentum === 0 ? undefined : this.slot(param, "momentumBuffer");
    this.updateBy(ops.rmspropUpdateOp, [param, grad, square, mean, buffer], group);
  }
}
