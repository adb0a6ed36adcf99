// The weight's gradient by Winograd's method: see winograd.ts, and the plain loops in src/twins/conv.ts.
import { engineFor, parallel } from "../threads/threads.ts";
import { type Engine, reserve, THREAD_BYTES } from "./engine.ts";
import { copyOut } from "./stage.ts";
import { moveImages, winogradCost } from "./winograd.ts";
import * as jobs from "./winograd-job.ts";

/** One group of a convolution: its input, its output's gradient, and where the weight's gradient goes (dense). */
export interface WinogradWeight extends jobs.WinogradSizes {
  readonly source: Float32Array;
  readonly sourceOffset: number;
  readonly sourceImage: number;
  readonly gradOut: Float32Array;
  readonly gradOutOffset: number;
  readonly gradOutImage: number;
  readonly gradWeight: Float32Array;
  readonly gradWeightOffset: number;
}

/** Bytes of transformed images and gradients held at a time. */
const BLOCKS_BYTES = 12 << 20;
/** Tiles in a block, over which sums stay in registers. */
const BLOCK_TILES = 96;
/** The most squares of 4 x 4 channels in a task: their sums fit in a thread's scratch memory. */
const MOST_SQUARES: Readonly<Record<number, number>> = { 3: 384, 5: 216 };

const align = (bytes: number): number => (bytes + 63) & ~63;

interface Plan {
  readonly blockRows: number;
  readonly tiles: number;
  readonly images: number;
  readonly blocks: number;
  /** Squares of 4 x 4 channels in a task, and tasks. */
  readonly squares: number;
  readonly tasks: number;
}

/** How to compute this gradient, or undefined where Winograd's method cannot. */
export function planWinogradWeight(conv: jobs.WinogradSizes): Plan | undefined {
  const { taps, channels, outChannels, batch } = conv;
  const columns = jobs.tileColumns(conv);
  const rows = jobs.tileRows(conv);
  const all = Math.ceil(channels / 4) * Math.ceil(outChannels / 4);
  // Whole rows where they fit, so that all threads have a part of small ones too.
  const most = MOST_SQUARES[taps] as number;
  const across = Math.ceil((channels <= 4 ? outChannels : channels) / 4);
  const even = Math.ceil(Math.ceil(all / 8) / across) * across;
  const squares = Math.min(even, most > across ? most - (most % across) : most);
  const tasks = Math.ceil(all / squares);
  const scratch = THREAD_BYTES - jobs.SPARE_BYTES - jobs.TILE_BYTES;
  for (let images = batch; images >= 1; images = images > 1 ? images >> 1 : 0) {
    const blockRows = Math.min(images * rows, Math.max(1, Math.floor(BLOCK_TILES / columns)));
    const tiles = blockRows * columns;
    const blocks = Math.ceil((images * rows) / blockRows);
    const both = jobs.blockBytes(taps, channels, tiles) + jobs.blockBytes(taps, outChannels, tiles);
    if (blocks * both > BLOCKS_BYTES || jobs.stageBytes(conv, blockRows) > scratch) continue;
    return { blockRows, tiles, images, blocks, squares, tasks };
  }
  return undefined;
}

const layOut = (engine: Engine, conv: WinogradWeight, plan: Plan) => {
  const { taps, channels, outChannels } = conv;
  let bytes = jobs.JOB_WORDS * 4;
  const take = (size: number): number => {
    const at = bytes;
    bytes = align(bytes + size);
    return at;
  };
  const filterGradient = take(outChannels * channels * taps * taps * 4);
  const source = take(plan.images * channels * conv.height * conv.width * 4 + 64);
  const out = take(plan.images * outChannels * conv.outHeight * conv.outWidth * 4 + 64);
  const sourceBlocks = take(plan.blocks * jobs.blockBytes(taps, channels, plan.tiles));
  const gradientBlocks = take(plan.blocks * jobs.blockBytes(taps, outChannels, plan.tiles));
  const slice = plan.squares * 64 + 64;
  const several = plan.images < conv.batch;
  const sums = take(several ? plan.tasks * slice * jobs.lineSize(taps) ** 2 : 0);
  const base = reserve(engine, bytes);
  return {
    ...{ job: base, filterGradient: base + filterGradient, source: base + source },
    ...{ out: base + out, sourceBlocks: base + sourceBlocks },
    ...{ gradientBlocks: base + gradientBlocks, sums: base + sums },
  };
};

/** gradWeight[o, c] = sum over n of source[n, c] correlated with gradOut[n, o]. */
export function winogradWeight(conv: WinogradWeight): void {
  const { channels, outChannels, taps } = conv;
  const engine = engineFor(winogradCost(conv));
  const plan = planWinogradWeight(conv) as Plan;
  const memory = layOut(engine, conv, plan);
  const inSize = channels * conv.height * conv.width;
  const outSize = outChannels * conv.outHeight * conv.outWidth;
  const sizes = { ...conv, ...plan, ...memory };
  for (let n = 0; n < conv.batch; n += plan.images) {
    const images = Math.min(plan.images, conv.batch - n);
    const from = conv.sourceOffset + n * conv.sourceImage;
    const [source, sourceImage] = [conv.source, conv.sourceImage];
    moveImages(engine, memory.source, source, from, sourceImage, inSize, images, false);
    const at = conv.gradOutOffset + n * conv.gradOutImage;
    const { gradOut, gradOutImage } = conv;
    moveImages(engine, memory.out, gradOut, at, gradOutImage, outSize, images, false);
    const last = n + images >= conv.batch;
    jobs.writeJob(engine, memory.job >> 2, { ...sizes, images, first: n === 0, last });
    const blocks = Math.ceil((images * jobs.tileRows(conv)) / plan.blockRows);
    parallel(engine, "winogradOperands", 2 * blocks, [memory.job]);
    parallel(engine, "winogradWeight", plan.tasks, [memory.job]);
  }
  const count = outChannels * channels * taps * taps;
  copyOut(engine, memory.filterGradient >> 2, conv.gradWeight, conv.gradWeightOffset, count);
}
