// NAdam: Adam that looks one momentum step ahead.
import { ops, type Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { Optimizer, splitDecay } from "./optimizer.ts";
import { checkBetas, checkNonNegative } from "./options.ts";
import type { StateLayout } from "./state-dict.ts";

/** Options of {@link NAdam}. */
export interface NAdamOptions {
  /** The learning rate. Default 0.002. */
  readonly lr?: number;
  /** How slowly the averages of the gradient and of its square change. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  readonly eps?: number;
  /** An L2 penalty. Default 0. */
  readonly weightDecay?: number;
  /** How fast the momentum grows to beta1. Default 0.004. */
  readonly momentumDecay?: number;
  /** Whether the decay shrinks the parameter itself, as in AdamW. Default false. */
  readonly decoupledWeightDecay?: boolean;
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

/**
 * NAdam: mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2); m and v as in Adam;
 * p -= lr * (mu_(t+1) m / (1 - mu_1 ... mu_(t+1)) + (1 - mu_t) g / (1 - mu_1 ... mu_t)) /
 * (sqrt(v / (1 - beta2^t)) + eps).
 *
 * This is PyTorch's rule since 2.0. Up to 1.13 it took mu_t twice in the first product.
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { NAdam } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([1], { requiresGrad: true });
 * const optimizer = new NAdam([x], { lr: 0.25 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.ok(Number(x.itemSync()) < 1);
 */
export class NAdam extends Optimizer<NAdamOptions> {
  constructor(params: Params<NAdamOptions>, options: NAdamOptions = {}) {
    const { lr = 2e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = options;
    const { momentumDecay = 4e-3, decoupledWeightDecay = false, maximize = false } = options;
    super(params, { lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize });
  }

  protected override check(options: Required<NAdamOptions>): void {
    checkNonNegative("NAdam", options, ["lr", "eps", "weightDecay", "momentumDecay"]);
    checkBetas("NAdam", options.betas);
  }
  protected override get layout(): StateLayout {
    return { keys: {}, scalars: ["step", "muProduct"] };
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<NAdamOptions>): void {
    const { lr, eps, maximize } = group;
    const [beta1, beta2] = group.betas;
    const step = this.countStep(param);
    const momentumAt = (t: number): number => beta1 * (1 - 0.5 * 0.96 ** (t * group.momentumDecay));
    const [mu, next] = [momentumAt(step), momentumAt(step + 1)];
    const product = this.#product(param, mu);
    const state = [this.slot(param, "expAvg"), this.slot(param, "expAvgSq")] as const;
    this.updateBy(ops.momentUpdateOp, [param, grad, ...state], {
      ...{ beta1, beta2, eps, maximize, ...splitDecay(group) },
      gradRate: (lr * (1 - mu)) / (1 - product),
      averageRate: (lr * next) / (1 - product * next),
      correction: 1 - beta2 ** step,
      adaptive: true,
    });
  }

  /** The product of all momenta so far; PyTorch keeps it in float32. */
  #product(param: Tensor, mu: number): number {
    const state = this.stateOf(param);
    const before = (state.muProduct as number | undefined) ?? 1;
    state.muProduct = Math.fround(before * Math.fround(mu));
    return state.muProduct;
  }
}
