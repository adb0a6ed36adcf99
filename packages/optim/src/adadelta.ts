// Adadelta: steps in the parameter's own unit.
import type { Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { decayedGrad, Optimizer } from "./optimizer.ts";
import { checkNonNegative, checkOption } from "./options.ts";

/** Options of {@link Adadelta}. */
export interface AdadeltaOptions {
  /** A factor for the step. Default 1. */
  readonly lr?: number;
  /** How slowly the average squares change, from 0 to 1. Default 0.9. */
  readonly rho?: number;
  /** Added to both average squares. Default 1e-6. */
  readonly eps?: number;
  /** An L2 penalty. Default 0. */
  readonly weightDecay?: number;
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

/**
 * Adadelta: v = rho v + (1 - rho) g^2; d = g sqrt(u + eps) / sqrt(v + eps);
 * u = rho u + (1 - rho) d^2; p -= lr d.
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Adadelta } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([1], { requiresGrad: true });
 * const optimizer = new Adadelta([x], { eps: 0.4 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.ok(Math.abs(Number(x.itemSync()) - (1 - Math.sqrt(2))) < 1e-6);
 */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  constructor(params: Params<AdadeltaOptions>, options: AdadeltaOptions = {}) {
    const { lr = 1, rho = 0.9, eps = 1e-6, weightDecay = 0, maximize = false } = options;
    super(params, { lr, rho, eps, weightDecay, maximize });
  }

  protected override check(options: Required<AdadeltaOptions>): void {
    const { rho } = options;
    checkNonNegative("Adadelta", options, ["lr", "eps", "weightDecay"]);
    checkOption("Adadelta", "rho", rho >= 0 && rho <= 1, "a number from 0 to 1", rho);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<AdadeltaOptions>): void {
    const { lr, rho, eps } = group;
    this.countStep(param);
    const g = decayedGrad(param, grad, group);
    const [squares, deltas] = [this.slot(param, "squareAvg"), this.slot(param, "accDelta")];
    squares.mul_(rho).addcmul_(g, g, { value: 1 - rho });
    const delta = deltas.add(eps).sqrt_().div_(squares.add(eps).sqrt_()).mul_(g);
    deltas.mul_(rho).addcmul_(delta, delta, { value: 1 - rho });
    param.add_(delta, { alpha: -lr });
  }
}
