// The loop nest that the forward convolution and the input gradient share: correlate staged images with packed weights.
import type { Taps } from "./conv-shape.ts";
import { stageImage, tile, writeOffsets } from "./conv-stage.ts";
import { type Engine, reserve } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";

/** Floats of packed weights held at a time. */
const WEIGHT_FLOATS = 262144;
/** Output channels done at a time. */
export const CHANNEL_BLOCK = 512;

/**
 * One group of a convolution as a correlation:
 * out[n, m, y, x] = init[m] + sum over c, t of A[m, c, t] source[n, c, y * strideRow + rows[t], x * strideColumn + columns[t]]
 */
export interface Correlation {
  readonly taps: Taps;
  readonly batch: number;
  readonly source: Float32Array;
  /** Where this group's first channel of image 0 starts; floats from image to image. */
  readonly sourceOffset: number;
  readonly sourceImage: number;
  readonly channels: number;
  readonly sourceHeight: number;
  readonly sourceWidth: number;
  readonly out: Float32Array;
  readonly outOffset: number;
  readonly outImage: number;
  readonly outPlane: number;
  /** Floats from one output row and column to the next: (width, 1), or more where only a phase is written. */
  readonly outRow: number;
  readonly outColumn: number;
  readonly outChannels: number;
  readonly height: number;
  readonly width: number;
  readonly bias?: Float32Array | undefined;
  readonly biasOffset: number;
  /** Packs A[m0 .. m0 + m, c0 .. c0 + c, all taps] in panels of 4 rows at float index `to`; `raw` is free for use. */
  pack(engine: Engine, to: number, m0: number, m: number, c0: number, c: number, raw: number): void;
  /** Floats that `pack` may use at `raw`. */
  readonly packFloats: number;
}

const align = (floats: number): number => (floats + 15) & ~15;

/** Where a band lies: image, first output row and column, sizes. */
interface Band {
  at: number;
  rows: number;
  columns: number;
}

/** Moves a band between `out` and scratch memory, plane by plane or in one piece. */
const moveBand = (
  job: Correlation,
  engine: Engine,
  band: Band,
  scratch: number,
  m: number,
  write: boolean,
): void => {
  const copy = (memory: number, at: number, count: number): void => {
    if (write) copyOut(engine, memory, job.out, at, count);
    else copyIn(engine, memory, job.out, at, count);
  };
  const { rows, columns } = band;
  const size = rows * columns;
  if (job.outColumn !== 1) {
    const memory = engine.f32;
    for (let i = 0; i < m * rows; i++) {
      const y = i % rows;
      const at = band.at + ((i - y) / rows) * job.outPlane + y * job.outRow;
      const from = scratch + i * columns;
      if (write)
        for (let x = 0; x < columns; x++)
          job.out[at + x * job.outColumn] = memory[from + x] as number;
      else
        for (let x = 0; x < columns; x++)
          memory[from + x] = job.out[at + x * job.outColumn] as number;
    }
  } else if (job.outRow === columns || rows === 1) {
    if (job.outPlane === size) copy(scratch, band.at, m * size);
    else for (let i = 0; i < m; i++) copy(scratch + i * size, band.at + i * job.outPlane, size);
  } else {
    for (let i = 0; i < m * rows; i++) {
      const y = i % rows;
      copy(
        scratch + i * columns,
        band.at + ((i - y) / rows) * job.outPlane + y * job.outRow,
        columns,
      );
    }
  }
};

const initialize = (
  job: Correlation,
  engine: Engine,
  scratch: number,
  m0: number,
  m: number,
  size: number,
): void => {
  if (!job.bias) {
    engine.f32.fill(0, scratch, scratch + m * size);
    return;
  }
  for (let i = 0; i < m; i++) {
    engine.f32.fill(
      job.bias[job.biasOffset + m0 + i] as number,
      scratch + i * size,
      scratch + (i + 1) * size,
    );
  }
};

/** Runs one group. `engine` has at least as much scratch memory afterwards as the job needs, at most about 3.5 MB. */
export function correlate(engine: Engine, job: Correlation): void {
  const { taps, channels, height, width } = job;
  if (height <= 0 || width <= 0) return;
  const mBlock = Math.min(job.outChannels, CHANNEL_BLOCK);
  const mPadded = (mBlock + 3) & ~3;
  const tiling = tile(
    taps,
    channels,
    height,
    width,
    mBlock,
    job.sourceHeight,
    job.sourceWidth,
    Infinity,
  );
  // Channels whose weights are packed at once: whole blocks, as many as fit.
  const blockFloats = tiling.channels * taps.count * mPadded;
  const blocks = Math.max(1, Math.floor(WEIGHT_FLOATS / blockFloats));
  const superBlock = Math.min(channels, blocks * tiling.channels);
  const bandFloats = tiling.bandRows * tiling.bandColumns;

  const weights = 0;
  const offsets = weights + align(superBlock * taps.count * mPadded);
  const image = offsets + align(tiling.channels * taps.count);
  const result = image + align(tiling.channels * tiling.plane + 16);
  const raw = result + align(mBlock * bandFloats + 16);
  const total = raw + align(Math.max(tiling.rawFloats, job.packFloats) + 16);
  const base = reserve(engine, total * 4) >> 2;
  writeOffsets(engine, base + offsets, tiling, taps, tiling.channels);
  const { convBlock } = engine.kernels;
  const rowBytes = taps.strideRow * tiling.phases * tiling.phaseLength * 4;
  const wholeRows = tiling.bandColumns === width;

  for (let m0 = 0; m0 < job.outChannels; m0 += mBlock) {
    const m = Math.min(mBlock, job.outChannels - m0);
    const mPanels = (m + 3) & ~3;
    for (let c0 = 0; c0 < channels; c0 += superBlock) {
      const cEnd = Math.min(channels, c0 + superBlock);
      for (let c = c0; c < cEnd; c += tiling.channels) {
        const to = base + weights + (c - c0) * taps.count * mPanels;
        job.pack(engine, to, m0, m, c, Math.min(tiling.channels, cEnd - c), base + raw);
      }
      for (let n = 0; n < job.batch; n++) {
        for (let y = 0; y < height; y += tiling.bandRows) {
          const rows = Math.min(tiling.bandRows, height - y);
          for (let x = 0; x < width; x += tiling.bandColumns) {
            const columns = Math.min(tiling.bandColumns, width - x);
            const at =
              job.outOffset +
              n * job.outImage +
              m0 * job.outPlane +
              y * job.outRow +
              x * job.outColumn;
            const band = { at, rows, columns };
            if (c0 === 0) initialize(job, engine, base + result, m0, m, rows * columns);
            else moveBand(job, engine, band, base + result, m, false);
            for (let c = c0; c < cEnd; c += tiling.channels) {
              const count = Math.min(tiling.channels, cEnd - c);
              const from =
                job.sourceOffset + n * job.sourceImage + c * job.sourceHeight * job.sourceWidth;
              stageImage(
                engine,
                tiling,
                taps,
                job.source,
                from,
                job.sourceHeight,
                job.sourceWidth,
                count,
                y,
                x,
                wholeRows,
                base + raw,
                base + image,
              );
              const a = base + weights + (c - c0) * taps.count * mPanels;
              convBlock(
                a * 4,
                (base + offsets) * 4,
                count * taps.count,
                (base + image) * 4,
                rowBytes,
                (base + result) * 4,
                rows * columns,
                m,
                rows,
                columns,
              );
            }
            moveBand(job, engine, band, base + result, m, true);
          }
        }
      }
    }
  }
}
