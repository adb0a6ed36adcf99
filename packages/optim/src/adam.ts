// Adam, and AdamW, whose decay acts on the parameter itself.
import { dispatch, keep, ops, type Tensor } from "@tead/tensor";
import { Optimizer, type ParameterState, type ParamGroup, type Params } from "./optimizer.ts";
import { checkBetas, checkNonNegative } from "./options.ts";

/** Options of {@link Adam} and {@link AdamW}. */
export interface AdamOptions {
  /** The learning rate. Default 0.001. */
  readonly lr?: number;
  /** How slowly the averages of the gradient and of its square change. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  readonly eps?: number;
  /**
   * Adam: an L2 penalty, default 0. AdamW: by how much, times lr, the parameter shrinks, default
   * 0.01.
   */
  readonly weightDecay?: number;
  /** Whether to divide by the largest average square so far (AMSGrad). Default false. */
  readonly amsgrad?: boolean;
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

abstract class AdamFamily extends Optimizer<Required<AdamOptions>> {
  readonly #decoupled: boolean;

  constructor(params: Params<AdamOptions>, options: AdamOptions, decoupled: boolean) {
    const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8 } = options;
    const { weightDecay = decoupled ? 0.01 : 0, amsgrad = false, maximize = false } = options;
    super(params, { lr, betas, eps, weightDecay, amsgrad, maximize });
    this.#decoupled = decoupled;
  }

  protected override check({ lr, betas, eps, weightDecay }: Required<AdamOptions>): void {
    const name = this.constructor.name;
    checkNonNegative(name, "lr", lr);
    checkBetas(name, betas);
    checkNonNegative(name, "eps", eps);
    checkNonNegative(name, "weightDecay", weightDecay);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    group: ParamGroup<Required<AdamOptions>>,
  ): void {
    const state = this.#stateFor(param, group.amsgrad);
    const step = (state.step as number) + 1;
    state.step = step;
    const { expAvg, expAvgSq, maxExpAvgSq } = state as Record<string, Tensor>;
    const { lr, eps, weightDecay, maximize } = group;
    const [beta1, beta2] = group.betas;
    dispatch(
      ops.adamUpdateOp,
      [param, grad, expAvg as Tensor, expAvgSq as Tensor, group.amsgrad ? maxExpAvgSq : undefined],
      { lr, beta1, beta2, eps, weightDecay, decoupled: this.#decoupled, maximize, step },
    );
  }

  #stateFor(param: Tensor, amsgrad: boolean): ParameterState {
    const state = this.stateOf(param);
    const zeros = (): Tensor => keep(param.newZeros(param.shape));
    state.step ??= 0;
    state.expAvg ??= zeros();
    state.expAvgSq ??= zeros();
    if (amsgrad) state.maxExpAvgSq ??= zeros();
    return state;
  }
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
export class Adam extends AdamFamily {
  constructor(params: Params<AdamOptions>, options: AdamOptions = {}) {
    super(params, options, false);
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
export class AdamW extends AdamFamily {
  constructor(params: Params<AdamOptions>, options: AdamOptions = {}) {
    super(params, options, true);
  }
}
