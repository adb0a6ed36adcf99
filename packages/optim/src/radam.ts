// RAdam: Adam that waits until the average square can be trusted.
import { ops, type Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { Optimizer, splitDecay } from "./optimizer.ts";
import { checkBetas, checkNonNegative } from "./options.ts";

/** Options of {@link RAdam}. */
export interface RAdamOptions {
  /** The learning rate. Default 0.001. */
  readonly lr?: number;
  /** How slowly the averages of the gradient and of its square change. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  readonly eps?: number;
  /** An L2 penalty. Default 0. */
  readonly weightDecay?: number;
  /** Whether the decay shrinks the parameter itself, as in AdamW. Default false. */
  readonly decoupledWeightDecay?: boolean;
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

/**
 * RAdam: m and v as in Adam; rho_inf = 2 / (1 - beta2) - 1;
 * rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t). Where rho_t > 5, p -= lr / (1 - beta1^t) * m *
 * r_t * sqrt(1 - beta2^t) / (sqrt(v) + eps) with r_t = sqrt((rho_t - 4) (rho_t - 2) rho_inf /
 * ((rho_inf - 4) (rho_inf - 2) rho_t)); else p -= lr / (1 - beta1^t) * m.
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.RAdam.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { RAdam } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([1], { requiresGrad: true });
 * const optimizer = new RAdam([x], { lr: 0.25 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.ok(Math.abs(Number(x.itemSync()) - 0.5) < 1e-6); // the first steps go by the average alone
 */
export class RAdam extends Optimizer<RAdamOptions> {
  constructor(params: Params<RAdamOptions>, options: RAdamOptions = {}) {
    const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = options;
    const { decoupledWeightDecay = false, maximize = false } = options;
    super(params, { lr, betas, eps, weightDecay, decoupledWeightDecay, maximize });
  }

  protected override check(options: Required<RAdamOptions>): void {
    checkNonNegative("RAdam", options, ["lr", "eps", "weightDecay"]);
    checkBetas("RAdam", options.betas);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<RAdamOptions>): void {
    const { lr, eps, maximize } = group;
    const [beta1, beta2] = group.betas;
    const step = this.countStep(param);
    const state = [this.slot(param, "expAvg"), this.slot(param, "expAvgSq")] as const;
    const factor = rectification(beta2, step);
    this.updateBy(ops.momentUpdateOp, [param, grad, ...state], {
      ...{ beta1, beta2, eps, maximize, ...splitDecay(group) },
      gradRate: 0,
      averageRate: (lr / (1 - beta1 ** step)) * (factor ?? 1),
      correction: 1,
      adaptive: factor !== undefined,
    });
  }
}

/** r_t sqrt(1 - beta2^t), or undefined while the average square is not to be trusted. */
function rectification(beta2: number, step: number): number | undefined {
  const correction = 1 - beta2 ** step;
  const limit = 2 / (1 - beta2) - 1;
  const rho = limit - (2 * step * beta2 ** step) / correction;
  if (rho <= 5) return undefined;
  const variance = ((rho - 4) * (rho - 2) * limit) / ((limit - 4) * (limit - 2) * rho);
  return Math.sqrt(variance * correction);
}
