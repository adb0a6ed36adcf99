// Blocks of images as columns, and back.
import { pad, ShapeError, type Sizes, type Tensor } from "@tead/tensor";
import { forEachDim, positions } from "./host.ts";

/** Options of {@link unfold} and {@link fold}: one number for both dims, or one for each. */
export interface FoldOptions {
  /** The distance between elements of a block. Default 1. */
  readonly dilation?: Sizes;
  /** How many zeros lie around the image. Default 0. */
  readonly padding?: Sizes;
  /** How far blocks are apart. Default 1. */
  readonly stride?: Sizes;
}

interface Blocks {
  /** The image with its padding. */
  readonly padded: readonly [height: number, width: number];
  readonly padding: readonly number[];
  /** How many blocks there are. */
  readonly count: number;
  readonly kernel: readonly number[];
  /** For each element of each block, row by row: where it lies in the padded image. */
  readonly at: Int32Array;
}

function blocksOf(op: string, sizes: readonly number[], kernelSize: Sizes, options: FoldOptions) {
  const two = (name: string, value: Sizes, least: number): readonly number[] => {
    const both = forEachDim(value, 2);
    if (both.length !== 2 || !both.every((n) => Number.isInteger(n) && n >= least))
      throw new RangeError(
        `${op}: Option ${name} is not valid: expected 1 or 2 integers of at least ${least}, ` +
          `received ${both.length === 2 ? `[${both.join(", ")}]` : value}`,
      );
    return both;
  };
  const kernel = two("kernelSize", kernelSize, 1);
  const dilation = two("dilation", options.dilation ?? 1, 1);
  const padding = two("padding", options.padding ?? 0, 0);
  const stride = two("stride", options.stride ?? 1, 1);
  const padded = sizes.map((size, i) => size + 2 * (padding[i] as number));
  const count = padded.map((size, i) => {
    const reach = (dilation[i] as number) * ((kernel[i] as number) - 1) + 1;
    return Math.floor((size - reach) / (stride[i] as number)) + 1;
  });
  if (count.some((n) => n < 1))
    throw new ShapeError(
      `Blocks do not fit: expected at least 1, received ${count.join(" x ")} ` +
        `for an image of ${sizes.join(" x ")}`,
      { op },
    );
  const at = layout(kernel, count, dilation, stride, padded[1] as number);
  const [rows, columns] = count as [number, number];
  return { padded, padding, count: rows * columns, kernel, at } as unknown as Blocks;
}

function layout(
  kernel: readonly number[],
  count: readonly number[],
  dilation: readonly number[],
  stride: readonly number[],
  width: number,
): Int32Array {
  const [kh, kw] = kernel as [number, number];
  const [rows, columns] = count as [number, number];
  const at = new Int32Array(kh * kw * rows * columns);
  let next = 0;
  for (let i = 0; i < kh; i++)
    for (let j = 0; j < kw; j++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const y = row * (stride[0] as number) + i * (dilation[0] as number);
          const x = column * (stride[1] as number) + j * (dilation[1] as number);
          at[next++] = y * width + x;
        }
  return at;
}

/** A batch of one where the input has none; the rank that it then has. */
function batched(op: string, input: Tensor, rank: number, expected: string): Tensor {
  const { shape, dtype } = input;
  if (shape.length !== rank && shape.length !== rank - 1)
    throw new ShapeError(
      `Input has the wrong rank: expected ${expected}, received ${shape.length} dims`,
      { op, operands: [{ name: "input", shape, dtype }] },
    );
  return shape.length === rank ? input : input.unsqueeze(0);
}

/**
 * Every block of an image as a column: what a convolution multiplies its weights with.
 *
 * **Shapes**: `input [N, C, H, W] -> [N, C * kernel elements, blocks]`, or both without `N`.
 *
 * @param kernelSize - The size of a block: one number for both dims, or one for each.
 * @param options - `dilation`, `padding`, `stride`.
 * @throws ShapeError where no block fits.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { arange, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const columns = F.unfold(arange(4).reshape(1, 1, 2, 2).float(), [1, 2]);
 * assert.deepEqual(columns.tolistSync(), [[[0, 2], [1, 3]]]);
 */
export function unfold(input: Tensor, kernelSize: Sizes, options: FoldOptions = {}): Tensor {
  const x = batched("unfold", input, 4, "[N, C, H, W] or [C, H, W]");
  const { padding, at, count } = blocksOf("unfold", x.shape.slice(2), kernelSize, options);
  const [vertical, horizontal] = padding as [number, number];
  const around =
    vertical + horizontal === 0 ? x : pad(x, [horizontal, horizontal, vertical, vertical]);
  const columns = around
    .flatten(2)
    .indexSelect(2, positions(x, at)) // [N, C, kernel * blocks]
    .reshape([x.size(0), (x.size(1) * at.length) / count, count]);
  return input.ndim === 4 ? columns : columns.squeeze(0);
}

/**
 * Columns back to an image: overlapping blocks add up.
 *
 * **Shapes**: `input [N, C * kernel elements, blocks] -> [N, C, H, W]`, or both without `N`.
 *
 * @param outputSize - Height and width of the image.
 * @param kernelSize - The size of a block: one number for both dims, or one for each.
 * @param options - `dilation`, `padding`, `stride`.
 * @throws ShapeError where the columns are not as many as such an image has.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.fold.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const image = F.fold(ones([1, 2, 2]), [1, 3], [1, 2]);
 * assert.deepEqual(image.tolistSync(), [[[[1, 2, 1]]]]);
 */
export function fold(
  input: Tensor,
  outputSize: Sizes,
  kernelSize: Sizes,
  options: FoldOptions = {},
): Tensor {
  const x = batched("fold", input, 3, "[N, C * kernel elements, blocks] or without N");
  const [height, width] = forEachDim(outputSize, 2) as readonly [number, number];
  const blocks = blocksOf("fold", [height, width], kernelSize, options);
  const { padded, padding, count, kernel, at } = blocks;
  const perBlock = (kernel[0] as number) * (kernel[1] as number);
  const [n, rows, columns] = x.shape as [number, number, number];
  if (rows % perBlock !== 0 || columns !== count)
    throw new ShapeError(
      `Columns do not fit: expected [N, a multiple of ${perBlock}, ${count}] for an image of ` +
        `${height} x ${width}, received [${x.shape.join(", ")}]`,
      { op: "fold" },
    );
  const channels = rows / perBlock;
  const image = x
    .newZeros([n, channels, padded[0] * padded[1]])
    .indexAdd(2, positions(x, at), x.reshape([n, channels, at.length]))
    .reshape([n, channels, ...padded])
    .narrow(2, padding[0] as number, height)
    .narrow(3, padding[1] as number, width)
    .contiguous();
  return input.ndim === 3 ? image : image.squeeze(0);
}
