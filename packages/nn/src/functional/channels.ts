// Channels in another order, and normalization by their mean square.
import { type DType, type Shape, ShapeError, type Tensor } from "@tead/tensor";

/**
 * Channels of `groups` groups dealt out one by one: [a b | c d] becomes [a c b d].
 *
 * **Shapes**: `input [N, C, ...]`, the output alike.
 *
 * @throws ShapeError unless `groups` divides the channels.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { arange, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = F.channelShuffle(arange(4).reshape(1, 4, 1), 2);
 * assert.deepEqual(y.flatten().tolistSync(), [0, 2, 1, 3]);
 */
export function channelShuffle(input: Tensor, groups: number): Tensor {
  const { shape, dtype } = input;
  const [n, channels, ...rest] = shape as [number, number, ...number[]];
  if (shape.length < 3 || !Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
    throw new ShapeError(
      `Channels do not divide: expected [N, a multiple of ${groups}, ...], received [${shape.join(", ")}]`,
      { op: "channelShuffle", operands: [{ name: "input", shape, dtype }] },
    );
  return input
    .reshape([n, groups, channels / groups, ...rest])
    .transpose(1, 2)
    .reshape(shape);
}

/** The gap between 1 and the next number. */
const epsilons: Readonly<Partial<Record<DType, number>>> = {
  float64: 2 ** -52,
  float32: 2 ** -23,
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
};

/** Options of {@link rmsNorm}. */
export interface RmsNormOptions {
  /** A factor for each element of the normalized dims. */
  readonly weight?: Tensor | undefined;
  /** Added to the mean square. Default the dtype's epsilon. */
  readonly eps?: number | undefined;
}

/**
 * y = x / sqrt(mean of x^2 + eps) * weight, with the mean over the last dims.
 *
 * **Shapes**: `input [..., ...normalizedShape]`, the output alike.
 *
 * @param normalizedShape - The last dims' sizes: one number for the last dim alone.
 * @throws ShapeError if the input does not end in these sizes.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = F.rmsNorm(tensor([[1, 7]]).float(), 2, { eps: 0 });
 * assert.ok(Math.abs(Number(y.select(1, 1).itemSync()) - 1.4) < 1e-6);
 */
export function rmsNorm(
  input: Tensor,
  normalizedShape: number | Shape,
  { weight, eps = epsilons[input.dtype] ?? 0 }: RmsNormOptions = {},
): Tensor {
  const sizes = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  const { shape, dtype } = input;
  if (sizes.length === 0 || shape.slice(-sizes.length).join() !== sizes.join())
    throw new ShapeError(
      `Input does not fit: expected [..., ${sizes.join(", ")}], received [${shape.join(", ")}]`,
      { op: "rmsNorm", operands: [{ name: "input", shape, dtype }] },
    );
  const dims = sizes.map((_, i) => -1 - i);
  // Half precision: squares and their mean in float32, as PyTorch does.
  const half = dtype === "float16" || dtype === "bfloat16";
  const x = half ? input.float() : input;
  const unit = x.mul(x.square().mean(dims, { keepDim: true }).add(eps).rsqrt());
  return (weight === undefined ? unit : unit.mul(half ? weight.float() : weight)).to(dtype);
}
