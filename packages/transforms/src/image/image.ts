// The one image type of the project: 8 bits a channel, rows from top to bottom, channels innermost.

/** Gray, gray + alpha, RGB or RGBA. */
export type Channels = 1 | 2 | 3 | 4;

/**
 * A uint8 image of `height` x `width` pixels with interleaved channels: the sample of channel `c` in row `y`
 * and column `x` is `data[(y * width + x) * channels + c]`.
 *
 * **Shapes**: `data [height * width * channels]`.
 *
 * @param data - The samples, row by row. They are not copied.
 * @param height - Rows, at least 1.
 * @param width - Columns, at least 1.
 * @param channels - 1 gray (default), 2 gray + alpha, 3 RGB, 4 RGBA.
 * @throws RangeError if the sizes are not positive integers or do not fit the length of `data`.
 * @see https://pillow.readthedocs.io/en/stable/reference/Image.html
 * @example
 * import assert from "node:assert/strict";
 * import { Image } from "@tead/transforms/image";
 * const image = new Image(Uint8Array.of(0, 50, 100, 150, 200, 250), 2, 3);
 * assert.equal(image.at(1, 2), 250);
 */
export class Image {
  readonly data: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: Channels;

  constructor(data: Uint8Array, height: number, width: number, channels: Channels = 1) {
    if (!(data instanceof Uint8Array)) {
      throw new TypeError("Image: Cannot wrap data: expected a Uint8Array");
    }
    checkSize("height", height);
    checkSize("width", width);
    if (![1, 2, 3, 4].includes(channels)) {
      throw new RangeError(`Image: Cannot use channels=${channels}: expected 1, 2, 3 or 4`);
    }
    const expected = height * width * channels;
    if (data.length !== expected) {
      throw new RangeError(
        `Image: Cannot wrap data: expected ${expected} samples (${height} x ${width} x ${channels}), received ${data.length}`,
      );
    }
    this.data = data;
    this.height = height;
    this.width = width;
    this.channels = channels;
  }

  /**
   * The sample at (row, column, channel).
   *
   * @throws RangeError if the position lies outside of the image.
   */
  at(row: number, column: number, channel = 0): number {
    const inside = row >= 0 && row < this.height && column >= 0 && column < this.width;
    const value =
      inside && channel >= 0 && channel < this.channels
        ? this.data[(row * this.width + column) * this.channels + channel]
        : undefined;
    if (value === undefined) {
      throw new RangeError(
        `Image.at: Cannot read (${row}, ${column}, ${channel}) of an image of ${this.height} x ${this.width} x ${this.channels}`,
      );
    }
    return value;
  }

  /** A copy that shares nothing with this image. */
  clone(): Image {
    return new Image(this.data.slice(), this.height, this.width, this.channels);
  }

  /** The image as `console.log` shows it: its size, not its pixels. */
  toString(): string {
    return `Image(${this.height} x ${this.width}, ${this.channels} channel${this.channels === 1 ? "" : "s"})`;
  }
}

// What `console.log(image)` shows in Node, Deno and Bun: the size, not a million samples.
Object.defineProperty(Image.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Image): string {
    return this.toString();
  },
});

function checkSize(name: string, size: number): void {
  if (!Number.isInteger(size) || size < 1) {
    throw new RangeError(`Image: Cannot use ${name}=${size}: expected a positive integer`);
  }
}
