// Between gray, RGB and their forms with alpha, in Pillow's arithmetic.
import { type Channels, Image } from "./image.ts";

/**
 * `image` with another number of channels. Gray becomes RGB by repetition, RGB becomes gray by Pillow's
 * fixed-point ITU-R 601 weights, an alpha channel is dropped or added as opaque:
 *
 * `L = (19595 R + 38470 G + 7471 B + 32768) >> 16`
 *
 * @param channels - 1 gray, 2 gray + alpha, 3 RGB, 4 RGBA.
 * @throws RangeError if `channels` is none of these.
 * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.convert
 * @example
 * import assert from "node:assert/strict";
 * import { convertChannels, Image } from "@tead/transforms/image";
 * const red = new Image(Uint8Array.of(255, 0, 0), 1, 1, 3);
 * assert.deepEqual([...convertChannels(red, 1).data], [76]);
 */
export function convertChannels(image: Image, channels: Channels): Image {
  if (![1, 2, 3, 4].includes(channels)) {
    throw new RangeError(`convertChannels: Cannot use channels=${channels}: expected 1, 2, 3 or 4`);
  }
  if (channels === image.channels) return image;
  const { data, height, width, channels: from } = image;
  const pixels = height * width;
  const out = new Uint8Array(pixels * channels);
  const colorIn = from >= 3;
  const colorOut = channels >= 3;
  for (let p = 0; p < pixels; p++) {
    const i = p * from;
    const o = p * channels;
    if (colorOut) {
      out[o] = data[i]!;
      out[o + 1] = data[colorIn ? i + 1 : i]!;
      out[o + 2] = data[colorIn ? i + 2 : i]!;
    } else {
      out[o] = colorIn ? luma(data[i]!, data[i + 1]!, data[i + 2]!) : data[i]!;
    }
    if (channels % 2 === 0) out[o + channels - 1] = from % 2 === 0 ? data[i + from - 1]! : 255;
  }
  return new Image(out, height, width, channels);
}

const luma = (r: number, g: number, b: number): number =>
  (19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16;
