// Resizing images to a size, or by their shorter edge.
import { Image } from "../image/image.ts";
import { resize } from "../image/resize.ts";
import type { Transform } from "../transform.ts";
import { parseSize, type Size } from "./subject.ts";

/** Options of {@link Resize}. */
export interface ResizeOptions {
  /** The most that the longer edge may have; only where `size` is one number. */
  readonly maxSize?: number;
}

/**
 * An image resampled to a size, bilinear and with antialiasing, to the byte as Pillow does it. One number is the length of
 * the shorter edge; the longer one keeps the proportion (rounded down).
 *
 * **Shapes**: `H x W -> size`.
 *
 * @param size - `[height, width]`, or the length of the shorter edge.
 * @param options - `maxSize`.
 * @throws RangeError if a size is no positive integer, or `maxSize` is not above `size` or goes with two sizes.
 * @see https://pytorch.org/vision/0.14/generated/torchvision.transforms.Resize.html
 * @example
 * import assert from "node:assert/strict";
 * import { Resize } from "@tead/transforms";
 * import { Image } from "@tead/transforms/image";
 * const small = new Resize(2).forward(new Image(new Uint8Array(24), 4, 6));
 * assert.deepEqual([small.height, small.width], [2, 3]);
 */
export class Resize implements Transform<Image, Image> {
  readonly size: Size;
  readonly maxSize: number | undefined;

  constructor(size: Size, { maxSize }: ResizeOptions = {}) {
    const [short] = parseSize("Resize", size);
    const pair = typeof size !== "number" && size.length === 2;
    if (maxSize !== undefined && (pair || !(Number.isInteger(maxSize) && maxSize > short))) {
      const given = typeof size === "number" ? size : `[${size.join(", ")}]`;
      throw new RangeError(
        `Resize: Cannot use maxSize=${maxSize} with size=${given}: expected one size and an integer above it`,
      );
    }
    this.size = size;
    this.maxSize = maxSize;
  }

  /** @throws TypeError if `image` is no {@link Image}. */
  forward(image: Image): Image {
    if (!(image instanceof Image)) {
      throw new TypeError(
        "Resize: Cannot resize this input: expected an Image\nHint: put Resize before ToTensor",
      );
    }
    const [height, width] = this.#target(image);
    return height === image.height && width === image.width ? image : resize(image, height, width);
  }

  #target({ height, width }: Image): [number, number] {
    const { size, maxSize } = this;
    if (typeof size !== "number" && size.length === 2) return [size[0], size[1]];
    let short = typeof size === "number" ? size : size[0];
    const isWide = height < width;
    const [from, to] = isWide ? [height, width] : [width, height];
    let long = Math.trunc((short * to) / from);
    if (maxSize !== undefined && long > maxSize) {
      short = Math.trunc((maxSize * short) / long);
      long = maxSize;
    }
    return isWide ? [short, long] : [long, short];
  }
}
