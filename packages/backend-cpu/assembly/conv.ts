// Convolution over up to three dims as products of packed matrices. The unfolded source, rows (channel, tap) by output
// positions, exists for a few rows and positions at a time only: in panels of 8 positions, read from the padded source.
import { MATMUL_ROWS, madd, scratch } from "./common";
import { Job, copyFloats, outPlane, padPlane, windowStart } from "./conv-job";
import { packPanels, transpose } from "./pack";

const TILE_BYTES: usize = 6 * 8 * 4;

/** One plane of the source, `task`, with its padding. */
export function convPad(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  padPlane(job, task, <usize>job.source + ((<usize>(job.fullPlane * task)) << 2));
}

/** Four positions of `count` rows from row (channel, tap) on, 32 bytes apart. `p0` to `p3`: where the windows start. */
function packFour(
  job: Job, to: usize, channel: usize, tap: i32, count: i32, p0: usize, p1: usize, p2: usize, p3: usize,
): void {
  const plane = (<usize>job.fullPlane) << 2;
  const taps = job.taps;
  const offsets = <usize>job.tapOffsets;
  const run = p3 - p0;
  const kind = p1 - p0 == 4 && p2 - p0 == 8 && run == 12 ? 1 : p1 - p0 == 8 && p2 - p0 == 16 && run == 24 ? 2 : 0;
  while (count > 0) {
    const many = min(count, taps - tap);
    let at = offsets + ((<usize>tap) << 2);
    const end = at + ((<usize>many) << 2);
    const from = channel + p0;
    if (kind == 1) {
      for (; at < end; at += 4) {
        v128.store(to, v128.load(from + <usize>load<u32>(at)));
        to += 32;
      }
    } else if (kind == 2) {
      for (; at < end; at += 4) {
        const source = from + <usize>load<u32>(at);
        v128.store(to, v128.shuffle<f32>(v128.load(source), v128.load(source, 12), 0, 2, 5, 7));
        to += 32;
      }
    } else {
      for (; at < end; at += 4) {
        const source = channel + <usize>load<u32>(at);
        let v = v128.load32_zero(source + p0);
        v = v128.load32_lane(source + p1, v, 1);
        v = v128.load32_lane(source + p2, v, 2);
        v128.store(to, v128.load32_lane(source + p3, v, 3));
        to += 32;
      }
    }
    count -= many;
    tap = 0;
    channel += plane;
  }
}

/**
 * The unfolded source: rows [row, row + rows) of output positions [first, first + count), in panels to[position / 8][row][8].
 * Positions after the last repeat it. `source` is the first channel of the image's group.
 */
function packPositions(job: Job, source: usize, first: i32, count: i32, row: i32, rows: i32, to: usize): void {
  const channel = source + ((<usize>(job.fullPlane * (row / job.taps))) << 2);
  const tap = row % job.taps;
  const last = first + count - 1;
  const step = (<usize>job.strideWidth) << 2;
  for (let panel = 0; panel < count; panel += 8) {
    for (let half = 0; half < 2; half++) {
      const p = first + panel + half * 4;
      const p0 = windowStart(job, min(p, last));
      let p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
      if (p + 3 > last || (p % job.outWidth) + 3 >= job.outWidth) {
        p1 = windowStart(job, min(p + 1, last));
        p2 = windowStart(job, min(p + 2, last));
        p3 = windowStart(job, min(p + 3, last));
      }
      packFour(job, to + ((<usize>half) << 4), channel, tap, rows, p0, p1, p2, p3);
    }
    to += (<usize>rows) << 5;
  }
}

/** One row of a tile: the product, plus what was there or, at first, the start value. */
@inline
function put(to: usize, low: v128, high: v128, first: bool, start: usize): void {
  const value = v128.load32_splat(start);
  v128.store(to, f32x4.add(low, first ? value : v128.load(to)));
  v128.store(to, f32x4.add(high, first ? value : v128.load(to, 16)), 16);
}

/** to[6 or 4][8] = start[row] + A panel * B panel, or += A panel * B panel. */
function tile(a: usize, b: usize, k: i32, to: usize, rowBytes: usize, first: bool, start: usize): void {
  const to1 = to + rowBytes;
  const to2 = to1 + rowBytes;
  const to3 = to2 + rowBytes;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const end = b + ((<usize>k) << 5);
  if (MATMUL_ROWS == 6) {
    let c40 = f32x4.splat(0), c41 = c40, c50 = c40, c51 = c40;
    while (b < end) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
      x = v128.load32_splat(a, 4);
      c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
      x = v128.load32_splat(a, 8);
      c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
      x = v128.load32_splat(a, 12);
      c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
      x = v128.load32_splat(a, 16);
      c40 = madd(x, b0, c40); c41 = madd(x, b1, c41);
      x = v128.load32_splat(a, 20);
      c50 = madd(x, b0, c50); c51 = madd(x, b1, c51);
      a += 24;
      b += 32;
    }
    put(to3 + rowBytes, c40, c41, first, start + 16);
    put(to3 + rowBytes * 2, c50, c51, first, start + 20);
  } else {
    while (b < end) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
      x = v128.load32_splat(a, 4);
      c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
      x = v128.load32_splat(a, 8);
      c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
      x = v128.load32_splat(a, 12);
      c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
      a += 16;
      b += 32;
    }
  }
  put(to, c00, c01, first, start);
  put(to1, c10, c11, first, start + 4);
  put(to2, c20, c21, first, start + 8);
  put(to3, c30, c31, first, start + 12);
}

/** A tile that hangs over the edge: computed aside, its valid part stored. */
function edgeTile(
  a: usize, b: usize, k: i32, to: usize, rowBytes: usize, first: bool, start: usize, rows: i32, columns: i32,
): void {
  const edge = scratch;
  if (!first) {
    memory.fill(edge, 0, TILE_BYTES);
    for (let i = 0; i < rows; i++) {
      const at = to + rowBytes * i;
      for (let j: usize = 0; j < (<usize>columns) << 2; j += 4) {
        store<f32>(edge + ((<usize>i) << 5) + j, load<f32>(at + j));
      }
    }
  }
  tile(a, b, k, edge, 32, first, start);
  for (let i = 0; i < rows; i++) copyFloats(to + rowBytes * i, edge + ((<usize>i) << 5), columns);
}

/** to[m][n] = start + A B, or += A B: A in panels of `MATMUL_ROWS` rows, B in panels of 8 columns. */
function multiply(
  a: usize, b: usize, k: i32, to: usize, rowBytes: usize, m: i32, n: i32, first: bool, start: usize,
): void {
  const aPanel = (<usize>(k * MATMUL_ROWS)) << 2;
  const bPanel = (<usize>k) << 5;
  for (let i = 0; i < m; i += MATMUL_ROWS) {
    const rows = min(MATMUL_ROWS, m - i);
    let from = b;
    let at = to;
    for (let j = 0; j < n; j += 8) {
      const columns = min(8, n - j);
      if (rows == MATMUL_ROWS && columns == 8) tile(a, from, k, at, rowBytes, first, start);
      else edgeTile(a, from, k, at, rowBytes, first, start, rows, columns);
      from += bPanel;
      at += 32;
    }
    a += aPanel;
    to += rowBytes * MATMUL_ROWS;
    start += (<usize>MATMUL_ROWS) << 2;
  }
}

/** Rounded up to whole register tiles. */
@inline
function padded(rows: i32): i32 {
  return ((rows + MATMUL_ROWS - 1) / MATMUL_ROWS) * MATMUL_ROWS;
}

/** The padded source of one image and group. */
@inline
function sourceOf(job: Job, image: i32, group: i32): usize {
  return <usize>job.source + ((<usize>((image * job.groups + group) * job.channels * job.fullPlane)) << 2);
}

/** The output of one image and group. */
@inline
function outOf(job: Job, image: i32, group: i32): usize {
  return <usize>job.out + ((<usize>((image * job.groups + group) * job.outChannels * outPlane(job))) << 2);
}

/**
 * Forward: task = (image, group, band of positions). Weights are packed for each group as [block of rows][panel of output
 * channels][row][channel of the panel].
 */
export function convForward(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const plane = outPlane(job);
  const bands = (plane + job.positions - 1) / job.positions;
  const image = task / (bands * job.groups);
  const group = (task / bands) % job.groups;
  const first = (task % bands) * job.positions;
  const count = min(job.positions, plane - first);
  const source = sourceOf(job, image, group);
  const to = outOf(job, image, group) + ((<usize>first) << 2);
  const columns = scratch + 256;
  const depth = job.channels * job.taps;
  const m = padded(job.outChannels);
  const weights = <usize>job.weights + ((<usize>(group * depth * m)) << 2);
  const start = <usize>job.bias + ((<usize>(group * m)) << 2);
  for (let row = 0; row < depth; row += job.rows) {
    const rows = min(job.rows, depth - row);
    packPositions(job, source, first, count, row, rows, columns);
    const a = weights + ((<usize>(row * m)) << 2);
    multiply(a, columns, rows, to, (<usize>plane) << 2, job.outChannels, count, row == 0, start);
  }
}

/** Adds rows of the unfolded gradient, `step` floats apart, to the padded channels that they came from. */
function fold(job: Job, from: usize, step: i32, rows: i32, to: usize, first: i32, count: i32): void {
  const plane = (<usize>job.fullPlane) << 2;
  const stride = (<usize>job.strideWidth) << 2;
  for (let row = 0; row < rows; row++) {
    const target = to + plane * (row / job.taps) + <usize>load<u32>(<usize>job.tapOffsets + ((<usize>(row % job.taps)) << 2));
    let source = from + ((<usize>(row * step)) << 2);
    let position = first;
    while (position < first + count) {
      const run = min(job.outWidth - position % job.outWidth, first + count - position);
      let at = target + windowStart(job, position);
      let x = 0;
      if (stride == 4) {
        for (; x + 4 <= run; x += 4) {
          v128.store(at, f32x4.add(v128.load(at), v128.load(source)));
          at += 16;
          source += 16;
        }
      }
      for (; x < run; x++) {
        store<f32>(at, load<f32>(at) + load<f32>(source));
        at += stride;
        source += 4;
      }
      position += run;
    }
  }
}

/**
 * The input's gradient: task = (image, group, block of channels). Weights are packed for each group and block of channels as
 * [block of output channels][panel of rows (channel, tap)][output channel][row of the panel].
 */
export function convGradInput(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const plane = outPlane(job);
  const blocks = (job.channels + job.channelBlock - 1) / job.channelBlock;
  const image = task / (blocks * job.groups);
  const group = (task / blocks) % job.groups;
  const block = task % blocks;
  const channels = min(job.channelBlock, job.channels - block * job.channelBlock);
  const rows = channels * job.taps;
  const mBlock = padded(job.channelBlock * job.taps);
  const full = sourceOf(job, image, group) + ((<usize>(block * job.channelBlock * job.fullPlane)) << 2);
  const gradOut = outOf(job, image, group);
  const weights = <usize>job.weights + ((<usize>((group * blocks + block) * job.outChannels * mBlock)) << 2);
  const panels = scratch + 256;
  const columns = panels + ((<usize>(job.outBlock * job.positions)) << 2);
  // A single tap that steps by one over the whole plane: nothing overlaps.
  const direct = job.taps == 1 && job.fullPlane == plane && job.strideWidth * job.strideHeight * job.strideDepth == 1;
  if (!direct) memory.fill(full, 0, (<usize>(channels * job.fullPlane)) << 2);
  for (let first = 0; first < plane; first += job.positions) {
    const count = min(job.positions, plane - first);
    const to = direct ? full + ((<usize>first) << 2) : columns;
    const step = direct ? plane : job.positions;
    for (let o = 0; o < job.outChannels; o += job.outBlock) {
      const many = min(job.outBlock, job.outChannels - o);
      packPanels(panels, gradOut + ((<usize>(o * plane + first)) << 2), 1, plane, count, many, 8);
      const a = weights + ((<usize>(o * padded(rows))) << 2);
      multiply(a, panels, many, to, (<usize>step) << 2, rows, count, o == 0, <usize>job.bias);
    }
    if (!direct) fold(job, columns, step, rows, full, first, count);
  }
  if (<usize>job.raw == <usize>job.source) return;
  const first = (image * job.groups + group) * job.channels + block * job.channelBlock;
  const size = job.depth * job.height * job.width;
  let to = <usize>job.raw + ((<usize>(first * size)) << 2);
  for (let channel = 0; channel < channels; channel++) {
    const from = full + ((<usize>(channel * job.fullPlane)) << 2);
    for (let z = 0; z < job.depth; z++) {
      for (let y = 0; y < job.height; y++) {
        const line = ((z + job.padDepth) * job.fullHeight + y + job.padHeight) * job.fullWidth + job.padWidth;
        copyFloats(to, from + ((<usize>line) << 2), job.width);
        to += (<usize>job.width) << 2;
      }
    }
  }
}

/** to[6 or 4 rows][8] += sum over positions of a[position / 8][row][position % 8] b[position][8] */
function sumTile(a: usize, panelBytes: usize, b: usize, count: i32, to: usize, rowBytes: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  for (; count > 0; count -= 8) {
    let at = a;
    const end = a + ((<usize>min(8, count)) << 2);
    while (at < end) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(at);
      c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
      x = v128.load32_splat(at, 32);
      c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
      x = v128.load32_splat(at, 64);
      c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
      x = v128.load32_splat(at, 96);
      c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
      if (MATMUL_ROWS == 6) {
        x = v128.load32_splat(at, 128);
        c40 = madd(x, b0, c40); c41 = madd(x, b1, c41);
        x = v128.load32_splat(at, 160);
        c50 = madd(x, b0, c50); c51 = madd(x, b1, c51);
      }
      at += 4;
      b += 32;
    }
    a += panelBytes;
  }
  put(to, c00, c01, false, to);
  put(to + rowBytes, c10, c11, false, to);
  put(to + rowBytes * 2, c20, c21, false, to);
  put(to + rowBytes * 3, c30, c31, false, to);
  if (MATMUL_ROWS == 6) {
    put(to + rowBytes * 4, c40, c41, false, to);
    put(to + rowBytes * 5, c50, c51, false, to);
  }
}

/** The weight's gradient: task = (group, block of output channels, block of rows), summed over all images. */
export function convGradWeight(address: usize, task: i32): void {
  const job = changetype<Job>(address);
  const plane = outPlane(job);
  const depth = job.channels * job.taps;
  const rowBlocks = (depth + job.rows - 1) / job.rows;
  const outBlocks = (job.outChannels + job.outBlock - 1) / job.outBlock;
  const group = task / (rowBlocks * outBlocks);
  const o = ((task / rowBlocks) % outBlocks) * job.outBlock;
  const row = (task % rowBlocks) * job.rows;
  const rows = min(job.rows, depth - row);
  const channels = min(job.outBlock, job.outChannels - o);
  const wide = (channels + 7) & ~7;
  const sums = scratch + 256;
  const sumBytes = (<usize>(padded(rows) * wide)) << 2;
  const panels = sums + sumBytes;
  const columns = panels + ((<usize>(wide * job.positions)) << 2);
  memory.fill(sums, 0, sumBytes);
  for (let image = 0; image < job.images; image++) {
    const source = sourceOf(job, image, group);
    const gradOut = outOf(job, image, group) + ((<usize>(o * plane)) << 2);
    for (let first = 0; first < plane; first += job.positions) {
      const count = min(job.positions, plane - first);
      packPanels(panels, gradOut + ((<usize>first) << 2), plane, 1, channels, count, 8);
      packPositions(job, source, first, count, row, rows, columns);
      // A few rows stay in the first-level cache while the output's gradient streams by.
      for (let i = 0; i < rows; i += MATMUL_ROWS) {
        const a = columns + ((<usize>i) << 5);
        for (let j = 0; j < channels; j += 8) {
          const b = panels + ((<usize>(j * count)) << 2);
          const to = sums + ((<usize>(i * wide + j)) << 2);
          sumTile(a, (<usize>rows) << 5, b, count, to, (<usize>wide) << 2);
        }
      }
    }
  }
  const to = <usize>job.gradient + ((<usize>((group * job.outChannels + o) * depth + row)) << 2);
  if (job.first != 0) transpose(to, depth, sums, wide, rows, channels);
  else addTransposed(to, depth, sums, wide, rows, channels);
}

function addTransposed(to: usize, toStride: i32, from: usize, fromStride: i32, rows: i32, columns: i32): void {
  for (let row: i32 = 0; row < rows; row++) {
    for (let column: i32 = 0; column < columns; column++) {
      const at = to + ((<usize>(column * toStride + row)) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(from + ((<usize>(row * fromStride + column)) << 2)));
    }
  }
}
