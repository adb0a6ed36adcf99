// Cropping in the middle and at random.
import { defaultGenerator, fillRandint, type Generator, ShapeError } from "@tead/tensor";
import { checkPaddingMode, type Padding, type PaddingMode, parsePadding } from "../image/pad.ts";
import { cropSubject, padSubject, parseSize, type Size, type Subject, sizeOf } from "./subject.ts";

/** To the nearest integer, halves to the even one: Python's `round`. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * The middle of an image or tensor; zeros around it where it is smaller than `size`.
 *
 * **Shapes**: `[..., H, W] -> [..., height, width]`.
 *
 * @param size - An edge for a square, or `[height, width]`.
 * @throws RangeError if a size is no positive integer.
 * @see https://pytorch.org/vision/0.14/generated/torchvision.transforms.CenterCrop.html
 * @example
 * import assert from "node:assert/strict";
 * import { CenterCrop } from "@tead/transforms";
 * import { Image } from "@tead/transforms/image";
 * const image = new Image(Uint8Array.of(1, 2, 3, 4, 5), 1, 5);
 * assert.deepEqual([...new CenterCrop([1, 3]).forward(image).data], [2, 3, 4]);
 */
export class CenterCrop {
  readonly size: readonly [height: number, width: number];

  constructor(size: Size) {
    this.size = parseSize("CenterCrop", size);
  }

  /** @throws TypeError if `input` is neither an Image nor a Tensor. */
  forward<S extends Subject>(input: S): S {
    const [height, width] = sizeOf("CenterCrop", input);
    const [down, across] = [Math.max(this.size[0] - height, 0), Math.max(this.size[1] - width, 0)];
    const sides = [across >> 1, down >> 1, (across + 1) >> 1, (down + 1) >> 1] as const;
    const padded = down > 0 || across > 0 ? padSubject(input, sides) : input;
    const top = roundHalfEven((height + down - this.size[0]) / 2);
    const left = roundHalfEven((width + across - this.size[1]) / 2);
    return cropSubject(padded, top, left, this.size[0], this.size[1]);
  }
}

/** Options of {@link RandomCrop}. */
export interface RandomCropOptions {
  /** A border to add first: one number, `[leftAndRight, topAndBottom]` or `[left, top, right, bottom]`. */
  readonly padding?: Padding;
  /** Add a border to inputs smaller than the crop. Default false. */
  readonly padIfNeeded?: boolean;
  /** Value of a constant border, or one a channel. Default 0. */
  readonly fill?: number | readonly number[];
  /** What stands in the border. Default `"constant"`. */
  readonly paddingMode?: PaddingMode;
  /** Draws the place. Default: the default generator. */
  readonly generator?: Generator;
}

/**
 * A part of an image or tensor at a random place: PyTorch's, for the same seed.
 *
 * **Shapes**: `[..., H, W] -> [..., height, width]`.
 *
 * @param size - An edge for a square, or `[height, width]`.
 * @param options - `padding`, `padIfNeeded`, `fill`, `paddingMode`, `generator`.
 * @throws RangeError if a size, the padding or its mode makes no sense.
 * @see https://pytorch.org/vision/0.14/generated/torchvision.transforms.RandomCrop.html
 * @example
 * import assert from "node:assert/strict";
 * import { RandomCrop } from "@tead/transforms";
 * import { Image } from "@tead/transforms/image";
 * const crop = new RandomCrop(28, { padding: 4 }).forward(new Image(new Uint8Array(784), 28, 28));
 * assert.deepEqual([crop.height, crop.width], [28, 28]);
 */
export class RandomCrop {
  readonly size: readonly [height: number, width: number];
  readonly #options: RandomCropOptions;

  constructor(size: Size, options: RandomCropOptions = {}) {
    this.size = parseSize("RandomCrop", size);
    if (options.padding !== undefined) parsePadding("RandomCrop", options.padding);
    checkPaddingMode("RandomCrop", options.paddingMode ?? "constant");
    this.#options = options;
  }

  /**
   * @throws ShapeError if `input` is smaller than the crop and `padIfNeeded` is off.
   * @throws TypeError if `input` is neither an Image nor a Tensor.
   */
  forward<S extends Subject>(input: S): S {
    const [rows, columns] = this.size;
    const padded = this.#pad(input);
    const [height, width] = sizeOf("RandomCrop", padded);
    if (height < rows || width < columns) {
      throw new ShapeError(
        `Cannot crop ${rows} x ${columns} out of ${height} x ${width}: expected a size that fits`,
        { op: "RandomCrop", hint: "pass { padIfNeeded: true }" },
      );
    }
    // PyTorch draws nothing where there is nothing to choose.
    if (height === rows && width === columns) return padded;
    const top = this.#draw(height - rows + 1);
    const left = this.#draw(width - columns + 1);
    return cropSubject(padded, top, left, rows, columns);
  }

  #pad<S extends Subject>(input: S): S {
    const { padding, padIfNeeded = false, fill, paddingMode } = this.#options;
    const padded = padding === undefined ? input : padSubject(input, padding, fill, paddingMode);
    if (!padIfNeeded) return padded;
    const [height, width] = sizeOf("RandomCrop", padded);
    const down = Math.max(this.size[0] - height, 0);
    const across = Math.max(this.size[1] - width, 0);
    if (down === 0 && across === 0) return padded;
    return padSubject(padded, [across, down], fill, paddingMode);
  }

  #draw(count: number): number {
    const drawn = new Int32Array(1);
    fillRandint(drawn, this.#options.generator ?? defaultGenerator(), 0, count);
    return drawn[0]!;
  }
}
