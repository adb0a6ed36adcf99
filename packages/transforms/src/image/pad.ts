// Padding by index maps: which source row or column each output row or column shows.
import { Image } from "./image.ts";

/**
 * One number for all sides, `[leftAndRight, topAndBottom]`, or `[left, top, right, bottom]`:
 * torchvision's order, in pixels.
 */
export type Padding =
  | number
  | readonly [number]
  | readonly [number, number]
  | readonly [number, number, number, number];

/** What stands in the border: a constant, the edge pixel, or the image mirrored without or with its edge. */
export type PaddingMode = "constant" | "edge" | "reflect" | "symmetric";

/** Options of {@link pad}. */
export interface PadOptions {
  /** Value of a constant border: one for all channels or one a channel. Default 0. */
  readonly fill?: number | readonly number[];
  /** Default `"constant"`. */
  readonly mode?: PaddingMode;
}

const MODES: readonly PaddingMode[] = ["constant", "edge", "reflect", "symmetric"];

/** `[left, top, right, bottom]` of a {@link Padding}, checked. `op` begins the message. */
export function parsePadding(op: string, padding: Padding): [number, number, number, number] {
  const list = typeof padding === "number" ? [padding] : [...padding];
  if (list.some((side) => !Number.isInteger(side) || side < 0)) {
    throw new RangeError(`${op}: Cannot pad by [${list.join(", ")}]: expected integers, 0 or more`);
  }
  const [a, b, c, d] = list;
  if (list.length === 1) return [a!, a!, a!, a!];
  if (list.length === 2) return [a!, b!, a!, b!];
  if (list.length === 4) return [a!, b!, c!, d!];
  throw new RangeError(`${op}: Cannot pad by ${list.length} numbers: expected 1, 2 or 4`);
}

/** Throws a RangeError unless `mode` is one of the four padding modes. */
export function checkPaddingMode(op: string, mode: PaddingMode): void {
  if (!MODES.includes(mode)) {
    throw new RangeError(`${op}: Cannot use padding mode "${mode}": expected ${MODES.join(", ")}`);
  }
}

/**
 * The source index shown at each of `before + size + after` positions, -1 where a constant stands. Mirrors go on
 * and on where the border is longer than the image, as NumPy's do.
 */
export function padIndices(
  size: number,
  before: number,
  after: number,
  mode: PaddingMode,
): Int32Array {
  const source = sourceIndex[mode];
  return Int32Array.from({ length: before + size + after }, (_, i) => source(i - before, size));
}

const modulo = (a: number, n: number): number => ((a % n) + n) % n;

const sourceIndex: Record<PaddingMode, (i: number, size: number) => number> = {
  constant: (i, size) => (i < 0 || i >= size ? -1 : i),
  edge: (i, size) => Math.min(Math.max(i, 0), size - 1),
  reflect(i, size) {
    const period = 2 * (size - 1);
    if (period === 0) return 0;
    const phase = modulo(i, period);
    return phase < size ? phase : period - phase;
  },
  symmetric(i, size) {
    const phase = modulo(i, 2 * size);
    return phase < size ? phase : 2 * size - 1 - phase;
  },
};

/**
 * `image` with a border.
 *
 * **Shapes**: `[H, W] -> [top + H + bottom, left + W + right]`.
 *
 * @param padding - One number, `[leftAndRight, topAndBottom]` or `[left, top, right, bottom]`.
 * @param options - `mode` and `fill` of the border.
 * @throws RangeError if a number is negative or fractional, or `fill` has neither 1 nor `channels` values.
 * @see https://pytorch.org/vision/0.14/generated/torchvision.transforms.functional.pad.html
 * @example
 * import assert from "node:assert/strict";
 * import { Image, pad } from "@tead/transforms/image";
 * const image = new Image(Uint8Array.of(1, 2, 3), 1, 3);
 * assert.deepEqual([...pad(image, [2, 0], { mode: "reflect" }).data], [3, 2, 1, 2, 3, 2, 1]);
 */
export function pad(image: Image, padding: Padding, options: PadOptions = {}): Image {
  const { mode = "constant", fill = 0 } = options;
  const [left, top, right, bottom] = parsePadding("pad", padding);
  checkPaddingMode("pad", mode);
  const { channels } = image;
  const fillPixel = parseFill(fill, channels);
  const rows = padIndices(image.height, top, bottom, mode);
  const columns = padIndices(image.width, left, right, mode);
  const out = new Uint8Array(rows.length * columns.length * channels);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const outside = row < 0 || column < 0;
      const from = (row * image.width + column) * channels;
      for (let c = 0; c < channels; c++) {
        out[to++] = outside ? fillPixel[c]! : image.data[from + c]!;
      }
    }
  }
  return new Image(out, rows.length, columns.length, channels);
}

function parseFill(fill: number | readonly number[], channels: number): readonly number[] {
  const list = typeof fill === "number" ? [fill] : fill;
  if (list.length !== 1 && list.length !== channels) {
    throw new RangeError(
      `pad: Cannot fill ${channels} channels with ${list.length} values: expected 1 or ${channels}`,
    );
  }
  if (list.some((value) => !Number.isInteger(value) || value < 0 || value > 255)) {
    throw new RangeError(
      `pad: Cannot fill with [${list.join(", ")}]: expected integers from 0 to 255`,
    );
  }
  return Array.from({ length: channels }, (_, c) => list[c] ?? list[0]!);
}
