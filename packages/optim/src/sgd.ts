// Stochastic gradient descent.
import { ops, type Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { Optimizer } from "./optimizer.ts";
import { checkNonNegative } from "./options.ts";

/** Options of {@link SGD}. */
export interface SGDOptions {
  /** The learning rate. */
  readonly lr: number;
  /** How much of the last step goes into this one. Default 0. */
  readonly momentum?: number;
  /** How much less of the gradient goes into the momentum. Default 0. */
  readonly dampening?: number;
  /** A factor for the parameter in its own gradient (an L2 penalty). Default 0. */
  readonly weightDecay?: number;
  /** Whether to look ahead by one momentum step. Default false. */
  readonly nesterov?: boolean;
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

/**
 * Stochastic gradient descent:
 * d = grad + weightDecay p; b = momentum b + (1 - dampening) d; p -= lr b, or lr (d + momentum b)
 * with Nesterov.
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - `lr` and, if wanted, the others.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { SGD } from "@tead/optim";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const x = tensor([4], { dtype: "float32", requiresGrad: true });
 * const optimizer = new SGD([x], { lr: 0.25 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.deepEqual(x.tolistSync(), [2]);
 */
export class SGD extends Optimizer<SGDOptions> {
  /** Those of the last update, which are most often those of the next. */
  #attrs: ops.SgdAttrs | undefined = undefined;

  constructor(params: Params<SGDOptions>, options: SGDOptions) {
    const { lr, momentum = 0, dampening = 0, weightDecay = 0 } = options;
    const { nesterov = false, maximize = false } = options;
    super(params, { lr, momentum, dampening, weightDecay, nesterov, maximize });
  }

  protected override check(options: Required<SGDOptions>): void {
    const { momentum, dampening, nesterov } = options;
    checkNonNegative("SGD", options, ["lr", "momentum", "weightDecay"]);
    if (nesterov && (momentum <= 0 || dampening !== 0))
      throw new RangeError(
        "SGD: Option nesterov is not valid: expected momentum above 0 and no dampening with it, " +
          `received momentum ${momentum} and dampening ${dampening}`,
      );
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<SGDOptions>): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    let buffer: Tensor | undefined;
    let first = false;
    if (momentum !== 0) {
      first = this.stateOf(param).momentumBuffer === undefined;
      buffer = this.slot(param, "momentumBuffer", () => param.newEmpty(param.shape));
    }
    const last = this.#attrs;
    const isSame =
      last !== undefined &&
      last.lr === lr &&
      last.momentum === momentum &&
      last.dampening === dampening &&
      last.weightDecay === weightDecay &&
      last.nesterov === nesterov &&
      last.maximize === maximize &&
      last.first === first;
    // Not a spread of the group: V8 before Node 22 takes a microsecond for that.
    const attrs = isSame
      ? last
      : { lr, momentum, dampening, weightDecay, nesterov, maximize, first };
    this.#attrs = attrs;
    this.updateBy(ops.sgdUpdateOp, [param, grad, buffer], attrs);
  }
}
