// The weight's gradient of a convolution with stride 1 by Winograd's method, the transpose of the forward algorithm: the
// products of transformed images and transformed output gradients are summed over all tiles, then transformed back.
import { madd, scratch } from "./common";
import { Job, TILE_BYTES, blockBytes, quads, sliceBytes, tilesOf } from "./winograd-job";
import { filterGradientLine } from "./winograd-lines";
import { transformGradient, transformSource } from "./winograd-tiles";

/** Bytes of a sum of 4 x 4 channels: four rows of a vector. */
const QUAD_BYTES: usize = 64;

@inline
function put(to: usize, value: v128, accumulate: bool): void {
  v128.store(to, accumulate ? f32x4.add(value, v128.load(to)) : value);
}

/** out[2][4][4] (+)= sum over tiles of a[tile][4] b[tile][4] for two groups of four columns, `step` apart. */
function sumTile(a: usize, b0: usize, step: usize, tiles: i32, to: usize, accumulate: bool): void {
  let b1 = b0 + step;
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
  put(to, c00, accumulate); put(to + 16, c10, accumulate); put(to + 32, c20, accumulate); put(to + 48, c30, accumulate);
  // A single group is computed twice and stored once.
  if (step == 0) return;
  to += QUAD_BYTES;
  put(to, c01, accumulate); put(to + 16, c11, accumulate); put(to + 32, c21, accumulate); put(to + 48, c31, accumulate);
}

/** Transforms one block of the source and of the output's gradient: tasks [0, blocks), then [blocks, 2 blocks). */
export function winogradOperands(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const blocks = (job.images * job.tileRows + job.blockRows - 1) / job.blockRows;
  if (task < blocks) transformSource(job, task, <usize>job.sourceBlocks + blockBytes(job, job.channels) * task, 0, job.channels);
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
    from += 16;
    to += rowStep;
  }
}

/**
 * `job.squares` squares of the weight's gradient, 4 by 4 channels each: rows are output channels and columns channels, or the other
 * way round where there are at most four channels. Squares are counted along rows.
 */
export function winogradWeight(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const turned = job.channels <= 4;
  const rowQuads = quads(turned ? job.channels : job.outChannels);
  const columnQuads = quads(turned ? job.outChannels : job.channels);
  const first = task * job.squares;
  const end = min(first + job.squares, rowQuads * columnQuads);
  const rowSlice = sliceBytes(job, turned ? job.channels : job.outChannels);
  const columnSlice = sliceBytes(job, turned ? job.outChannels : job.channels);
  const rowBlock = blockBytes(job, turned ? job.channels : job.outChannels);
  const columnBlock = blockBytes(job, turned ? job.outChannels : job.channels);
  const rowBlocks = <usize>(turned ? job.sourceBlocks : job.gradientBlocks);
  const columnBlocks = <usize>(turned ? job.gradientBlocks : job.sourceBlocks);
  const step = (<usize>job.tiles) << 4;
  // Of a single round of images nothing is kept: the sums stay in scratch memory.
  const whole = job.first && job.last;
  const slice = QUAD_BYTES * job.squares + 64;
  const products = job.size * job.size;
  const sums = whole ? scratch + TILE_BYTES : <usize>job.sums + slice * products * task;
  const blocks = (job.images * job.tileRows + job.blockRows - 1) / job.blockRows;
  for (let s = 0; s < products; s++) {
    for (let block = 0; block < blocks; block++) {
      const a = rowBlocks + rowBlock * block + rowSlice * s;
      const b = columnBlocks + columnBlock * block + columnSlice * s;
      const tiles = tilesOf(job, block);
      const accumulate = block > 0 || !job.first;
      let to = sums + slice * s;
      let square = first;
      while (square < end) {
        const row = square / columnQuads;
        const column = square - row * columnQuads;
        const left = min(columnQuads - column, end - square);
        const from = b + step * column;
        const many = min(left, 2);
        sumTile(a + step * row, from, many == 2 ? step : 0, tiles, to, accumulate);
        to += QUAD_BYTES * many;
        square += many;
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
  for (let square = first; square < end; square++) {
    const row = (square / columnQuads) * 4;
    const lane = (square % columnQuads) * 4;
    const from = sums + QUAD_BYTES * (square - first);
    const to = <usize>job.filterGradient + rowStep * row + laneStep * lane;
    transformBack(job, from, slice, min(4, rowCount - row), laneCount - lane, to, rowStep, laneStep);
  }
}
