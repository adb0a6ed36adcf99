// Moving pixels without computing any: crop and flips.
import { Image } from "./image.ts";

/**
 * The part of `image` whose upper left pixel is (`top`, `left`). What lies outside of the image is 0, as in
 * torchvision's `crop` on Pillow images.
 *
 * **Shapes**: `[H, W] -> [height, width]`.
 *
 * @throws RangeError if an offset is not an integer or a size is not positive.
 * @see https://pytorch.org/vision/0.14/generated/torchvision.transforms.functional.crop.html
 * @example
 * import assert from "node:assert/strict";
 * import { crop, Image } from "@tead/transforms/image";
 * const image = new Image(Uint8Array.of(1, 2, 3, 4, 5, 6), 2, 3);
 * assert.deepEqual([...crop(image, 0, 1, 2, 2).data], [2, 3, 5, 6]);
 */
export function crop(
  image: Image,
  top: number,
  left: number,
  height: number,
  width: number,
): Image {
  if (!Number.isInteger(top) || !Number.isInteger(left)) {
    throw new RangeError(`crop: Cannot crop at (${top}, ${left}): expected integers`);
  }
  if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || width < 1) {
    throw new RangeError(`crop: Cannot crop to ${height} x ${width}: expected positive integers`);
  }
  const { channels } = image;
  const out = new Uint8Array(height * width * channels);
  const firstColumn = Math.max(left, 0);
  const lastColumn = Math.min(left + width, image.width);
  for (let y = Math.max(0, -top); y < height && top + y < image.height; y++) {
    if (lastColumn <= firstColumn) break;
    const row = (top + y) * image.width;
    const from = image.data.subarray((row + firstColumn) * channels, (row + lastColumn) * channels);
    out.set(from, (y * width + firstColumn - left) * channels);
  }
  return new Image(out, height, width, channels);
}

/**
 * `image` mirrored left to right.
 *
 * @see https://pytorch.org/vision/0.14/generated/torchvision.transforms.functional.hflip.html
 */
export function hflip(image: Image): Image {
  const { height, width, channels, data } = image;
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * channels;
      const from = (y * width + width - 1 - x) * channels;
      for (let c = 0; c < channels; c++) out[to + c] = data[from + c]!;
    }
  }
  return new Image(out, height, width, channels);
}

/**
 * `image` mirrored top to bottom.
 *
 * @see https://pytorch.org/vision/0.14/generated/torchvision.transforms.functional.vflip.html
 */
export function vflip(image: Image): Image {
  const { height, width, channels, data } = image;
  const stride = width * channels;
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    out.set(data.subarray(y * stride, (y + 1) * stride), (height - 1 - y) * stride);
  }
  return new Image(out, height, width, channels);
}
