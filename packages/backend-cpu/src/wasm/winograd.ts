// Winograd convolution, float32, for 3x3 and 5x5 kernels with stride 1: forward, and the input gradient, which is the same
// with the kernels turned. The definition is the direct convolution's twin; docs/decisions/0009-winograd.md measures the error.
import { engineFor, parallel, threadsOf } from "../threads/threads.ts";
import { type Engine, reserve, THREAD_BYTES } from "./engine.ts";
import { type Owner, type Packed, packedWeight } from "./packed-weights.ts";
import { copyIn, copyOut } from "./stage.ts";
import * as jobs from "./winograd-job.ts";

/** One group of a convolution, and where its operands lie. */
export interface WinogradConv extends jobs.WinogradSizes {
  readonly source: Float32Array;
  /** Where this group's first channel of image 0 starts; floats from image to image. */
  readonly sourceOffset: number;
  readonly sourceImage: number;
  readonly out: Float32Array;
  readonly outOffset: number;
  readonly outImage: number;
  readonly bias?: Float32Array | undefined;
  readonly biasOffset: number;
  /** [outChannels, channels, taps, taps], or with `flipped` [channels, outChannels, taps, taps], turned by 180 degrees. */
  readonly filters: Float32Array;
  readonly filtersOffset: number;
  readonly flipped: boolean;
  /** The buffer that the kernels lie in, if what is transformed of them may be kept with it. */
  readonly owner?: Owner | undefined;
}

/** Transformed kernels up to this size are kept for all images; larger ones are transformed for a few channels at a time. */
const PANEL_BYTES = 4 << 20;
/** Tiles in a block: of each slice, the products of so many tiles are computed at a time. */
const BLOCK_TILES = 32;
/** Bytes of images, results and, where kernels are large, transformed images that are held at a time. */
const STAGE_BYTES = 4 << 20;
const SHARED_STAGE_BYTES = 16 << 20;
const SOURCE_BYTES = 8 << 20;

const align = (bytes: number): number => (bytes + 63) & ~63;

/** How a convolution is cut up. */
interface Plan {
  /** By tiles, with all kernels transformed before, or by output channels, with all tiles transformed before. */
  readonly byTiles: boolean;
  readonly blockRows: number;
  readonly tiles: number;
  readonly outBlock: number;
  readonly channelBlock: number;
  /** The most images at a time. */
  readonly images: number;
}

/** Whether threads get about as many blocks each: how tiles are cut into blocks changes no sum. */
const areEven = (blocks: number, threads: number): boolean =>
  blocks >= 8 * threads || blocks % threads === 0;

/** Output channels whose products fit beside a transformed block; undefined if not even eight do. */
const planTiles = (conv: jobs.WinogradSizes, images: number, threads: number): Plan | undefined => {
  const { taps, channels } = conv;
  const columns = jobs.tileColumns(conv);
  const all = images * jobs.tileRows(conv);
  for (let rows = Math.max(1, Math.floor(BLOCK_TILES / columns)); rows >= 1; rows--) {
    const blockRows = Math.min(rows, all);
    if (rows > 1 && !areEven(Math.ceil(all / blockRows), threads)) continue;
    const tiles = jobs.roomFor(blockRows * columns);
    const fixed = jobs.TILE_BYTES + jobs.SPARE_BYTES + jobs.stageBytes(conv, blockRows);
    const room = THREAD_BYTES - fixed - jobs.blockBytes(taps, channels, tiles);
    for (let outBlock = 64; outBlock >= 8; outBlock -= 8) {
      if (jobs.blockBytes(taps, outBlock, tiles) > room) continue;
      return { byTiles: true, blockRows, tiles, outBlock, channelBlock: channels, images };
    }
  }
  return undefined;
};

/** A block is as many tile rows as make up to BLOCK_TILES tiles; all blocks' products for 16 channels must fit. */
const planChannels = (conv: jobs.WinogradSizes, most: number): Plan | undefined => {
  const { taps, channels } = conv;
  const columns = jobs.tileColumns(conv);
  const rows = jobs.tileRows(conv);
  const packed = 16 * taps * taps * 32;
  for (let images = most; images >= 1; images = images > 1 ? images >> 1 : 0) {
    const blockRows = Math.min(images * rows, Math.max(1, Math.floor(BLOCK_TILES / columns)));
    const tiles = jobs.roomFor(blockRows * columns);
    const blocks = Math.ceil((images * rows) / blockRows);
    const fixed = jobs.TILE_BYTES + jobs.SPARE_BYTES + jobs.stageBytes(conv, blockRows) + packed;
    if (blocks * jobs.blockBytes(taps, channels, tiles) > SOURCE_BYTES) continue;
    for (const [outBlock, channelBlock] of [
      [32, 64],
      [16, 128],
      [8, 128],
      [8, 64],
    ] as const) {
      const filters = jobs.filterBytes(taps, outBlock / 8, channelBlock);
      const products = blocks * jobs.blockBytes(taps, outBlock, tiles);
      if (fixed + filters + products > THREAD_BYTES) continue;
      return { byTiles: false, blockRows, tiles, outBlock, channelBlock, images };
    }
  }
  return undefined;
};

/** How to compute this convolution, or undefined where Winograd's method cannot. */
export function planWinograd(conv: jobs.WinogradSizes, threads = 1): Plan | undefined {
  const { channels, outChannels, height, width, outHeight, outWidth, batch } = conv;
  const image = 4 * (channels * height * width + outChannels * outHeight * outWidth);
  const room = threads > 1 ? SHARED_STAGE_BYTES : STAGE_BYTES;
  const images = Math.max(1, Math.min(batch, Math.floor(room / image)));
  const first =
    panelBytes(conv) <= PANEL_BYTES ? planTiles(conv, images, threads) : planChannels(conv, batch);
  return first ?? planTiles(conv, images, threads);
}

/** Bytes of all transformed kernels, in panels. */
const panelBytes = ({ taps, channels, outChannels }: jobs.WinogradSizes): number =>
  jobs.filterBytes(taps, Math.ceil(outChannels / 8), channels);

/** A place to keep transformed kernels, if they are used more than once. */
const keptFilters = (engine: Engine, conv: WinogradConv, plan: Plan): Packed | undefined => {
  const { channels, outChannels, taps, flipped, filters, filtersOffset, owner } = conv;
  const { byTiles, outBlock, channelBlock } = plan;
  const block = jobs.filterBytes(taps, outBlock / 8, Math.min(channelBlock, channels));
  const blocks = Math.ceil(outChannels / outBlock) * Math.ceil(channels / channelBlock);
  const start = filters.byteOffset + 4 * filtersOffset;
  const cut = byTiles ? "" : `${outBlock} ${channelBlock}`;
  const key = `tiles ${start} ${taps} ${outChannels} ${channels} ${flipped} ${cut}`;
  return packedWeight(engine, owner, key, byTiles ? panelBytes(conv) : block * blocks);
};

/** The addresses of what a job uses, in the order of memory. */
const layOut = (engine: Engine, conv: WinogradConv, plan: Plan, kept: Packed | undefined) => {
  const { taps, channels, outChannels } = conv;
  let bytes = jobs.JOB_WORDS * 4;
  const take = (size: number): number => {
    const at = bytes;
    bytes = align(bytes + size);
    return at;
  };
  const bias = take(outChannels * 4);
  const filters = take(kept?.ready ? 0 : outChannels * channels * taps * taps * 4 + 64);
  const transformed = plan.byTiles && !kept;
  const panels = take(transformed ? panelBytes(conv) : 0);
  const source = take(plan.images * channels * conv.height * conv.width * 4 + 64);
  const out = take(plan.images * outChannels * conv.outHeight * conv.outWidth * 4);
  const blocks = Math.ceil((plan.images * jobs.tileRows(conv)) / plan.blockRows);
  const sourceBlocks = take(
    plan.byTiles ? 0 : blocks * jobs.blockBytes(taps, channels, plan.tiles),
  );
  const base = reserve(engine, bytes);
  return {
    ...{ job: base, bias: base + bias, filters: base + filters },
    panels: kept?.address ?? (transformed ? base + panels : 0),
    ...{ source: base + source, out: base + out, sourceBlocks: base + sourceBlocks },
  };
};

/** Copies one group of images between an array and staged memory, which is dense. */
export function moveImages(
  engine: Engine,
  memory: number,
  array: Float32Array,
  offset: number,
  image: number,
  count: number,
  images: number,
  write: boolean,
): void {
  const dense = image === count;
  const length = dense ? count * images : count;
  for (let n = 0; n < (dense ? 1 : images); n++) {
    const at = (memory >> 2) + n * length;
    if (write) copyOut(engine, at, array, offset + n * image, length);
    else copyIn(engine, at, array, offset + n * image, length);
  }
}

/** About how many multiply-adds Winograd's method needs. */
export const winogradCost = (conv: jobs.WinogradSizes): number =>
  conv.batch *
  jobs.tileRows(conv) *
  jobs.tileColumns(conv) *
  conv.channels *
  conv.outChannels *
  jobs.lineSize(conv.taps) ** 2;

/** out[n, o] = bias[o] + sum over c of source[n, c] correlated with filters[o, c]. */
export function winogradConv(conv: WinogradConv): void {
  const { channels, outChannels, taps } = conv;
  const engine = engineFor(winogradCost(conv));
  const plan = planWinograd(conv, threadsOf(engine)) as Plan;
  const kept = keptFilters(engine, conv, plan);
  const memory = layOut(engine, conv, plan, kept);
  const count = outChannels * channels * taps * taps;
  const filters = memory.filters >> 2;
  if (!kept?.ready) copyIn(engine, filters, conv.filters, conv.filtersOffset, count);
  if (conv.bias) copyIn(engine, memory.bias >> 2, conv.bias, conv.biasOffset, outChannels);
  const inSize = channels * conv.height * conv.width;
  const outSize = outChannels * conv.outHeight * conv.outWidth;
  const sizes = { ...conv, ...plan, ...memory, bias: conv.bias ? memory.bias : 0 };
  for (let n = 0; n < conv.batch; n += plan.images) {
    const images = Math.min(plan.images, conv.batch - n);
    const from = conv.sourceOffset + n * conv.sourceImage;
    const [source, sourceImage] = [conv.source, conv.sourceImage];
    moveImages(engine, memory.source, source, from, sourceImage, inSize, images, false);
    const transformed = kept?.ready ?? false;
    jobs.writeJob(engine, memory.job >> 2, { ...sizes, images, transformed });
    const blocks = Math.ceil((images * jobs.tileRows(conv)) / plan.blockRows);
    if (plan.byTiles) {
      const panels = n === 0 && !transformed ? Math.ceil(outChannels / 8) : 0;
      parallel(engine, "winogradFilters", panels, [memory.job]);
      parallel(engine, "winogradTiles", blocks, [memory.job]);
    } else {
      const parts = Math.ceil(channels / plan.channelBlock);
      parallel(engine, "winogradSource", blocks * parts, [memory.job]);
      const tasks = Math.ceil(outChannels / plan.outBlock);
      parallel(engine, "winogradChannels", tasks, [memory.job]);
    }
    if (kept) kept.ready = true;
    const to = conv.outOffset + n * conv.outImage;
    moveImages(engine, memory.out, conv.out, to, conv.outImage, outSize, images, true);
  }
}
