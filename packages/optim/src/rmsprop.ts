// RMSprop: steps divided by the root of an average square.
import { keep, type Tensor } from "@tead/tensor";
import { Optimizer, type ParamGroup, type Params } from "./optimizer.ts";
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
export class RMSprop extends Optimizer<Required<RMSpropOptions>> {
  constructor(params: Params<RMSpropOptions>, options: RMSpropOptions = {}) {
    const { lr = 0.01, momentum = 0, alpha = 0.99, eps = 1e-8, centered = false } = options;
    const { weightDecay = 0, maximize = false } = options;
    super(params, { lr, momentum, alpha, eps, centered, weightDecay, maximize });
  }

  protected override check(options: Required<RMSpropOptions>): void {
    for (const name of ["lr", "eps", "momentum", "weightDecay", "alpha"] as const)
      checkNonNegative("RMSprop", name, options[name]);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    group: ParamGroup<Required<RMSpropOptions>>,
  ): void {
    const { lr, alpha, eps, weightDecay, momentum, centered, maximize } = group;
    const state = this.stateOf(param);
    const zeros = (): Tensor => keep(param.newZeros(param.shape));
    state.step = ((state.step as number | undefined) ?? 0) + 1;
    let g = maximize ? grad.neg() : grad;
    if (weightDecay !== 0) g = g.add(param, { alpha: weightDecay });
    state.squareAvg ??= zeros();
    const squareAvg = (state.squareAvg as Tensor).mul_(alpha).addcmul_(g, g, { value: 1 - alpha });
    let average = squareAvg;
    if (centered) {
      state.gradAvg ??= zeros();
      const gradAvg = (state.gradAvg as Tensor).mul_(alpha).add_(g, { alpha: 1 - alpha });
      average = squareAvg.addcmul(gradAvg, gradAvg, { value: -1 });
    }
    const root = average.sqrt().add_(eps);
    if (momentum === 0) {
      param.addcdiv_(g, root, { value: -lr });
      return;
    }
    state.momentumBuffer ??= zeros();
    const buffer = (state.momentumBuffer as Tensor).mul_(momentum).addcdiv_(g, root);
    param.add_(buffer, { alpha: -lr });
  }
}
