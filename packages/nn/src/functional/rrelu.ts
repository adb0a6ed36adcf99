// Leaky ReLU with slopes that are drawn anew in training.
import {
  defaultGenerator,
  fillUniform,
  type GeneratorOption,
  leakyRelu,
  type Tensor,
} from "@tead/tensor";
import { factors } from "./host.ts";

/** Options of {@link rrelu}. */
export interface RReLUOptions {
  /** The least slope below 0. Default 1/8. */
  readonly lower?: number;
  /** The largest slope below 0. Default 1/3. */
  readonly upper?: number;
}
/** Options of `functional.rrelu`. */
export interface RReLUFunctionOptions extends RReLUOptions, GeneratorOption {
  /** Whether to draw; else the slope is the mean of the two. Default false. */
  readonly training?: boolean;
}

/**
 * y = x where x > 0, else a x, with a drawn for each element from [lower, upper) in training, and
 * (lower + upper) / 2 in evaluation.
 *
 * On a device that can be read at once the slopes are PyTorch's for the same seed; elsewhere each
 * element draws one, also where it is not used.
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param options - `lower`, `upper`, `training`, `generator`.
 * @throws RangeError where lower is above upper.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.rrelu.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = F.rrelu(tensor([-2, 3]).float(), { lower: 0.25, upper: 0.75 });
 * assert.deepEqual(y.tolistSync(), [-1, 3]);
 */
export function rrelu(input: Tensor, options: RReLUFunctionOptions = {}): Tensor {
  const { lower = 1 / 8, upper = 1 / 3, training = false } = options;
  if (!(lower <= upper))
    throw new RangeError(
      `rrelu: Option upper is not valid: expected at least lower (${lower}), received ${upper}`,
    );
  if (!training) return leakyRelu(input, { negativeSlope: (lower + upper) / 2 });
  return input.mul(slopes(input, lower, upper, options.generator ?? defaultGenerator()));
}

function slopes(
  input: Tensor,
  lower: number,
  upper: number,
  generator: ReturnType<typeof defaultGenerator>,
): Tensor {
  const count = input.numel();
  if (!input.device.capabilities.syncRead) {
    const drawn = new Float64Array(count);
    fillUniform(drawn, generator, lower, upper, "float64");
    return input.gt(0).where(1, factors(input, drawn, input.shape));
  }
  // PyTorch draws for elements of at most 0 alone.
  const values = input.detach().dataSync();
  const low = Array.from(values.keys()).filter((i) => Number(values[i]) <= 0);
  const drawn = new Float64Array(low.length);
  fillUniform(drawn, generator, lower, upper, "float64");
  const all = new Float64Array(count).fill(1);
  low.forEach((i, k) => {
    all[i] = drawn[k] as number;
  });
  return factors(input, all, input.shape);
}
