// The weight's gradient of a convolution with stride 1 by Winograd's method, the transpose of the forward algorithm: the
// products of transformed images and transformed output gradients are summed over all tiles, then transformed back.
import { madd, scratch } from "./common";
import { Job, TILE_BYTES, blockBytes, quads, sliceBytes, tilesOf } from "./winograd-job";
import { filterGradientLine } from "./winograd-lines";
import { transformGradient, transformSource } from "./winograd-tiles";

/** out[4][8] (+)= sum over tiles of a[tile][4] [b0[tile][4], b1[tile][4]] */
function sumTile(a: usize, b0: usize, b1: usize, tiles: i32, to: usize, accumulate: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const end = a + ((<usize>tiles) << 4);
  while (a < end) {
    const v0 = v128.load(b0), v1 = v128.load(b1);
    let x = v128.load32_splat(a);
    c00 = madd(x, v0, c00); c01 = madd(x, v1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, v0, c10); c11 = madd(x, v1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, v0, c20); c21 = madd(x, v1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, v0, c30); c31 = madd(x, v1, c31);
    a += 16;
    b0 += 16;
    b1 += 16;
  }
  if (accumulate) {
    c00 = f32x4.add(c00, v128.load(to)); c01 = f32x4.add(c01, v128.load(to, 16));
    c10 = f32x4.add(c10, v128.load(to, 32)); c11 = f32x4.add(c11, v128.load(to, 48));
    c20 = f32x4.add(c20, v128.load(to, 64)); c21 = f32x4.add(c21, v128.load(to, 80));
    c30 = f32x4.add(c30, v128.load(to, 96)); c31 = f32x4.add(c31, v128.load(to, 112));
  }
  v128.store(to, c00); v128.store(to, c01, 16); v128.store(to, c10, 32); v128.store(to, c11, 48);
  v128.store(to, c20, 64); v128.store(to, c21, 80); v128.store(to, c30, 96); v128.store(to, c31, 112);
}

/** Bytes of a sum of 4 x 8 channels. */
const PAIR_BYTES: usize = 128;

/** Transforms one block of the source and of the output's gradient: tasks [0, blocks), then [blocks, 2 blocks). */
export function winogradOperands(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const blocks = (job.images * job.tileRows + job.blockRows - 1) / job.blockRows;
  if (task < blocks) transformSource(job, task, <usize>job.sourceBlocks + blockBytes(job, job.channels) * task);
  else {
    const block = task - blocks;
    transformGradient(job, block, <usize>job.gradientBlocks + blockBytes(job, job.outChannels) * block);
  }
}

/** Gᵀ u G of four rows of the weight's gradient, 4 lanes each, to to[row * rowStep + lane * laneStep][taps * taps]. */
function transformBack(
  job: Job, from: usize, slice: usize, rows: i32, lanes: i32, to: usize, rowStep: usize, laneStep: usize,
): void {
  const half = scratch;
  const size = job.size;
  const line = (<usize>size) << 4;
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < size; j++) {
      filterGradientLine(size, from + slice * j, slice * size, half + ((<usize>j) << 4), line);
    }
    let at = to;
    for (let i = 0; i < job.taps; i++) {
      const result = half + line * i;
      filterGradientLine(size, result, 16, result, 16);
      for (let j = 0; j < job.taps; j++) {
        const value = v128.load(result + ((<usize>j) << 4));
        store<f32>(at, f32x4.extract_lane(value, 0));
        if (lanes > 1) store<f32>(at + laneStep, f32x4.extract_lane(value, 1));
        if (lanes > 2) store<f32>(at + laneStep * 2, f32x4.extract_lane(value, 2));
        if (lanes > 3) store<f32>(at + laneStep * 3, f32x4.extract_lane(value, 3));
        at += 4;
      }
    }
    from += 32;
    to += rowStep;
  }
}

/**
 * `job.pairs` tiles of the weight's gradient, 4 rows by 8 columns of channels each: rows are output channels and columns
 * channels, or the other way round where there are at most four channels.
 */
export function winogradWeight(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const turned = job.channels <= 4;
  const rowQuads = quads(turned ? job.channels : job.outChannels);
  const columnQuads = quads(turned ? job.outChannels : job.channels);
  const across = (columnQuads + 1) >> 1;
  const first = task * job.pairs;
  const end = min(first + job.pairs, rowQuads * across);
  const rowSlice = sliceBytes(job, turned ? job.channels : job.outChannels);
  const columnSlice = sliceBytes(job, turned ? job.outChannels : job.channels);
  const rowBlock = blockBytes(job, turned ? job.channels : job.outChannels);
  const columnBlock = blockBytes(job, turned ? job.outChannels : job.channels);
  const rowBlocks = <usize>(turned ? job.sourceBlocks : job.gradientBlocks);
  const columnBlocks = <usize>(turned ? job.gradientBlocks : job.sourceBlocks);
  const step = (<usize>job.tiles) << 4;
  // Of a single round of images nothing is kept: the sums stay in scratch memory.
  const whole = job.first && job.last;
  const slice = PAIR_BYTES * job.pairs + 64;
  const squares = job.size * job.size;
  const sums = whole ? scratch + TILE_BYTES : <usize>job.sums + slice * squares * task;
  const blocks = (job.images * job.tileRows + job.blockRows - 1) / job.blockRows;
  for (let s = 0; s < squares; s++) {
    for (let block = 0; block < blocks; block++) {
      const a = rowBlocks + rowBlock * block + rowSlice * s;
      const b = columnBlocks + columnBlock * block + columnSlice * s;
      const tiles = tilesOf(job, block);
      const accumulate = block > 0 || !job.first;
      let to = sums + slice * s;
      for (let pair = first; pair < end; pair++) {
        const row = pair / across;
        const column = (pair - row * across) * 2;
        const b0 = b + step * column;
        // An odd number of groups of four: the last pair repeats its first, and the result is not used.
        const b1 = column + 1 < columnQuads ? b0 + step : b0;
        sumTile(a + step * row, b0, b1, tiles, to, accumulate);
        to += PAIR_BYTES;
      }
    }
  }
  if (!job.last) return;
  const taps = (<usize>(job.taps * job.taps)) << 2;
  const outStep = taps * job.channels;
  const rowStep = turned ? taps : outStep;
  const laneStep = turned ? outStep : taps;
  const rowCount = turned ? job.channels : job.outChannels;
  const laneCount = turned ? job.outChannels : job.channels;
  for (let pair = first; pair < end; pair++) {
    const row = (pair / across) * 4;
    const from = sums + PAIR_BYTES * (pair - first);
    for (let h = 0; h < 2; h++) {
      const lane = (pair % across) * 8 + h * 4;
      if (lane >= laneCount) break;
      const to = <usize>job.filterGradient + rowStep * row + laneStep * lane;
      const rows = min(4, rowCount - row);
      transformBack(job, from + (h << 4), slice, rows, laneCount - lane, to, rowStep, laneStep);
    }
  }
}
