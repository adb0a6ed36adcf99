// How many inputs and outputs an element of a weight has, and the gain of what follows it.
import { ShapeError, type Tensor } from "@tead/tensor";

/** Which fan the variance goes by. */
export type FanMode = "fanIn" | "fanOut";

/** Activations and layers that `calculateGain` knows. */
export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "convTranspose1d"
  | "convTranspose2d"
  | "convTranspose3d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leakyRelu"
  | "selu";

/** How many inputs and outputs an element of a weight has. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * fanIn = C_in * kernel elements, fanOut = C_out * kernel elements, of a weight `[C_out, C_in,
 * ...kernel]`.
 * @throws ShapeError for fewer than 2 dims
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { init } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const fans = init.calculateFanInAndFanOut(zeros([8, 4, 3, 3]));
 * assert.deepEqual(fans, { fanIn: 36, fanOut: 72 });
 */
export function calculateFanInAndFanOut(tensor: Tensor): Fans {
  if (tensor.ndim < 2)
    throw new ShapeError(
      `Cannot compute fan in and fan out: expected at least 2 dims, received ${tensor.ndim}`,
      { op: "init" },
    );
  const [outputs, inputs, ...kernel] = tensor.shape as readonly [number, number, ...number[]];
  const field = kernel.reduce((product, size) => product * size, 1);
  return { fanIn: inputs * field, fanOut: outputs * field };
}

/**
 * The factor that keeps the variance of a signal through an activation.
 *
 * @param nonlinearity - What follows the weight.
 * @param slope - The negative slope of "leakyRelu". Default 0.01.
 * @throws RangeError for a name that it does not know
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.calculate_gain
 * @example
 * import assert from "node:assert/strict";
 * import { init } from "@tead/nn";
 * assert.equal(init.calculateGain("relu"), Math.SQRT2);
 */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  if (/^(linear|conv(Transpose)?[123]d|sigmoid)$/.test(nonlinearity)) return 1;
  if (nonlinearity === "tanh") return 5 / 3;
  if (nonlinearity === "relu") return Math.sqrt(2);
  if (nonlinearity === "leakyRelu") return Math.sqrt(2 / (1 + slope ** 2));
  if (nonlinearity === "selu") return 3 / 4;
  throw new RangeError(
    `calculateGain: Option nonlinearity is not valid: expected the name of an activation, received ${nonlinearity}`,
  );
}
