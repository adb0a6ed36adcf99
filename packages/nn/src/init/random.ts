// Random initial values: PyTorch's formulas over PyTorch's draws. All write in place and record
// nothing. On the meta device there are no values, and nothing is drawn.
import { type GeneratorOption, meta, noGrad, type Tensor } from "@tead/tensor";
import { calculateFanInAndFanOut, calculateGain, type FanMode, type Nonlinearity } from "./fans.ts";

/**
 * Writes uniform numbers in [low, high).
 *
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const w = init.uniform_(zeros([100]), 2, 3);
 * assert.ok(Number(w.amin().itemSync()) >= 2);
 */
export function uniform_<T extends Tensor>(
  tensor: T,
  low = 0,
  high = 1,
  options?: GeneratorOption,
): T {
  return noGrad(() => (tensor.device === meta() ? tensor : tensor.uniform_(low, high, options)));
}

/**
 * Writes normal numbers.
 *
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const w = init.normal_(zeros([2]), 7, 0);
 * assert.deepEqual(w.tolistSync(), [7, 7]);
 */
export function normal_<T extends Tensor>(
  tensor: T,
  mean = 0,
  std = 1,
  options?: GeneratorOption,
): T {
  return noGrad(() => (tensor.device === meta() ? tensor : tensor.normal_(mean, std, options)));
}

/** Options of {@link xavierUniform_} and {@link xavierNormal_}. */
export interface XavierOptions extends GeneratorOption {
  /** A factor, as `calculateGain` gives it. Default 1. */
  readonly gain?: number;
}

/**
 * Uniform in ±gain * sqrt(6 / (fanIn + fanOut)).
 * @throws ShapeError for fewer than 2 dims
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_uniform_
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const w = init.xavierUniform_(zeros([3, 3]));
 * assert.ok(Number(w.abs().amax().itemSync()) <= 1);
 */
export function xavierUniform_<T extends Tensor>(tensor: T, options: XavierOptions = {}): T {
  const bound = Math.sqrt(3) * xavierStd(tensor, options);
  return uniform_(tensor, -bound, bound, options);
}

/**
 * Normal with the standard deviation gain * sqrt(2 / (fanIn + fanOut)).
 * @throws ShapeError for fewer than 2 dims
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_normal_
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const w = init.xavierNormal_(zeros([3, 3]), { gain: 0 });
 * assert.equal(w.abs().amax().itemSync(), 0);
 */
export function xavierNormal_<T extends Tensor>(tensor: T, options: XavierOptions = {}): T {
  return normal_(tensor, 0, xavierStd(tensor, options), options);
}

function xavierStd(tensor: Tensor, { gain = 1 }: XavierOptions): number {
  const { fanIn, fanOut } = calculateFanInAndFanOut(tensor);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/** Options of {@link kaimingUniform_} and {@link kaimingNormal_}. */
export interface KaimingOptions extends GeneratorOption {
  /** The negative slope of what follows, for "leakyRelu". Default 0. */
  readonly a?: number;
  /** Whether to keep the variance forward ("fanIn", the default) or backward. */
  readonly mode?: FanMode;
  /** What follows the weight. Default "leakyRelu". */
  readonly nonlinearity?: Nonlinearity;
}

/**
 * Uniform in ±gain * sqrt(3 / fan).
 * @throws ShapeError for fewer than 2 dims
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_uniform_
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const weight = init.kaimingUniform_(zeros([4, 6]), { nonlinearity: "relu" });
 * assert.ok(Number(weight.abs().amax().itemSync()) <= 1);
 */
export function kaimingUniform_<T extends Tensor>(tensor: T, options: KaimingOptions = {}): T {
  const bound = Math.sqrt(3) * kaimingStd(tensor, options);
  return uniform_(tensor, -bound, bound, options);
}

/**
 * Normal with the standard deviation gain / sqrt(fan).
 * @throws ShapeError for fewer than 2 dims
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_normal_
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const w = init.kaimingNormal_(zeros([100, 200]), { nonlinearity: "relu" });
 * assert.ok(Math.abs(Number(w.std().itemSync()) - 0.1) < 0.01);
 */
export function kaimingNormal_<T extends Tensor>(tensor: T, options: KaimingOptions = {}): T {
  return normal_(tensor, 0, kaimingStd(tensor, options), options);
}

function kaimingStd(tensor: Tensor, options: KaimingOptions): number {
  const { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" } = options;
  const fan = calculateFanInAndFanOut(tensor)[mode];
  if (fan === undefined)
    throw new RangeError(
      `init: Option mode is not valid: expected "fanIn" or "fanOut", received ${mode}`,
    );
  return calculateGain(nonlinearity, a) / Math.sqrt(fan);
}
