// Bilinear resampling with antialiasing, byte for byte what Pillow's Image.resize(size, BILINEAR) gives:
// coefficients in double precision, rounded to 22 bits; a horizontal pass, then a vertical one, each rounded to 8 bits.
import { Image } from "./image.ts";

/** Fraction bits of a coefficient: 32 minus 8 for the sample and 2 for sign and overshoot. */
const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

/** For each output position the window of input positions it averages, and their weights. */
interface Coefficients {
  readonly windowSize: number;
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Int32Array; // [outputSize, windowSize]
}

/**
 * `image` resampled to `height` x `width` with a triangle filter that widens as the image shrinks (antialiasing).
 * With transparency the colours are weighted by alpha. The same size returns a copy.
 *
 * `out[i] = sum_j w[i, j] in[j]`, `w[i, j] = max(0, 1 - |j + 0.5 - (i + 0.5) s| / max(s, 1))` made to sum to 1, where
 * `s = inputSize / outputSize`.
 *
 * **Shapes**: `[H, W] -> [height, width]`.
 *
 * @param height - Rows of the result, a positive integer.
 * @param width - Columns of the result, a positive integer.
 * @throws RangeError if a size is not a positive integer.
 * @see https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.resize
 * @example
 * import assert from "node:assert/strict";
 * import { Image, resize } from "@tead/transforms/image";
 * const image = new Image(Uint8Array.of(0, 100, 200, 100), 1, 4);
 * assert.deepEqual([...resize(image, 1, 2).data], [71, 143]);
 */
export function resize(image: Image, height: number, width: number): Image {
  for (const size of [height, width]) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(
        `resize: Cannot resize to ${height} x ${width}: expected positive integers`,
      );
    }
  }
  if (height === image.height && width === image.width) return image.clone();
  if (image.channels % 2 === 1) return resample(image, height, width);
  return fromPremultiplied(resample(toPremultiplied(image), height, width));
}

function resample(image: Image, height: number, width: number): Image {
  const wide = width === image.width ? image : resampleRows(image, width);
  return height === image.height ? wide : resampleColumns(wide, height);
}

function coefficients(inputSize: number, outputSize: number): Coefficients {
  const scale = inputSize / outputSize;
  const support = Math.max(scale, 1);
  const windowSize = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(outputSize);
  const counts = new Int32Array(outputSize);
  const weights = new Int32Array(outputSize * windowSize);
  const window = new Float64Array(windowSize);
  const inverse = 1 / support;
  for (let i = 0; i < outputSize; i++) {
    const center = (i + 0.5) * scale;
    const start = Math.max(Math.trunc(center - support + 0.5), 0);
    const count = Math.min(Math.trunc(center + support + 0.5), inputSize) - start;
    let sum = 0;
    for (let j = 0; j < count; j++) {
      const distance = Math.abs((j + start - center + 0.5) * inverse);
      const weight = distance < 1 ? 1 - distance : 0;
      window[j] = weight;
      sum += weight;
    }
    for (let j = 0; j < count; j++) {
      const weight = sum === 0 ? window[j]! : window[j]! / sum;
      weights[i * windowSize + j] = Math.trunc(0.5 + weight * (1 << PRECISION_BITS));
    }
    starts[i] = start;
    counts[i] = count;
  }
  return { windowSize, starts, counts, weights };
}

// Weights are positive and sum to 1 within a few units of the last bit: no sum leaves 0..255.

function resampleRows(image: Image, width: number): Image {
  const { data, height, channels } = image;
  const { windowSize, starts, counts, weights } = coefficients(image.width, width);
  const out = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * image.width + starts[x]!) * channels;
      const to = (y * width + x) * channels;
      const count = counts[x]!;
      const k = x * windowSize;
      for (let c = 0; c < channels; c++) {
        let sum = HALF;
        for (let j = 0; j < count; j++) sum += data[from + j * channels + c]! * weights[k + j]!;
        out[to + c] = sum >> PRECISION_BITS;
      }
    }
  }
  return new Image(out, height, width, channels);
}

function resampleColumns(image: Image, height: number): Image {
  const { data, width, channels } = image;
  const { windowSize, starts, counts, weights } = coefficients(image.height, height);
  const stride = width * channels;
  const out = new Uint8Array(height * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let j = 0; j < counts[y]!; j++) {
      const weight = weights[y * windowSize + j]!;
      const from = (starts[y]! + j) * stride;
      for (let x = 0; x < stride; x++) sums[x]! += data[from + x]! * weight;
    }
    for (let x = 0; x < stride; x++) out[y * stride + x] = sums[x]! >> PRECISION_BITS;
  }
  return new Image(out, height, width, channels);
}

/** round(a * b / 255) in integers. */
function multiply255(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

function toPremultiplied(image: Image): Image {
  const { data, height, width, channels } = image;
  const out = data.slice();
  for (let i = 0; i < out.length; i += channels) {
    const alpha = data[i + channels - 1]!;
    for (let c = 0; c < channels - 1; c++) out[i + c] = multiply255(data[i + c]!, alpha);
  }
  return new Image(out, height, width, channels);
}

function fromPremultiplied(image: Image): Image {
  const { data, height, width, channels } = image;
  const out = data.slice();
  for (let i = 0; i < out.length; i += channels) {
    const alpha = data[i + channels - 1]!;
    if (alpha === 0 || alpha === 255) continue;
    for (let c = 0; c < channels - 1; c++) {
      out[i + c] = Math.min(Math.trunc((255 * data[i + c]!) / alpha), 255);
    }
  }
  return new Image(out, height, width, channels);
}
