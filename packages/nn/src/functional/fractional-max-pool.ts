// Max pooling over windows whose places are drawn, so that sizes shrink by any ratio.
import {
  cat,
  type GeneratorOption,
  rand,
  ShapeError,
  type Sizes,
  type Tensor,
  type ValuesAndIndices,
} from "@tead/tensor";
import { forEachDim, positions } from "./host.ts";

/** Options of {@link fractionalMaxPool2d} and its kin: `outputSize` or `outputRatio`. */
export interface FractionalMaxPoolOptions extends GeneratorOption {
  /** The sizes to come: one for all spatial dims, or one for each. */
  readonly outputSize?: Sizes | undefined;
  /** What part of the sizes stays: numbers between 0 and 1. */
  readonly outputRatio?: Sizes | undefined;
  /** `[N, C, spatial dims]` numbers in [0, 1) in place of drawn ones. */
  readonly randomSamples?: Tensor | undefined;
}

function outputSizes(
  op: string,
  sizes: readonly number[],
  kernel: readonly number[],
  { outputSize, outputRatio }: FractionalMaxPoolOptions,
): number[] {
  const refuse = (option: string, expected: string, received: unknown): never => {
    throw new RangeError(
      `${op}: Option ${option} is not valid: expected ${expected}, received ${received}`,
    );
  };
  if ((outputSize === undefined) === (outputRatio === undefined))
    refuse(
      "outputSize",
      "either outputSize or outputRatio",
      outputSize === undefined ? "neither" : "both",
    );
  const given = forEachDim((outputSize ?? outputRatio) as Sizes, sizes.length);
  if (outputSize === undefined && !given.every((ratio) => ratio > 0 && ratio < 1))
    refuse("outputRatio", "numbers between 0 and 1", `[${given.join(", ")}]`);
  const out = sizes.map((size, i) =>
    outputSize === undefined ? Math.floor(size * (given[i] as number)) : (given[i] as number),
  );
  out.forEach((size, i) => {
    const largest = (sizes[i] as number) - (kernel[i] as number) + 1;
    if (!Number.isInteger(size) || size < 1 || size > largest)
      refuse("outputSize", `integers from 1 to ${largest} for dim ${i}`, size);
  });
  return out;
}

/** [N, C, output, kernel]: where each window's elements lie along one dim. */
function windowsAlong(sample: Tensor, size: number, output: number, kernel: number): Tensor {
  const last = size - kernel;
  const ends = sample.newFull([...sample.shape, 1], last);
  const within = sample.newArange(output - 1);
  const alpha = last / Math.max(output - 1, 1);
  const s = sample.unsqueeze(-1);
  const starts = s.add(within).mul(alpha).trunc().sub(s.mul(alpha).trunc());
  const all = output === 1 ? ends : cat([starts, ends], -1);
  return all
    .to("int32")
    .unsqueeze(-1)
    .add(
      positions(
        sample,
        Array.from({ length: kernel }, (_, k) => k),
      ),
    );
}

/** [N, C, ...output, kernel elements]: the flat positions of each window. */
function flatWindows(
  samples: Tensor,
  sizes: readonly number[],
  out: readonly number[],
  kernel: readonly number[],
): Tensor {
  const rank = sizes.length;
  const lead = samples.shape.slice(0, 2);
  const parts = sizes.map((size, i) => {
    // The first sample is the width's for images and the depth's for volumes.
    const sample = samples.select(-1, rank === 2 ? 1 - i : i);
    const [n, k] = [out[i] as number, kernel[i] as number];
    const stride = sizes.slice(i + 1).reduce((a, b) => a * b, 1);
    const shape = [
      ...lead,
      ...out.map((_, j) => (j === i ? n : 1)),
      ...kernel.map((_, j) => (j === i ? k : 1)),
    ];
    return windowsAlong(sample, size, n, k).mul(stride).reshape(shape);
  });
  const count = kernel.reduce((a, b) => a * b, 1);
  return parts.reduce((sum, part) => sum.add(part)).reshape([...lead, ...out, count]);
}

function pool(
  rank: number,
  input: Tensor,
  kernelSize: Sizes,
  options: FractionalMaxPoolOptions,
): ValuesAndIndices {
  const op = `fractionalMaxPool${rank}d`;
  const { shape, dtype } = input;
  if (shape.length !== rank + 1 && shape.length !== rank + 2)
    throw new ShapeError(
      `Input has the wrong rank: expected ${rank + 1} or ${rank + 2} dims, received ${shape.length}`,
      { op, operands: [{ name: "input", shape, dtype }] },
    );
  const batched = shape.length === rank + 2;
  const x = batched ? input : input.unsqueeze(0);
  const lead = x.shape.slice(0, 2);
  const sizes = x.shape.slice(2);
  const kernel = forEachDim(kernelSize, rank);
  const out = outputSizes(op, sizes, kernel, options);
  const { generator, randomSamples } = options;
  const drawn = { dtype, device: input.device, ...(generator && { generator }) };
  const samples = randomSamples ?? rand([...lead, rank], drawn);
  const [n, channels] = lead as [number, number];
  // More rows than the batch has are left over, as in PyTorch.
  const enough = samples.ndim === 3 && samples.size(0) >= n;
  if (!enough || samples.size(1) !== channels || samples.size(2) !== rank)
    throw new ShapeError(
      `Samples do not fit: expected [${n}, ${channels}, ${rank}], received [${samples.shape.join(", ")}]`,
      { op },
    );
  const at = flatWindows(samples.detach().narrow(0, 0, n), sizes, out, kernel);
  const read = x.flatten(2).gather(2, at.flatten(2)).reshape(at.shape);
  const { values, indices } = read.max(-1);
  const found = at.gather(-1, indices.unsqueeze(-1)).squeeze(-1);
  return batched
    ? { values, indices: found }
    : { values: values.squeeze(0), indices: found.squeeze(0) };
}

/**
 * The largest element of windows at drawn places, and its flat position in the image.
 *
 * **Shapes**: `input [N, C, H, W]` or `[C, H, W] -> [N, C, ...outputSize]` or without `N`.
 *
 * @param kernelSize - The size of a window: one number for both dims, or one for each.
 * @param options - `outputSize` or `outputRatio`, `randomSamples`, `generator`.
 * @throws RangeError where the sizes do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const { values } = F.fractionalMaxPool2dWithIndices(ones([1, 9, 7]), 2, { outputSize: [6, 5] });
 * assert.deepEqual(values.shape, [1, 6, 5]);
 */
export function fractionalMaxPool2dWithIndices(
  input: Tensor,
  kernelSize: Sizes,
  options: FractionalMaxPoolOptions,
): ValuesAndIndices {
  return pool(2, input, kernelSize, options);
}

/** The values alone of {@link fractionalMaxPool2dWithIndices}. */
export function fractionalMaxPool2d(
  input: Tensor,
  kernelSize: Sizes,
  options: FractionalMaxPoolOptions,
): Tensor {
  return pool(2, input, kernelSize, options).values;
}

/**
 * The largest element of windows at drawn places, and its flat position in the volume.
 *
 * **Shapes**: `input [N, C, D, H, W]` or without `N -> [N, C, ...outputSize]` or without `N`.
 *
 * @param kernelSize - The size of a window: one number for all dims, or one for each.
 * @param options - `outputSize` or `outputRatio`, `randomSamples`, `generator`.
 * @throws RangeError where the sizes do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const options = { outputRatio: 0.5 };
 * const { values } = F.fractionalMaxPool3dWithIndices(ones([1, 4, 6, 8]), 2, options);
 * assert.deepEqual(values.shape, [1, 2, 3, 4]);
 */
export function fractionalMaxPool3dWithIndices(
  input: Tensor,
  kernelSize: Sizes,
  options: FractionalMaxPoolOptions,
): ValuesAndIndices {
  return pool(3, input, kernelSize, options);
}

/** The values alone of {@link fractionalMaxPool3dWithIndices}. */
export function fractionalMaxPool3d(
  input: Tensor,
  kernelSize: Sizes,
  options: FractionalMaxPoolOptions,
): Tensor {
  return pool(3, input, kernelSize, options).values;
}
