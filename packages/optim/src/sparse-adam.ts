// SparseAdam: Adam that leaves the rows alone which no example has touched.
import type { Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { Optimizer } from "./optimizer.ts";
import { checkBetas, checkOption } from "./options.ts";

/** Options of {@link SparseAdam}. */
export interface SparseAdamOptions {
  /** The learning rate, above 0. Default 0.001. */
  readonly lr?: number;
  /** How slowly the averages of the gradient and of its square change. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator, above 0. Default 1e-8. */
  readonly eps?: number;
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

/**
 * Adam for embeddings: a row (everything at one index of the first dim) whose gradient is all 0
 * keeps its values and its averages; the other rows take Adam's step,
 * p -= lr sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + eps), where t counts all steps.
 *
 * Gradients are dense here: a zero row stands for what PyTorch leaves out of a sparse gradient. So
 * a row that was looked up, and whose gradient is exactly 0, is skipped, where PyTorch steps on by
 * its averages.
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SparseAdam.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { SparseAdam } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const table = ones([3, 2], { requiresGrad: true });
 * const optimizer = new SparseAdam([table], { lr: 0.5 });
 * table.select(0, 1).sum().backward();
 * optimizer.step();
 * assert.deepEqual(table.lt(1).tolistSync(), [[false, false], [true, true], [false, false]]);
 */
export class SparseAdam extends Optimizer<SparseAdamOptions> {
  constructor(params: Params<SparseAdamOptions>, options: SparseAdamOptions = {}) {
    const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, maximize = false } = options;
    super(params, { lr, betas, eps, maximize });
  }

  protected override check(options: Required<SparseAdamOptions>): void {
    for (const name of ["lr", "eps"] as const)
      checkOption("SparseAdam", name, options[name] > 0, "a number above 0", options[name]);
    checkBetas("SparseAdam", options.betas);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    group: ParamGroup<SparseAdamOptions>,
  ): void {
    const [beta1, beta2] = group.betas;
    const step = this.countStep(param);
    const g = group.maximize ? grad.neg() : grad;
    const touched = touchedRows(g);
    const moved = (name: string, target: Tensor, weight: number): Tensor => {
      const average = this.slot(param, name);
      return average.copy_(touched.where(average.lerp(target, weight), average));
    };
    const average = moved("expAvg", g, 1 - beta1);
    const square = moved("expAvgSq", g.square(), 1 - beta2);
    const rate = (group.lr * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
    const update = average.div(square.sqrt().add_(group.eps));
    param.add_(touched.where(update, 0), { alpha: -rate });
  }
}

/** Which rows hold anything but 0, in a shape that broadcasts over the gradient. */
function touchedRows(grad: Tensor): Tensor {
  const nonzero = grad.ne(0);
  if (grad.ndim < 2) return nonzero;
  const rest = grad.shape.slice(1).map(() => 1);
  return nonzero
    .flatten(1)
    .any(1)
    .reshape([grad.size(0), ...rest]);
}
