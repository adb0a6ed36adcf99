// How a part of an image is staged in scratch memory for the convolution kernels, and the staging itself.
import type { Taps } from "./conv-shape.ts";
import type { Engine } from "./engine.ts";
import { copyIn } from "./stage.ts";

/** Floats of one staged, padded part of an image. Together with the other areas this keeps within 4 MB. */
const STAGE_FLOATS = 196608;
/** Floats of the output (or of the packed output gradient) of one band. */
const OUT_FLOATS = 131072;
/** Rows k = (channel, tap) taken at a time, so that what they read stays in the first- and second-level caches. */
const K_BLOCK = 1024;

/** The part of an output plane done at a time, and the layout of the image part that it reads. */
export interface Tiling {
  /** Source channels staged together. */
  readonly channels: number;
  /** Output rows and columns in a band. */
  readonly bandRows: number;
  readonly bandColumns: number;
  /** First source row and column that output (0, 0) reads, usually -padding. */
  readonly top: number;
  readonly left: number;
  /** Staged rows; each holds `phases` runs of `phaseLength` floats. A channel's plane is `plane` floats. */
  readonly rows: number;
  readonly phases: number;
  readonly phaseLength: number;
  readonly plane: number;
  /** Floats that raw, not yet padded, image parts may need. */
  readonly rawFloats: number;
}

const spread = (values: Int32Array): [low: number, span: number] => {
  let low = values[0] as number;
  let high = low;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high - low];
};

/** A plane of an odd number of cache lines, so that equal positions of different channels do not collide in the cache. */
const oddLines = (floats: number): number => {
  const lines = Math.ceil(floats / 16);
  return (lines | 1) * 16;
};

/** Chooses band and channel block for an output plane of `height` x `width`, `outChannels` of which are done at a time. */
export function tile(
  taps: Taps,
  channels: number,
  height: number,
  width: number,
  outChannels: number,
  sourceHeight: number,
  sourceWidth: number,
  positions: number,
): Tiling {
  const [top, rowSpan] = spread(taps.rows);
  const [left, columnSpan] = spread(taps.columns);
  const phases = taps.strideColumn;
  const most = Math.max(16, Math.floor(OUT_FLOATS / outChannels));
  const layout = (rows: number, columns: number): [number, number, number] => {
    const needed = (((columns + 3) & ~3) - 1) * phases + columnSpan + 1;
    const phaseLength = Math.ceil(needed / phases);
    const stagedRows = (rows - 1) * taps.strideRow + rowSpan + 1;
    return [stagedRows, phaseLength, oddLines(stagedRows * phaseLength * phases)];
  };
  let bandColumns = Math.min(width, most & ~3);
  while (bandColumns > 16 && layout(1, bandColumns)[2] > STAGE_FLOATS / 2) {
    bandColumns = (bandColumns >> 1) & ~3;
  }
  let block = Math.min(channels, Math.max(1, Math.floor(K_BLOCK / taps.count)));
  block = Math.max(1, Math.min(block, Math.floor(STAGE_FLOATS / layout(1, bandColumns)[2])));
  let bandRows = Math.min(height, Math.max(1, Math.floor(Math.min(most, positions) / bandColumns)));
  while (bandRows > 1 && layout(bandRows, bandColumns)[2] * block > STAGE_FLOATS) {
    bandRows = (bandRows + 1) >> 1;
  }
  // Bands of nearly equal height.
  bandRows = Math.ceil(height / Math.ceil(height / bandRows));
  const [rows, phaseLength, plane] = layout(bandRows, bandColumns);
  const rawColumns =
    bandColumns === width ? sourceWidth : Math.min(sourceWidth, phaseLength * phases);
  return {
    channels: block,
    bandRows,
    bandColumns,
    top,
    left,
    rows,
    phases,
    phaseLength,
    plane,
    rawFloats: block * Math.min(sourceHeight, rows) * rawColumns,
  };
}

/** Writes the byte offset of each row k = (channel, tap) of a staged image: k = channel * taps + tap. */
export function writeOffsets(
  engine: Engine,
  to: number,
  tiling: Tiling,
  taps: Taps,
  channels: number,
): void {
  const memory = engine.i32;
  const rowLength = tiling.phases * tiling.phaseLength;
  for (let t = 0; t < taps.count; t++) {
    const column = (taps.columns[t] as number) - tiling.left;
    const phase = column % tiling.phases;
    const at =
      ((taps.rows[t] as number) - tiling.top) * rowLength +
      phase * tiling.phaseLength +
      (column - phase) / tiling.phases;
    for (let c = 0; c < channels; c++)
      memory[to + c * taps.count + t] = (c * tiling.plane + at) * 4;
  }
}

/**
 * Stages `channels` planes, of which output rows from `row` and columns from `column` on read. `from` is the first plane's
 * position in `source`; `raw` and `to` are scratch areas (float indices).
 */
export function stageImage(
  engine: Engine,
  tiling: Tiling,
  taps: Taps,
  source: Float32Array,
  from: number,
  height: number,
  width: number,
  channels: number,
  row: number,
  column: number,
  wholeRows: boolean,
  raw: number,
  to: number,
): void {
  const top = row * taps.strideRow + tiling.top;
  const left = column * taps.strideColumn + tiling.left;
  const columns = tiling.phases * tiling.phaseLength;
  const firstRow = Math.max(0, Math.min(height, top));
  const endRow = Math.max(firstRow, Math.min(height, top + tiling.rows));
  const firstColumn = wholeRows ? 0 : Math.max(0, Math.min(width, left));
  const endColumn = wholeRows ? width : Math.max(firstColumn, Math.min(width, left + columns));
  const rawRows = endRow - firstRow;
  const rawColumns = endColumn - firstColumn;
  const plane = height * width;
  if (rawColumns === width) {
    if (rawRows === height) copyIn(engine, raw, source, from, channels * plane);
    else {
      const size = rawRows * width;
      for (let c = 0; c < channels; c++) {
        copyIn(engine, raw + c * size, source, from + c * plane + firstRow * width, size);
      }
    }
  } else {
    let at = raw;
    for (let c = 0; c < channels; c++) {
      for (let y = firstRow; y < endRow; y++) {
        copyIn(engine, at, source, from + c * plane + y * width + firstColumn, rawColumns);
        at += rawColumns;
      }
    }
  }
  engine.kernels.padImage(
    to * 4,
    raw * 4,
    channels,
    rawRows,
    rawColumns,
    firstRow - top,
    firstColumn - left,
    tiling.rows,
    tiling.phases,
    tiling.phaseLength,
    tiling.plane,
  );
}
