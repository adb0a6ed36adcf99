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

/** What is to be tiled: the output plane, and the source that it reads. */
export interface PlaneSizes {
  readonly taps: Taps;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Output channels done at a time. */
  readonly outChannels: number;
  readonly sourceHeight: number;
  readonly sourceWidth: number;
  /** The most output positions in a band. */
  readonly positions: number;
}

/** The part of an output plane done at a time, and the layout of the image part that it reads. */
export interface Tiling extends PlaneSizes {
  /** Source channels staged together. */
  readonly block: number;
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
  /** Bytes from what one output row reads to what the next one reads. */
  readonly rowBytes: number;
  /** Floats that raw, not yet padded, image parts may need. */
  readonly rawFloats: number;
}

/** Output rows [y, y + rows) and columns [x, x + columns). */
export interface Band {
  readonly y: number;
  readonly x: number;
  readonly rows: number;
  readonly columns: number;
}

/** All bands of an output plane. */
export function bands({ height, width, bandRows, bandColumns }: Tiling): Band[] {
  const list: Band[] = [];
  for (let y = 0; y < height; y += bandRows) {
    for (let x = 0; x < width; x += bandColumns) {
      const columns = Math.min(bandColumns, width - x);
      list.push({ y, x, rows: Math.min(bandRows, height - y), columns });
    }
  }
  return list;
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

/** Chooses bands and channel block, so that everything staged stays within its bounds. */
export function tile(sizes: PlaneSizes): Tiling {
  const { taps, channels, height, width, outChannels, sourceHeight, sourceWidth } = sizes;
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
  let bandRows = Math.min(
    height,
    Math.max(1, Math.floor(Math.min(most, sizes.positions) / bandColumns)),
  );
  while (bandRows > 1 && layout(bandRows, bandColumns)[2] * block > STAGE_FLOATS) {
    bandRows = (bandRows + 1) >> 1;
  }
  // Bands of nearly equal height.
  bandRows = Math.ceil(height / Math.ceil(height / bandRows));
  const [rows, phaseLength, plane] = layout(bandRows, bandColumns);
  const stagedColumns = Math.min(sourceWidth, phaseLength * phases);
  const rawColumns = bandColumns === width ? sourceWidth : stagedColumns;
  const rawFloats = block * Math.min(sourceHeight, rows) * rawColumns;
  const rowBytes = taps.strideRow * phases * phaseLength * 4;
  return {
    ...sizes,
    ...{ block, bandRows, bandColumns, top, left },
    ...{ rows, phases, phaseLength, plane, rowBytes, rawFloats },
  };
}

/** Writes the byte offset of each row k = (channel, tap) of a staged image: k = channel * taps + tap. */
export function writeOffsets(engine: Engine, to: number, tiling: Tiling, channels: number): void {
  const memory = engine.i32;
  const { taps, phases } = tiling;
  const rowLength = phases * tiling.phaseLength;
  for (let t = 0; t < taps.count; t++) {
    const column = (taps.columns[t] as number) - tiling.left;
    const phase = column % phases;
    const run = phase * tiling.phaseLength + (column - phase) / phases;
    const at = ((taps.rows[t] as number) - tiling.top) * rowLength + run;
    for (let c = 0; c < channels; c++) {
      memory[to + c * taps.count + t] = (c * tiling.plane + at) * 4;
    }
  }
}

const clamp = (value: number, high: number): number => Math.max(0, Math.min(high, value));

/**
 * Stages `channels` planes of `source`, the first at `from`: what a band reads, with its padding, to `to`. `raw` is an area
 * for the part that lies inside the image. All areas are float indices.
 */
export function stageImage(
  engine: Engine,
  tiling: Tiling,
  source: Float32Array,
  from: number,
  channels: number,
  band: Band,
  raw: number,
  to: number,
): void {
  const { taps, phases, phaseLength, sourceHeight: height, sourceWidth: width } = tiling;
  const top = band.y * taps.strideRow + tiling.top;
  const left = band.x * taps.strideColumn + tiling.left;
  const firstRow = clamp(top, height);
  const rows = Math.max(firstRow, clamp(top + tiling.rows, height)) - firstRow;
  // A band as wide as the output takes whole rows, in one piece.
  const whole = tiling.bandColumns === tiling.width;
  const firstColumn = whole ? 0 : clamp(left, width);
  const endColumn = whole ? width : clamp(left + phases * phaseLength, width);
  const columns = Math.max(firstColumn, endColumn) - firstColumn;
  const plane = height * width;
  const first = from + firstRow * width + firstColumn;
  const size = rows * columns;
  if (size === plane) copyIn(engine, raw, source, first, channels * plane);
  else if (columns === width) {
    for (let c = 0; c < channels; c++) {
      copyIn(engine, raw + c * size, source, first + c * plane, size);
    }
  } else {
    for (let i = 0; i < channels * rows; i++) {
      const row = i % rows;
      const at = first + ((i - row) / rows) * plane + row * width;
      copyIn(engine, raw + i * columns, source, at, columns);
    }
  }
  engine.kernels.padImage(
    ...([to * 4, raw * 4, channels, rows, columns, firstRow - top, firstColumn - left] as const),
    ...([tiling.rows, phases, phaseLength, tiling.plane] as const),
  );
}
