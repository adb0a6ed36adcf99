// Adagrad: steps divided by the root of the sum of all squares.
import { ops, type Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { Optimizer } from "./optimizer.ts";
import { checkNonNegative } from "./options.ts";

/** Options of {@link Adagrad}. */
export interface AdagradOptions {
  /** The learning rate. Default 0.01. */
  readonly lr?: number;
  /** By how much each step lowers the learning rate. Default 0. */
  readonly lrDecay?: number;
  /** An L2 penalty. Default 0. */
  readonly weightDecay?: number;
  /** Where the sums begin. Default 0. */
  readonly initialAccumulatorValue?: number;
  /** Added to the denominator. Default 1e-10. */
  readonly eps?: number;
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

/**
 * Adagrad: s += g^2; p -= lr / (1 + (t - 1) lrDecay) * g / (sqrt(s) + eps).
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Adagrad } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([1], { requiresGrad: true });
 * const optimizer = new Adagrad([x], { lr: 0.5 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.deepEqual(x.tolistSync(), [0.5]);
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  constructor(params: Params<AdagradOptions>, options: AdagradOptions = {}) {
    const { lr = 0.01, lrDecay = 0, eps = 1e-10, weightDecay = 0 } = options;
    const { initialAccumulatorValue = 0, maximize = false } = options;
    super(params, { lr, lrDecay, eps, weightDecay, initialAccumulatorValue, maximize });
  }

  protected override check(options: Required<AdagradOptions>): void {
    const names = ["lr", "lrDecay", "weightDecay", "initialAccumulatorValue", "eps"] as const;
    checkNonNegative("Adagrad", options, names);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<AdagradOptions>): void {
    const { lr, lrDecay, eps, weightDecay, maximize } = group;
    const rate = lr / (1 + (this.countStep(param) - 1) * lrDecay);
    const start = (): Tensor => param.newFull(param.shape, group.initialAccumulatorValue);
    const sum = this.slot(param, "sum", start);
    this.updateBy(ops.adagradUpdateOp, [param, grad, sum], { rate, eps, weightDecay, maximize });
  }
}
