// Winograd convolution with stride 1, forward: kernels that compute one task each, of a job (winograd-job.ts) that is cut
// into blocks of tiles or, where the transformed kernels are large, into blocks of output channels.
import { MATMUL_ROWS, madd, scratch } from "./common";
import { packPanels } from "./pack";
import { Job, TILE_BYTES, blockBytes, oddLines, quads, sliceBytes, stageBytes, tilesOf } from "./winograd-job";
import { filterLine } from "./winograd-lines";
import { transformOutput, transformSource } from "./winograd-tiles";

@inline
function put(to: usize, value: v128, accumulate: bool): void {
  v128.store(to, accumulate ? f32x4.add(v128.load(to), value) : value);
}

/** Six tiles by eight output channels: out[o / 4][tile] (+)= sum over channels of a[channel / 4][tile] b[channel][o]. */
function product6(a: usize, step: usize, count: i32, b: usize, to: usize, accumulate: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  const end = b + ((<usize>count) << 7);
  while (b < end) {
    for (let i: usize = 0; i < 16; i += 4) {
      const at = a + i;
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(at);
      c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
      x = v128.load32_splat(at, 16);
      c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
      x = v128.load32_splat(at, 32);
      c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
      x = v128.load32_splat(at, 48);
      c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
      x = v128.load32_splat(at, 64);
      c40 = madd(x, b0, c40); c41 = madd(x, b1, c41);
      x = v128.load32_splat(at, 80);
      c50 = madd(x, b0, c50); c51 = madd(x, b1, c51);
      b += 32;
    }
    a += step;
  }
  const upper = to + step;
  put(to, c00, accumulate); put(upper, c01, accumulate);
  put(to + 16, c10, accumulate); put(upper + 16, c11, accumulate);
  put(to + 32, c20, accumulate); put(upper + 32, c21, accumulate);
  put(to + 48, c30, accumulate); put(upper + 48, c31, accumulate);
  put(to + 64, c40, accumulate); put(upper + 64, c41, accumulate);
  put(to + 80, c50, accumulate); put(upper + 80, c51, accumulate);
}

/** The same for four tiles. */
function product4(a: usize, step: usize, count: i32, b: usize, to: usize, accumulate: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const end = b + ((<usize>count) << 7);
  while (b < end) {
    for (let i: usize = 0; i < 16; i += 4) {
      const at = a + i;
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(at);
      c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
      x = v128.load32_splat(at, 16);
      c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
      x = v128.load32_splat(at, 32);
      c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
      x = v128.load32_splat(at, 48);
      c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
      b += 32;
    }
    a += step;
  }
  const upper = to + step;
  put(to, c00, accumulate); put(upper, c01, accumulate);
  put(to + 16, c10, accumulate); put(upper + 16, c11, accumulate);
  put(to + 32, c20, accumulate); put(upper + 32, c21, accumulate);
  put(to + 48, c30, accumulate); put(upper + 48, c31, accumulate);
}

/**
 * products[slice][o / 4][tile] (+)= a[slice][channel / 4][tile] b[slice][panel][channel][o % 8], for `panels` panels of 8 output
 * channels and `count` groups of 4 channels. Up to five tiles beyond the last are computed as well.
 */
function multiply(
  job: Job, a: usize, aSlice: usize, tiles: i32, b: usize, bSlice: usize, bPanel: usize, panels: i32, count: i32,
  products: usize, productSlice: usize, accumulate: bool,
): void {
  const step = (<usize>job.tiles) << 4;
  for (let slice = 0; slice < job.size * job.size; slice++) {
    for (let panel = 0; panel < panels; panel++) {
      const from = b + bPanel * panel;
      let to = products + step * (panel * 2);
      let at = a;
      let left = tiles;
      while (left > 0) {
        if (MATMUL_ROWS == 6 && (left > 8 || left == 5 || left == 6)) {
          product6(at, step, count, from, to, accumulate);
          left -= 6;
          at += 96;
          to += 96;
        } else {
          product4(at, step, count, from, to, accumulate);
          left -= 4;
          at += 64;
          to += 64;
        }
      }
    }
    a += aSlice;
    b += bSlice;
    products += productSlice;
  }
}

/** Bytes of one slice of `panels` panels of transformed kernels. */
@inline
function filterSlice(panels: i32, count: i32): usize {
  return oddLines((<usize>(panels * count)) << 7);
}

/** Kernels packed at a time. */
const PACKED: i32 = 16;

/**
 * Transforms the kernels of output channels [o, o + 8) for `count` groups of 4 channels from `channel` on, to
 * to[slice][channel][8]; zeros where there is no such channel. `packed` is free for use.
 */
function transformFilters(job: Job, o: i32, channel: i32, count: i32, to: usize, slice: usize, packed: usize): void {
  const taps = job.taps * job.taps;
  const rows = min(8, job.outChannels - o);
  const half = scratch;
  const size = job.size;
  const tapBytes = (<usize>job.taps) << 5;
  const lineBytes = (<usize>job.taps) << 4;
  const end = channel + count * 4;
  for (let c = channel; c < end; c += PACKED) {
    const many = min(min(PACKED, end - c), max(0, job.channels - c));
    if (!job.flipped) {
      const from = <usize>job.filters + ((<usize>((o * job.channels + c) * taps)) << 2);
      if (many > 0) packPanels(packed, from, job.channels * taps, 1, rows, many * taps, 8);
    } else {
      for (let i = 0; i < many; i++) {
        const from = <usize>job.filters + ((<usize>(((c + i) * job.outChannels + o) * taps)) << 2);
        packPanels(packed + ((<usize>(i * taps)) << 5), from, taps, 1, rows, taps, 8);
      }
    }
    for (let i = 0; i < min(PACKED, end - c); i++) {
      const kernel = packed + ((<usize>(i * taps)) << 5);
      const target = to + ((<usize>(c - channel + i)) << 5);
      for (let lane: usize = 0; lane < 32; lane += 16) {
        if (i >= many) {
          for (let s = 0; s < size * size; s++) v128.store(target + lane + slice * s, f32x4.splat(0));
          continue;
        }
        // Turned by 180 degrees, a kernel is read from its last position backwards.
        const last = kernel + (job.flipped ? (<usize>(taps - 1)) << 5 : 0) + lane;
        const tap: usize = job.flipped ? 0 - <usize>32 : 32;
        const row: usize = job.flipped ? 0 - tapBytes : tapBytes;
        for (let j = 0; j < job.taps; j++) {
          filterLine(size, last + tap * j, row, half + ((<usize>j) << 4), lineBytes);
        }
        for (let s = 0; s < size; s++) {
          filterLine(size, half + lineBytes * s, 16, target + lane + slice * (s * size), slice);
        }
      }
    }
  }
}

/** Transforms one panel of 8 output channels' kernels to `job.panels`. */
export function winogradFilters(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const count = quads(job.channels);
  const slice = filterSlice((job.outChannels + 7) >> 3, count);
  const to = <usize>job.panels + ((<usize>(task * count)) << 7);
  transformFilters(job, task * 8, 0, count, to, slice, scratch + TILE_BYTES);
}

/** One block of tiles, all output channels, with the kernels of `job.panels`. */
export function winogradTiles(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const count = quads(job.channels);
  const panels = (job.outChannels + 7) >> 3;
  const source = scratch + TILE_BYTES + stageBytes(job);
  const products = source + blockBytes(job, job.channels);
  transformSource(job, task, source, 0, job.channels);
  const bPanel = (<usize>count) << 7;
  const bSlice = filterSlice(panels, count);
  const aSlice = sliceBytes(job, job.channels);
  const productSlice = sliceBytes(job, job.outBlock);
  const tiles = tilesOf(job, task);
  for (let o = 0; o < job.outChannels; o += job.outBlock) {
    const channels = min(job.outBlock, job.outChannels - o);
    const b = <usize>job.panels + bPanel * (o >> 3);
    const many = (channels + 7) >> 3;
    multiply(job, source, aSlice, tiles, b, bSlice, bPanel, many, count, products, productSlice, false);
    transformOutput(job, task, products, productSlice, o, channels);
  }
}

/** Transforms one block of the source, `channelBlock` channels of it, to `job.sourceBlocks`. */
export function winogradSource(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const parts = (job.channels + job.channelBlock - 1) / job.channelBlock;
  const block = task / parts;
  const channel = (task % parts) * job.channelBlock;
  const stop = min(channel + job.channelBlock, job.channels);
  transformSource(job, block, <usize>job.sourceBlocks + blockBytes(job, job.channels) * block, channel, stop);
}

/**
 * One block of output channels, all tiles of `job.sourceBlocks`. Kernels are transformed on the way: to scratch memory, or to
 * `job.panels`, block after block in the order in which they are used, where they may be `transformed` already.
 */
export function winogradChannels(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const o = task * job.outBlock;
  const channels = min(job.outBlock, job.outChannels - o);
  const panels = (channels + 7) >> 3;
  const most = quads(min(job.channelBlock, job.channels));
  const bSlice = filterSlice(panels, most);
  const bPanel = (<usize>most) << 7;
  const filterBytes = filterSlice(job.outBlock >> 3, most) * (job.size * job.size);
  const parts = (job.channels + job.channelBlock - 1) / job.channelBlock;
  const kept = job.panels != 0;
  let filters = kept ? <usize>job.panels + filterBytes * (task * parts) : scratch + TILE_BYTES;
  const packed = scratch + TILE_BYTES + (kept ? 0 : filterBytes);
  const products = packed + ((<usize>(PACKED * job.taps * job.taps)) << 5);
  const productSlice = sliceBytes(job, job.outBlock);
  const productBytes = blockBytes(job, job.outBlock);
  const aSlice = sliceBytes(job, job.channels);
  const blocks = (job.images * job.tileRows + job.blockRows - 1) / job.blockRows;
  for (let c = 0; c < job.channels; c += job.channelBlock) {
    const count = quads(min(job.channelBlock, job.channels - c));
    for (let panel = 0; panel < panels && !job.transformed; panel++) {
      transformFilters(job, o + panel * 8, c, count, filters + bPanel * panel, bSlice, packed);
    }
    for (let block = 0; block < blocks; block++) {
      const a = <usize>job.sourceBlocks + blockBytes(job, job.channels) * block + ((<usize>((c >> 2) * job.tiles)) << 4);
      multiply(
        job, a, aSlice, tilesOf(job, block), filters, bSlice, bPanel, panels, count,
        products + productBytes * block, productSlice, c > 0,
      );
    }
    if (kept) filters += filterBytes;
  }
  for (let block = 0; block < blocks; block++) {
    transformOutput(job, block, products + productBytes * block, productSlice, o, channels);
  }
}
