// The loop nest that the forward convolution and the input gradient share: correlate staged images with packed weights.
import type { Taps } from "./conv-shape.ts";
import { type Band, bands, stageImage, type Tiling, tile, writeOffsets } from "./conv-stage.ts";
import { type Engine, reserve } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";

/** Floats of packed weights held at a time. */
const WEIGHT_FLOATS = 262144;
/** Output channels done at a time. */
const CHANNEL_BLOCK = 512;

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

/** A correlation with its tiling and its areas of scratch memory (float indices). */
interface Plan {
  readonly job: Correlation;
  readonly engine: Engine;
  readonly tiling: Tiling;
  readonly weights: number;
  readonly offsets: number;
  readonly image: number;
  readonly result: number;
  readonly raw: number;
  /** Source channels whose weights are packed at once: whole blocks. */
  readonly superBlock: number;
  /** Output channels done now: the first, and how many. */
  m0: number;
  m: number;
}

/** Moves a band between `out` and scratch memory, plane by plane or in one piece. */
const moveBand = (plan: Plan, image: number, band: Band, write: boolean): void => {
  const { job, engine, result, m } = plan;
  const { rows, columns } = band;
  const first =
    job.outOffset +
    image * job.outImage +
    plan.m0 * job.outPlane +
    band.y * job.outRow +
    band.x * job.outColumn;
  const size = rows * columns;
  const copy = (memory: number, at: number, count: number): void => {
    if (write) copyOut(engine, memory, job.out, at, count);
    else copyIn(engine, memory, job.out, at, count);
  };
  if (job.outColumn === 1 && job.outPlane === size) copy(result, first, m * size);
  else if (job.outColumn === 1 && (job.outRow === columns || rows === 1)) {
    for (let i = 0; i < m; i++) copy(result + i * size, first + i * job.outPlane, size);
  } else {
    for (let i = 0; i < m * rows; i++) {
      const y = i % rows;
      const at = first + ((i - y) / rows) * job.outPlane + y * job.outRow;
      if (job.outColumn === 1) copy(result + i * columns, at, columns);
      else moveStrided(plan, result + i * columns, at, columns, write);
    }
  }
};

/** One row of a phase, whose columns in `out` are apart. */
const moveStrided = (plan: Plan, from: number, at: number, count: number, write: boolean): void => {
  const { out, outColumn } = plan.job;
  const memory = plan.engine.f32;
  if (write) {
    for (let x = 0; x < count; x++) out[at + x * outColumn] = memory[from + x] as number;
  } else {
    for (let x = 0; x < count; x++) memory[from + x] = out[at + x * outColumn] as number;
  }
};

/** The result's area before the first product: zeros, or each channel's bias. */
const initialize = ({ job, engine, result, m0, m }: Plan, size: number): void => {
  if (!job.bias) engine.f32.fill(0, result, result + m * size);
  else {
    for (let i = 0; i < m; i++) {
      const bias = job.bias[job.biasOffset + m0 + i] as number;
      engine.f32.fill(bias, result + i * size, result + (i + 1) * size);
    }
  }
};

/** One band of one image, over source channels [c0, cEnd), whose weights are packed. */
const correlateBand = (plan: Plan, image: number, band: Band, c0: number, cEnd: number): void => {
  const { job, engine, tiling, m } = plan;
  const { count: taps } = job.taps;
  const { rows, columns } = band;
  if (c0 === 0) initialize(plan, rows * columns);
  else moveBand(plan, image, band, false);
  for (let c = c0; c < cEnd; c += tiling.block) {
    const count = Math.min(tiling.block, cEnd - c);
    const plane = job.sourceHeight * job.sourceWidth;
    const from = job.sourceOffset + image * job.sourceImage + c * plane;
    stageImage(engine, tiling, job.source, from, count, band, plan.raw, plan.image);
    const weights = plan.weights + (c - c0) * taps * ((m + 3) & ~3);
    engine.kernels.convBlock(
      ...([weights * 4, plan.offsets * 4, count * taps, plan.image * 4, tiling.rowBytes] as const),
      ...([plan.result * 4, rows * columns, m, rows, columns] as const),
    );
  }
  moveBand(plan, image, band, true);
};

/** Lays out scratch memory: at most 4 MB in all. */
const layOut = (engine: Engine, job: Correlation): Plan => {
  const { taps, channels } = job;
  // Fewer channels where the kernel is so large that one source channel fills the weights' area.
  const few = Math.max(4, Math.floor(WEIGHT_FLOATS / taps.count) & ~3);
  const mBlock = Math.min(job.outChannels, CHANNEL_BLOCK, few);
  const { height, width, sourceHeight, sourceWidth } = job;
  const tiling = tile({
    ...{ taps, channels, height, width, sourceHeight, sourceWidth },
    ...{ outChannels: mBlock, positions: Infinity },
  });
  const mPadded = (mBlock + 3) & ~3;
  const blockFloats = tiling.block * taps.count * mPadded;
  const blocks = Math.max(1, Math.floor(WEIGHT_FLOATS / blockFloats));
  const superBlock = Math.min(channels, blocks * tiling.block);
  const bandFloats = tiling.bandRows * tiling.bandColumns;
  const offsets = align(superBlock * taps.count * mPadded);
  const image = offsets + align(tiling.block * taps.count);
  const result = image + align(tiling.block * tiling.plane + 16);
  const raw = result + align(mBlock * bandFloats + 16);
  const total = raw + align(Math.max(tiling.rawFloats, job.packFloats) + 16);
  const base = reserve(engine, total * 4) >> 2;
  return {
    ...{ job, engine, tiling, superBlock, m0: 0, m: mBlock, weights: base },
    ...{ offsets: base + offsets, image: base + image, result: base + result, raw: base + raw },
  };
};

/** Runs one group. */
export function correlate(engine: Engine, job: Correlation): void {
  const { channels, outChannels } = job;
  if (job.height <= 0 || job.width <= 0 || outChannels === 0) return;
  const plan = layOut(engine, job);
  const { tiling, superBlock, m: mBlock } = plan;
  writeOffsets(engine, plan.offsets, tiling, tiling.block);
  const list = bands(tiling);
  for (plan.m0 = 0; plan.m0 < outChannels; plan.m0 += mBlock) {
    plan.m = Math.min(mBlock, outChannels - plan.m0);
    for (let c0 = 0; c0 < channels; c0 += superBlock) {
      const cEnd = Math.min(channels, c0 + superBlock);
      for (let c = c0; c < cEnd; c += tiling.block) {
        const to = plan.weights + (c - c0) * job.taps.count * ((plan.m + 3) & ~3);
        const count = Math.min(tiling.block, cEnd - c);
        job.pack(engine, to, plan.m0, plan.m, c, count, plan.raw);
      }
      for (let n = 0; n < job.batch; n++) {
        for (const band of list) correlateBand(plan, n, band, c0, cEnd);
      }
    }
  }
}
