// Adafactor: Adam's second moment in the memory of one row and one column.
import type { Tensor } from "@tead/tensor";
import type { ParamGroup, Params } from "./groups.ts";
import { Optimizer } from "./optimizer.ts";
import { checkNonNegative, checkOption } from "./options.ts";

/** Options of {@link Adafactor}. */
export interface AdafactorOptions {
  /** The highest relative step. Default 0.01. */
  readonly lr?: number;
  /** The power, at most 0, with which the average of squares turns away from new ones. Default -0.8. */
  readonly beta2Decay?: number;
  /**
   * The least root of an average square (null for the dtype's resolution), and the least size of a
   * parameter. Default [null, 1e-3].
   */
  readonly eps?: readonly [number | null, number];
  /** How large the root mean square of an update may be, at least 1. Default 1. */
  readonly d?: number;
  /** By how much, times lr, the parameter shrinks. Default 0. */
  readonly weightDecay?: number;
  /** Whether to climb. Default false. */
  readonly maximize?: boolean;
}

const resolution: Readonly<Record<string, number>> = {
  float64: 2 ** -52,
  float32: 2 ** -23,
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
};

/**
 * Adafactor: w = t^beta2Decay; r and c, the averages of g^2 over columns and over rows, move by w
 * towards the new ones; v = r c / max(mean(r), eps1), or the average of g^2 itself for a parameter
 * of fewer than two dims; u = g / max(sqrt(v), eps1); p -= lr weightDecay p; p -= max(eps2, rms(p))
 * min(lr, 1 / sqrt(t)) u / max(1, rms(u) / d).
 *
 * @param params - Parameters, or groups of them with options of their own.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adafactor.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Adafactor } from "@tead/optim";
 * import { ones, setDefaultDevice, type Tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([2, 3], { requiresGrad: true });
 * const optimizer = new Adafactor([x], { lr: 0.5 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.ok(Number(x.sub(0.5).abs().max().itemSync()) < 1e-6);
 * assert.deepEqual((optimizer.state.get(x)?.rowVar as Tensor).shape, [2, 1]);
 */
export class Adafactor extends Optimizer<AdafactorOptions> {
  constructor(params: Params<AdafactorOptions>, options: AdafactorOptions = {}) {
    const { lr = 1e-2, beta2Decay = -0.8, eps = [null, 1e-3], d = 1 } = options;
    const { weightDecay = 0, maximize = false } = options;
    super(params, { lr, beta2Decay, eps, d, weightDecay, maximize });
  }

  protected override check(options: Required<AdafactorOptions>): void {
    const { beta2Decay, eps, d } = options;
    checkNonNegative("Adafactor", options, ["lr", "weightDecay"]);
    checkOption("Adafactor", "beta2Decay", beta2Decay <= 0, "a number of at most 0", beta2Decay);
    const valid = eps.length === 2 && (eps[0] ?? 0) >= 0 && eps[1] >= 0;
    checkOption("Adafactor", "eps", valid, "two numbers of at least 0", eps);
    checkOption("Adafactor", "d", d >= 1, "a number of at least 1", d);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    group: ParamGroup<AdafactorOptions>,
  ): void {
    const { lr, beta2Decay, eps, d, weightDecay } = group;
    const step = this.countStep(param);
    const floor = eps[0] ?? (resolution[param.dtype] as number);
    const size = rms(param).clampMin(eps[1]);
    if (weightDecay !== 0) param.mul_(1 - lr * weightDecay);
    const g = group.maximize ? grad.neg() : grad;
    const variance = this.#variance(param, g.square(), step ** beta2Decay, floor);
    const update = variance
      .clampMin(floor * floor)
      .rsqrt_()
      .mul_(g);
    const rate = size.mul(-Math.min(lr, 1 / Math.sqrt(step)));
    param.add_(update.mul_(rate.div(rms(update).div(d).clampMin(1))));
  }

  /** The average of the squared gradient, from one row and one column where it has both. */
  #variance(param: Tensor, squares: Tensor, weight: number, floor: number): Tensor {
    if (param.ndim < 2) return this.slot(param, "variance").lerp_(squares, weight);
    const [rows, columns] = [-1, -2].map((dim) => squares.mean(dim, { keepDim: true }));
    const averageOf = (name: string, now: Tensor): Tensor =>
      this.slot(param, name, () => now.zerosLike()).lerp_(now, weight);
    const row = averageOf("rowVar", rows as Tensor);
    const column = averageOf("colVar", columns as Tensor);
    return row.div(row.mean(-2, { keepDim: true }).clampMin(floor)).mul(column);
  }
}

const rms = (x: Tensor): Tensor => x.norm().div(Math.sqrt(x.numel()));
