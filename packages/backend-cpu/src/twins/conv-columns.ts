// What the convolution loops work on: the taps of a kernel, bands of output positions, and the
// columns that a few channels unfold to over one band. Memory stays bounded, whatever the sizes.

export type Floats = Float32Array | Float64Array;
export type Triple = readonly [depth: number, height: number, width: number];

/** Sizes and options, all spatial ones as [depth, height, width]. */
export interface ConvSizes {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  readonly input: Triple;
  readonly output: Triple;
  readonly kernel: Triple;
  readonly stride: Triple;
  readonly padding: Triple;
  readonly dilation: Triple;
}

/** One position of the kernel: output i meets input i * stride + shift, for first <= i < end. */
export interface Tap {
  readonly shift: Triple;
  readonly first: Triple;
  readonly end: Triple;
}

/** Output positions of one depth: rows row to endRow, columns column to endColumn. */
export interface Band {
  readonly depth: number;
  readonly row: number;
  readonly endRow: number;
  readonly column: number;
  readonly endColumn: number;
}

const each = (f: (dim: 0 | 1 | 2) => number): Triple => [f(0), f(1), f(2)];
const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high);

/** Every tap, in the order of the weight. */
export function tapsOf({ input, output, kernel, stride, padding, dilation }: ConvSizes): Tap[] {
  const taps: Tap[] = [];
  for (let kd = 0; kd < kernel[0]; kd++)
    for (let kh = 0; kh < kernel[1]; kh++)
      for (let kw = 0; kw < kernel[2]; kw++) {
        const at = [kd, kh, kw] as const;
        const shift = each((i) => at[i] * dilation[i] - padding[i]);
        const first = each((i) => Math.max(0, Math.ceil(-shift[i] / stride[i])));
        const end = each((i) => Math.min(output[i], Math.ceil((input[i] - shift[i]) / stride[i])));
        taps.push({ shift, first, end });
      }
  return taps;
}

/** How much is unfolded at a time. */
export interface Blocks {
  /** Channels. */
  readonly channels: number;
  /** Positions, at most. */
  readonly positions: number;
  /** Output channels. */
  readonly outChannels: number;
}

/** Blocks whose columns take at most 1 MB. */
export function blocksOf({ kernel, inChannels, outChannels, groups }: ConvSizes): Blocks {
  const taps = kernel[0] * kernel[1] * kernel[2];
  const positions = clamp(Math.floor(131072 / taps), 8, 256);
  const rows = Math.min(Math.floor(32768 / positions), 512);
  return {
    channels: clamp(Math.floor(rows / taps), 1, inChannels / groups),
    positions,
    outChannels: Math.min(64, outChannels / groups),
  };
}

/** The bands of at most `positions` positions that cover one image's output. */
export function bandsOf([depths, rows, columns]: Triple, positions: number): Band[] {
  const across = clamp(columns, 1, positions);
  const down = Math.max(1, Math.floor(positions / across));
  const bands: Band[] = [];
  for (let depth = 0; depth < depths; depth++)
    for (let row = 0; row < rows; row += down)
      for (let column = 0; column < columns; column += across) {
        const [endRow, endColumn] = [
          Math.min(row + down, rows),
          Math.min(column + across, columns),
        ];
        bands.push({ depth, row, endRow, column, endColumn });
      }
  return bands;
}

/** How many positions a band has. */
export const sizeOf = ({ row, endRow, column, endColumn }: Band): number =>
  (endRow - row) * (endColumn - column);

/**
 * What the taps meet in `channels` planes of x from `plane` on, over one band, with 0 for padding:
 * channel and tap along `rowStep`, positions along `step`.
 */
export function unfold(
  columns: Float64Array,
  rowStep: number,
  step: number,
  x: Floats,
  plane: number,
  channels: number,
  taps: readonly Tap[],
  band: Band,
  { input, stride }: ConvSizes,
): void {
  const { depth, row, endRow, column, endColumn } = band;
  const count = sizeOf(band);
  let to = 0;
  for (let c = 0; c < channels; c++)
    for (let t = 0; t < taps.length; t++, to += rowStep) {
      const { shift, first, end } = taps[t] as Tap;
      const [left, right] = [Math.max(first[2], column), Math.min(end[2], endColumn)];
      const [top, bottom] = [Math.max(first[1], row), Math.min(end[1], endRow)];
      const whole = left === column && right === endColumn && top === row && bottom === endRow;
      const outside = depth < first[0] || depth >= end[0];
      if (!whole || outside) for (let i = 0, at = to; i < count; i++, at += step) columns[at] = 0;
      if (outside) continue;
      const source = (plane + c) * input[0] + depth * stride[0] + shift[0];
      for (let y = top; y < bottom; y++) {
        const line = (source * input[1] + y * stride[1] + shift[1]) * input[2];
        let from = line + left * stride[2] + shift[2];
        let at = to + ((y - row) * (endColumn - column) + left - column) * step;
        for (let i = left; i < right; i++, from += stride[2], at += step)
          columns[at] = x[from] as number;
      }
    }
}

/** The transpose of `unfold`, rows of positions: adds each column element to where it came from. */
export function fold(
  x: Floats,
  columns: Float64Array,
  plane: number,
  channels: number,
  taps: readonly Tap[],
  band: Band,
  { input, stride }: ConvSizes,
): void {
  const { depth, row, endRow, column, endColumn } = band;
  const count = sizeOf(band);
  let row0 = 0;
  for (let c = 0; c < channels; c++)
    for (let t = 0; t < taps.length; t++, row0 += count) {
      const { shift, first, end } = taps[t] as Tap;
      if (depth < first[0] || depth >= end[0]) continue;
      const [left, right] = [Math.max(first[2], column), Math.min(end[2], endColumn)];
      const target = (plane + c) * input[0] + depth * stride[0] + shift[0];
      for (let y = Math.max(first[1], row); y < Math.min(end[1], endRow); y++) {
        const line = (target * input[1] + y * stride[1] + shift[1]) * input[2];
        let to = line + left * stride[2] + shift[2];
        let at = row0 + (y - row) * (endColumn - column) + left - column;
        for (let i = left; i < right; i++, to += stride[2], at++)
          x[to] = (x[to] as number) + (columns[at] as number);
      }
    }
}

/** Whether height and width say it all: there is one depth. */
export const isPlanar = ({ input, kernel, output, padding }: ConvSizes): boolean =>
  input[0] === 1 && kernel[0] === 1 && output[0] === 1 && padding[0] === 0;
