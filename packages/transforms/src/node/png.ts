// PNG by pngjs. Its synchronous functions need Node's zlib and Buffer, hence the place under "/node".
import { Buffer } from "node:buffer";
import { inflateSync } from "node:zlib";
import { PNG } from "pngjs";
import type { DecodeOptions, ImageDecoder } from "../image/decoder.ts";
import { FileFormatError } from "../image/file-format-error.ts";
import { type Channels, Image } from "../image/image.ts";
import { PALETTE, PNG_SIGNATURE, type PngLayout, readPngLayout } from "./png-chunks.ts";

/** PNG's colour type for 1 to 4 channels. */
const COLOR_TYPES = { 1: 0, 2: 4, 3: 2, 4: 6 } as const;

/**
 * Decodes a PNG of any colour type and depth, interlaced or not. The result has the file's own channels: gray 1, gray +
 * alpha 2, RGB or palette 3, RGBA or palette with alpha 4; 16 bits are rounded to 8.
 *
 * @param bytes - The whole file.
 * @param options - `file`: the name to use in messages.
 * @throws FileFormatError with file and offset if the file is cut off or damaged, or larger than Pillow's limit of
 * 178,956,970 pixels.
 * @see https://www.w3.org/TR/png-3/
 * @example
 * import assert from "node:assert/strict";
 * import { Image } from "@tead/transforms/image";
 * import { decodePng, encodePng } from "@tead/transforms/node";
 * const image = new Image(Uint8Array.of(1, 2, 3, 4, 5, 6), 1, 2, 3);
 * assert.deepEqual(decodePng(encodePng(image)), image);
 */
export function decodePng(bytes: Uint8Array, options: DecodeOptions = {}): Image {
  const file = options.file ?? "<bytes>";
  const layout = readPngLayout(bytes, file);
  const rgba = unpack(layout, file);
  const { width, height } = layout;
  const channels = channelsOf(layout);
  if (channels === 4) return new Image(rgba, height, width, 4);
  // Gray stands in all three colours of the decoded pixel, so channel 0 is the gray value.
  const sources = channels === 2 ? [0, 3] : [0, 1, 2].slice(0, channels);
  const data = new Uint8Array(width * height * channels);
  for (let pixel = 0, to = 0; pixel < width * height; pixel++) {
    for (const source of sources) data[to++] = rgba[pixel * 4 + source]!;
  }
  return new Image(data, height, width, channels);
}

function channelsOf({ colorType, paletteAlpha }: PngLayout): Channels {
  if (colorType === PALETTE) return paletteAlpha ? 4 : 3;
  if (colorType === 0) return 1;
  if (colorType === 4) return 2;
  return colorType === 2 ? 3 : 4;
}

function unpack(layout: PngLayout, file: string): Uint8Array {
  checkPixels(layout, file);
  const { bytes, dataOffset, width, height } = layout;
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // The checksums have been checked already, chunk by chunk.
    const { data } = PNG.sync.read(buffer, { checkCRC: false });
    return new Uint8Array(data.buffer, data.byteOffset, width * height * 4);
  } catch (cause) {
    throw new FileFormatError("decodePng", file, dataOffset, messageOf(cause), { cause });
  }
}

/** Makes sure that the packed pixels are whole: pngjs hears of a broken stream too late to say so. */
function checkPixels(layout: PngLayout, file: string): void {
  const expected = packedLength(layout);
  let problem: string;
  try {
    const { length } = inflateSync(layout.data, { maxOutputLength: expected });
    if (length === expected) return;
    problem = `expected ${expected} bytes of pixels, received ${length}`;
  } catch (error) {
    problem = `the pixels cannot be unpacked (${messageOf(error)})`;
  }
  throw new FileFormatError("decodePng", file, layout.dataOffset, problem);
}

/** Samples a pixel by colour type. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** The seven passes of an interlaced image: first column and row, then steps. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Bytes of the unpacked pixels: each row is whole bytes after one that names its filter. */
function packedLength({ width, height, colorType, depth, interlaced }: PngLayout): number {
  const passes = interlaced ? PASSES : ([[0, 0, 1, 1]] as const);
  return passes.reduce((sum, [x, y, stepX, stepY]) => {
    const columns = Math.ceil((width - x) / stepX);
    const rows = Math.ceil((height - y) / stepY);
    if (columns <= 0 || rows <= 0) return sum;
    return sum + rows * (1 + Math.ceil((columns * SAMPLES[colorType]! * depth) / 8));
  }, 0);
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/**
 * `image` as a PNG file of 8 bits a channel: gray, gray + alpha, RGB or RGBA.
 *
 * @see https://www.w3.org/TR/png-3/
 */
export function encodePng(image: Image): Uint8Array {
  const { width, height, channels, data } = image;
  const colorType = COLOR_TYPES[channels];
  const inputHasAlpha = channels % 2 === 0;
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const encoded = PNG.sync.write(png, { colorType, inputColorType: colorType, inputHasAlpha });
  return new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength);
}

/** The {@link ImageDecoder} for PNG, to hand to whoever reads images. */
export const pngDecoder: ImageDecoder = {
  name: "PNG",
  extensions: [".png"],
  test: (bytes) => PNG_SIGNATURE.every((byte, i) => bytes[i] === byte),
  decode: decodePng,
};
