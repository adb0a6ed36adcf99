// Max pooling undone: values back to where they were the largest.
import { ShapeError, type Sizes, type Tensor } from "@tead/tensor";
import { forEachDim } from "./host.ts";

/** Options of {@link maxUnpool1d} and its kin: one number for all spatial dims, or one for each. */
export interface MaxUnpoolOptions {
  /** How far the window moved. Default the kernel size. */
  readonly stride?: Sizes | undefined;
  /** How much was padded. Default 0. */
  readonly padding?: Sizes;
  /** The sizes that were pooled, where several give the same: spatial dims, or the whole shape. */
  readonly outputSize?: readonly number[] | undefined;
}

function unpool(
  rank: number,
  input: Tensor,
  indices: Tensor,
  kernelSize: Sizes,
  { stride = kernelSize, padding = 0, outputSize }: MaxUnpoolOptions,
): Tensor {
  const op = `maxUnpool${rank}d`;
  const { shape } = input;
  if (shape.length !== rank + 1 && shape.length !== rank + 2)
    throw new ShapeError(
      `Input has the wrong rank: expected ${rank + 1} or ${rank + 2} dims, received ${shape.length}`,
      { op },
    );
  if (indices.shape.join() !== shape.join())
    throw new ShapeError(
      `Indices do not fit: expected [${shape.join(", ")}], received [${indices.shape.join(", ")}]`,
      { op },
    );
  const lead = shape.slice(0, -rank);
  const [kernel, steps, pads] = [kernelSize, stride, padding].map((s) => forEachDim(s, rank)) as [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  const usual = shape
    .slice(-rank)
    .map(
      (n, i) => (n - 1) * (steps[i] as number) - 2 * (pads[i] as number) + (kernel[i] as number),
    );
  const sizes = outputSize === undefined ? usual : outputSize.slice(-rank);
  const near = sizes.every(
    (size, i) => Math.abs(size - (usual[i] as number)) < (steps[i] as number),
  );
  if (sizes.length !== rank || !near)
    throw new RangeError(
      `${op}: Option outputSize is not valid: expected less than a stride from ` +
        `[${usual.join(", ")}], received [${(outputSize ?? usual).join(", ")}]`,
    );
  const count = sizes.reduce((a, b) => a * b, 1);
  const flat = [...lead, -1];
  return input
    .newZeros([...lead, count])
    .scatter(lead.length, indices.reshape(flat), input.reshape(flat))
    .reshape([...lead, ...sizes]);
}

/**
 * Values back to where `maxPool1dWithIndices` found them, zeros elsewhere.
 *
 * **Shapes**: `input`, `indices [N, C, L]` or `[C, L] -> [N, C, L_out]` or `[C, L_out]`.
 *
 * @param indices - The positions that pooling gave.
 * @param kernelSize - The size of its window.
 * @param options - `stride`, `padding`, `outputSize`.
 * @throws RangeError where pooling `outputSize` could not give the input's sizes.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const { values, indices } = F.maxPool1dWithIndices(tensor([[1, 5, 7, 3]]).float(), 2);
 * assert.deepEqual(F.maxUnpool1d(values, indices, 2).tolistSync(), [[0, 5, 7, 0]]);
 */
export function maxUnpool1d(
  input: Tensor,
  indices: Tensor,
  kernelSize: Sizes,
  options: MaxUnpoolOptions = {},
): Tensor {
  return unpool(1, input, indices, kernelSize, options);
}

/**
 * Values back to where `maxPool2dWithIndices` found them, zeros elsewhere.
 *
 * **Shapes**: `input`, `indices [N, C, H, W]` or `[C, H, W]`, the spatial dims as before pooling.
 *
 * @param indices - The positions that pooling gave.
 * @param kernelSize - The size of its window.
 * @param options - `stride`, `padding`, `outputSize`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const { values, indices } = F.maxPool2dWithIndices(tensor([[[1, 5], [7, 3]]]).float(), 2);
 * assert.deepEqual(F.maxUnpool2d(values, indices, 2).tolistSync(), [[[0, 0], [7, 0]]]);
 */
export function maxUnpool2d(
  input: Tensor,
  indices: Tensor,
  kernelSize: Sizes,
  options: MaxUnpoolOptions = {},
): Tensor {
  return unpool(2, input, indices, kernelSize, options);
}

/**
 * Values back to where `maxPool3dWithIndices` found them, zeros elsewhere.
 *
 * **Shapes**: `input`, `indices [N, C, D, H, W]` or without `N`, the spatial dims as before pooling.
 *
 * @param indices - The positions that pooling gave.
 * @param kernelSize - The size of its window.
 * @param options - `stride`, `padding`, `outputSize`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { arange, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const { values, indices } = F.maxPool3dWithIndices(arange(8).reshape(1, 2, 2, 2).float(), 2);
 * assert.equal(F.maxUnpool3d(values, indices, 2).sum().itemSync(), 7);
 */
export function maxUnpool3d(
  input: Tensor,
  indices: Tensor,
  kernelSize: Sizes,
  options: MaxUnpoolOptions = {},
): Tensor {
  return unpool(3, input, indices, kernelSize, options);
}
