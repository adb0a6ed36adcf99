// Between images and Winograd's transformed tiles. A transformed block of tiles is [size * size slices][channels / 4][tile]
// vectors of four channels, so that every slice is an operand of a matrix product over the channels.
import { scratch, storeLanes } from "./common";
import { Job, TILE_BYTES, quads, sliceBytes } from "./winograd-job";
import { gradientLine, inputLine, outputLine } from "./winograd-lines";

@inline
function zeroVectors(to: usize, end: usize): void {
  const zero = f32x4.splat(0);
  for (; to < end; to += 16) v128.store(to, zero);
}

/** One row of up to four channels to vectors of four. Channels that do not exist have no stride: `mask` hides them. */
@inline
function interleaveRow(to: usize, c0: usize, c1: usize, c2: usize, c3: usize, count: i32, mask: v128): void {
  let x = 0;
  for (; x + 4 <= count; x += 4) {
    const r0 = v128.load(c0), r1 = v128.load(c1), r2 = v128.load(c2), r3 = v128.load(c3);
    const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7), t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.and(mask, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5)));
    v128.store(to, v128.and(mask, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7)), 16);
    v128.store(to, v128.and(mask, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5)), 32);
    v128.store(to, v128.and(mask, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7)), 48);
    c0 += 16;
    c1 += 16;
    c2 += 16;
    c3 += 16;
    to += 64;
  }
  for (; x < count; x++) {
    let v = v128.load32_zero(c0);
    v = v128.load32_lane(c1, v, 1);
    v = v128.load32_lane(c2, v, 2);
    v = v128.load32_lane(c3, v, 3);
    v128.store(to, v128.and(mask, v));
    c0 += 4;
    c1 += 4;
    c2 += 4;
    c3 += 4;
    to += 16;
  }
}

/** to[row][column] = the four channels at (y + row, x + column) of the planes from `from` on, 0 outside of them. */
function interleave(
  to: usize, from: usize, channels: i32, height: i32, width: i32, y: i32, rows: i32, x: i32, columns: i32,
): void {
  const plane = (<usize>(height * width)) << 2;
  const c1 = channels > 1 ? plane : 0;
  const c2 = channels > 2 ? plane * 2 : 0;
  const c3 = channels > 3 ? plane * 3 : 0;
  const mask = i32x4(-1, channels > 1 ? -1 : 0, channels > 2 ? -1 : 0, channels > 3 ? -1 : 0);
  const first = min(columns, max(0, -x));
  const end = max(first, min(columns, width - x));
  for (let row = 0; row < rows; row++) {
    const stop = to + ((<usize>columns) << 4);
    if (y + row < 0 || y + row >= height) zeroVectors(to, stop);
    else {
      const start = to + ((<usize>first) << 4);
      const source = from + ((<usize>((y + row) * width + x + first)) << 2);
      zeroVectors(to, start);
      interleaveRow(start, source, source + c1, source + c2, source + c3, end - first, mask);
      zeroVectors(to + ((<usize>end) << 4), stop);
    }
    to = stop;
  }
}

/** Bᵀ d B of the tile at `from`, whose rows are `rowBytes` apart, to one vector in each slice. */
function inputTile6(from: usize, rowBytes: usize, to: usize, slice: usize): void {
  const half = scratch;
  for (let j: usize = 0; j < 96; j += 16) inputLine(6, from + j, rowBytes, half + j, 96);
  for (let i: usize = 0; i < 576; i += 96) {
    inputLine(6, half + i, 16, to, slice);
    to += slice * 6;
  }
}

function inputTile8(from: usize, rowBytes: usize, to: usize, slice: usize): void {
  const half = scratch;
  for (let j: usize = 0; j < 128; j += 16) inputLine(8, from + j, rowBytes, half + j, 128);
  for (let i: usize = 0; i < 1024; i += 128) {
    inputLine(8, half + i, 16, to, slice);
    to += slice * 8;
  }
}

/** A y Aᵀ of the 4 x 4 outputs at `from`. */
@inline
function gradientTile(size: i32, from: usize, rowBytes: usize, to: usize, slice: usize): void {
  const half = scratch;
  for (let j: usize = 0; j < 64; j += 16) gradientLine(size, from + j, rowBytes, half + j, 64);
  for (let i: usize = 0; i < <usize>size; i++) {
    gradientLine(size, half + (i << 6), 16, to, slice);
    to += slice * size;
  }
}

/** Transforms a row of tiles. */
function inputRow(size: i32, from: usize, rowBytes: usize, to: usize, slice: usize, tiles: i32): void {
  const end = to + ((<usize>tiles) << 4);
  for (; to < end; to += 16) {
    if (size == 6) inputTile6(from, rowBytes, to, slice);
    else inputTile8(from, rowBytes, to, slice);
    from += 64;
  }
}

function gradientRow(size: i32, from: usize, rowBytes: usize, to: usize, slice: usize, tiles: i32): void {
  const end = to + ((<usize>tiles) << 4);
  for (; to < end; to += 16) {
    if (size == 6) gradientTile(6, from, rowBytes, to, slice);
    else gradientTile(8, from, rowBytes, to, slice);
    from += 64;
  }
}

/** The tile rows of a block that lie in one image. */
@inline
function rowsTogether(job: Job, row: i32, end: i32): i32 {
  return min(job.tileRows - row % job.tileRows, end - row);
}

/** Transforms channels [channel, stop) of a block of the source; `channel` is a multiple of 4. */
export function transformSource(job: Job, block: i32, to: usize, channel: i32, stop: i32): void {
  const slice = sliceBytes(job, job.channels);
  const halo = job.size - 4;
  const columns = job.tileColumns * 4 + halo;
  const rowBytes = (<usize>columns) << 4;
  const stage = scratch + TILE_BYTES;
  const plane = job.height * job.width;
  let row = block * job.blockRows;
  const end = min(row + job.blockRows, job.images * job.tileRows);
  while (row < end) {
    const rows = rowsTogether(job, row, end);
    const first = <usize>job.source + ((<usize>((row / job.tileRows) * job.channels * plane)) << 2);
    const y = (row % job.tileRows) * 4 - job.top;
    for (let quad = channel >> 2; quad < quads(stop); quad++) {
      const from = first + ((<usize>(quad * 4 * plane)) << 2);
      const channels = job.channels - quad * 4;
      interleave(stage, from, channels, job.height, job.width, y, rows * 4 + halo, -job.left, columns);
      let at = to + ((<usize>(quad * job.tiles)) << 4);
      for (let r = 0; r < rows; r++) {
        inputRow(job.size, stage + rowBytes * (r * 4), rowBytes, at, slice, job.tileColumns);
        at += (<usize>job.tileColumns) << 4;
      }
    }
    to += (<usize>(rows * job.tileColumns)) << 4;
    row += rows;
  }
}

/** Transforms a block of the output's gradient, all channels. */
export function transformGradient(job: Job, block: i32, to: usize): void {
  const slice = sliceBytes(job, job.outChannels);
  const columns = job.tileColumns * 4;
  const rowBytes = (<usize>columns) << 4;
  const stage = scratch + TILE_BYTES;
  const plane = job.outHeight * job.outWidth;
  let row = block * job.blockRows;
  const end = min(row + job.blockRows, job.images * job.tileRows);
  while (row < end) {
    const rows = rowsTogether(job, row, end);
    const first = <usize>job.out + ((<usize>((row / job.tileRows) * job.outChannels * plane)) << 2);
    const y = (row % job.tileRows) * 4;
    for (let quad = 0; quad < quads(job.outChannels); quad++) {
      const from = first + ((<usize>(quad * 4 * plane)) << 2);
      const channels = job.outChannels - quad * 4;
      interleave(stage, from, channels, job.outHeight, job.outWidth, y, rows * 4, 0, columns);
      let at = to + ((<usize>(quad * job.tiles)) << 4);
      for (let r = 0; r < rows; r++) {
        gradientRow(job.size, stage + rowBytes * (r * 4), rowBytes, at, slice, job.tileColumns);
        at += (<usize>job.tileColumns) << 4;
      }
    }
    to += (<usize>(rows * job.tileColumns)) << 4;
    row += rows;
  }
}

/** Aᵀ m A of one tile, plus the bias, to `columns` x `rows` outputs of up to four channels. */
function outputTile(
  size: i32, from: usize, slice: usize, bias: v128, to: usize, rowBytes: usize, plane: usize,
  rows: i32, columns: i32, channels: i32,
): void {
  const half = scratch;
  const column = slice * size;
  const line = (<usize>size) << 4;
  if (size == 6) {
    for (let j: usize = 0; j < 96; j += 16) {
      outputLine(6, from, column, half + j, 96);
      from += slice;
    }
  } else {
    for (let j: usize = 0; j < 128; j += 16) {
      outputLine(8, from, column, half + j, 128);
      from += slice;
    }
  }
  for (let i = 0; i < rows; i++) {
    const at = half + line * i;
    outputLine(size, at, 16, at, 16);
    const r0 = f32x4.add(v128.load(at), bias), r1 = f32x4.add(v128.load(at, 16), bias);
    const r2 = f32x4.add(v128.load(at, 32), bias), r3 = f32x4.add(v128.load(at, 48), bias);
    const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7), t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    storeLanes(to, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5), columns);
    if (channels > 1) storeLanes(to + plane, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), columns);
    if (channels > 2) storeLanes(to + plane * 2, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), columns);
    if (channels > 3) storeLanes(to + plane * 3, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), columns);
    to += rowBytes;
  }
}

/** Transforms the products of a block back: output channels [channel, channel + channels). */
export function transformOutput(job: Job, block: i32, products: usize, slice: usize, channel: i32, channels: i32): void {
  const plane = job.outHeight * job.outWidth;
  const rowBytes = (<usize>job.outWidth) << 2;
  const endRow = min((block + 1) * job.blockRows, job.images * job.tileRows);
  for (let quad = 0; quad < quads(channels); quad++) {
    const first = channel + quad * 4;
    const count = min(4, channels - quad * 4);
    let bias = f32x4.splat(0);
    if (job.bias != 0) {
      const at = <usize>job.bias + ((<usize>first) << 2);
      bias = v128.load32_zero(at);
      if (count > 1) bias = v128.load32_lane(at, bias, 1, 4);
      if (count > 2) bias = v128.load32_lane(at, bias, 2, 8);
      if (count > 3) bias = v128.load32_lane(at, bias, 3, 12);
    }
    let from = products + ((<usize>(quad * job.tiles)) << 4);
    for (let row = block * job.blockRows; row < endRow; row++) {
      const image = row / job.tileRows;
      const y = (row - image * job.tileRows) * 4;
      let to = <usize>job.out + ((<usize>((image * job.outChannels + first) * plane + y * job.outWidth)) << 2);
      const rows = min(4, job.outHeight - y);
      for (let x = 0; x < job.outWidth; x += 4) {
        const columns = min(4, job.outWidth - x);
        outputTile(job.size, from, slice, bias, to, rowBytes, (<usize>plane) << 2, rows, columns, count);
        from += 16;
        to += 16;
      }
    }
  }
}
