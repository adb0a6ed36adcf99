// Rprop: steps by the sign of the gradient, longer while it lasts.
import type { Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { Optimizer } from "./optimizer.ts";
import { checkNonNegative, checkOption } from "./options.ts";

/** Options of {@link Rprop}. */
export interface RpropOptions {
  /** The first step of every element. Default 0.01. */
  readonly lr?: number;
  /** What a step is multiplied by where the sign changed, and where it lasted. Default [0.5, 1.2]. */
  readonly etas?: readonly [number, number];
  /** The shortest and the longest step. Default [1e-6, 50]. */
  readonly stepSizes?: readonly [number, number];
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

/**
 * Rprop: step *= eta+ where the gradient kept its sign, eta- where it changed, within stepSizes;
 * p -= sign(g) step, and not at all where the sign changed. For whole-batch gradients.
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Rprop.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Rprop } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([1], { requiresGrad: true });
 * const optimizer = new Rprop([x], { lr: 0.25 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.ok(Math.abs(Number(x.itemSync()) - 0.75) < 1e-6);
 */
export class Rprop extends Optimizer<RpropOptions> {
  constructor(params: Params<RpropOptions>, options: RpropOptions = {}) {
    const { lr = 1e-2, etas = [0.5, 1.2], stepSizes = [1e-6, 50], maximize = false } = options;
    super(params, { lr, etas, stepSizes, maximize });
  }

  protected override check(options: Required<RpropOptions>): void {
    const { etas, stepSizes } = options;
    checkNonNegative("Rprop", options, ["lr"]);
    const valid = etas[0] > 0 && etas[0] < 1 && etas[1] > 1;
    checkOption("Rprop", "etas", valid, "a number from 0 to 1 and one above 1", etas);
    const ordered = stepSizes[0] <= stepSizes[1];
    checkOption("Rprop", "stepSizes", ordered, "the shortest, then the longest", stepSizes);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<RpropOptions>): void {
    const [shrink, grow] = group.etas;
    this.countStep(param);
    const g = group.maximize ? grad.neg() : grad;
    const previous = this.slot(param, "prev");
    const sizes = this.slot(param, "stepSize", () => param.newFull(param.shape, group.lr));
    const kept = g.mul(previous);
    const changed = kept.lt(0);
    const factors = changed.where(shrink, kept.gt(0).where(grow, kept.onesLike()));
    sizes.mul_(factors).clamp_(...group.stepSizes);
    const moving = changed.where(0, g);
    param.addcmul_(moving.sign(), sizes, { value: -1 });
    previous.copy_(moving);
  }
}
