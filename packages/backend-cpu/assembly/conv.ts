// Convolution without unfolding. An image is staged once with its padding; the value that output position (y, x) takes from
// row k = (channel, tap) of the unfolded matrix then lies at img + offsets[k] + y * rowBytes + 4 * x, so the register tiles
// read the image itself. Columns of a strided convolution are staged de-interleaved, which keeps x contiguous.
import { add, madd, storeLanes } from "./common";

/** Copies `bytes` (a multiple of 4) forward. */
// @ts-ignore: decorator
@inline
function copyFloats(to: usize, from: usize, bytes: usize): void {
  const end = from + bytes;
  while (from + 16 <= end) {
    v128.store(to, v128.load(from));
    from += 16;
    to += 16;
  }
  while (from < end) {
    store<f32>(to, load<f32>(from));
    from += 4;
    to += 4;
  }
}

// @ts-ignore: decorator
@inline
function zeroFloats(to: usize, end: usize): void {
  const zero = f32x4.splat(0);
  while (to + 16 <= end) {
    v128.store(to, zero);
    to += 16;
  }
  while (to < end) {
    store<f32>(to, 0);
    to += 4;
  }
}

/**
 * Staged image: to[channel][row][x % phases][x / phases] = from[channel][row - top][x - left], zero outside.
 * `top` and `left` may be negative (cropping); planes are counted in floats.
 */
export function padImage(
  to: usize, from: usize, channels: i32,
  fromRows: i32, fromColumns: i32, top: i32, left: i32,
  toRows: i32, phases: i32, phaseLength: i32, toPlane: i32,
): void {
  const columns = phases * phaseLength;
  const rowBytes = (<usize>columns) << 2;
  const firstX = max(0, left);
  const endX = max(firstX, min(columns, left + fromColumns));
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < toRows; row++) {
      const target = to + rowBytes * row;
      const end = target + rowBytes;
      const y = row - top;
      if (y < 0 || y >= fromRows || endX == firstX) {
        zeroFloats(target, end);
        continue;
      }
      let source = from + ((<usize>(y * fromColumns + firstX - left)) << 2);
      if (phases == 1) {
        const start = target + ((<usize>firstX) << 2);
        const stop = target + ((<usize>endX) << 2);
        zeroFloats(target, start);
        copyFloats(start, source, stop - start);
        zeroFloats(stop, end);
        continue;
      }
      zeroFloats(target, end);
      let phase = firstX % phases;
      let at = target + ((<usize>(phase * phaseLength + firstX / phases)) << 2);
      for (let x = firstX; x < endX; x++) {
        store<f32>(at, load<f32>(source));
        source += 4;
        at += (<usize>phaseLength) << 2;
        if (++phase == phases) {
          phase = 0;
          at = at - rowBytes + 4;
        }
      }
    }
    to += (<usize>toPlane) << 2;
    from += (<usize>(fromRows * fromColumns)) << 2;
  }
}

// @ts-ignore: decorator
@inline
function addLanes(to: usize, value: v128, count: i32): void {
  if (count > 0) storeLanes(to, f32x4.add(v128.load(to), value), count);
}

/** Four output channels by two vectors of output columns. `n0`, `n1`: how many columns of each vector exist. */
function convTile(
  a: usize, offsets: usize, k: i32,
  from0: usize, from1: usize, to0: usize, to1: usize, n0: i32, n1: i32, planeBytes: usize, channels: i32,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const end = offsets + ((<usize>k) << 2);
  while (offsets < end) {
    const at = <usize>load<u32>(offsets);
    const b0 = v128.load(from0 + at), b1 = v128.load(from1 + at);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
    a += 16;
    offsets += 4;
  }
  addLanes(to0, c00, n0); addLanes(to1, c01, n1);
  if (channels < 2) return;
  addLanes(to0 + planeBytes, c10, n0); addLanes(to1 + planeBytes, c11, n1);
  if (channels < 3) return;
  addLanes(to0 + planeBytes * 2, c20, n0); addLanes(to1 + planeBytes * 2, c21, n1);
  if (channels < 4) return;
  addLanes(to0 + planeBytes * 3, c30, n0); addLanes(to1 + planeBytes * 3, c31, n1);
}

/**
 * out[channel][y][x] += sum over k of A[channel][k] img[offsets[k] + y * rowBytes + 4 x].
 * A is packed in panels of 4 channels; `offsets` are bytes; `plane` is the distance of two output channels in floats.
 */
export function convBlock(
  a: usize, offsets: usize, k: i32, image: usize, rowBytes: i32,
  out: usize, plane: i32, channels: i32, rows: i32, columns: i32,
): void {
  const planeBytes = (<usize>plane) << 2;
  const panelBytes = (<usize>k) << 4;
  const rowVectors = (columns + 3) >> 2;
  const vectors = rows * rowVectors;
  let x = 0;
  let imageRow = image;
  let outRow = out;
  for (let v = 0; v < vectors; v += 2) {
    const from0 = imageRow + ((<usize>x) << 2);
    const to0 = outRow + ((<usize>x) << 2);
    const n0 = min(4, columns - x);
    x += 4;
    if (x >= columns) {
      x = 0;
      imageRow += rowBytes;
      outRow += (<usize>columns) << 2;
    }
    let from1 = from0, to1 = to0, n1 = 0;
    if (v + 1 < vectors) {
      from1 = imageRow + ((<usize>x) << 2);
      to1 = outRow + ((<usize>x) << 2);
      n1 = min(4, columns - x);
      x += 4;
      if (x >= columns) {
        x = 0;
        imageRow += rowBytes;
        outRow += (<usize>columns) << 2;
      }
    }
    let panel = a;
    for (let channel = 0; channel < channels; channel += 4) {
      const skip = planeBytes * channel;
      convTile(panel, offsets, k, from0, from1, to0 + skip, to1 + skip, n0, n1, planeBytes, channels - channel);
      panel += panelBytes;
    }
  }
}

/** Four rows k of the weight gradient by eight output channels, over all output positions. */
function convWeightTile(
  offsets: usize, image: usize, rowBytes: usize, grad: usize, to: usize, toRowBytes: usize, rows: i32, columns: i32,
): void {
  let i0 = image + <usize>load<u32>(offsets);
  let i1 = image + <usize>load<u32>(offsets, 4);
  let i2 = image + <usize>load<u32>(offsets, 8);
  let i3 = image + <usize>load<u32>(offsets, 12);
  const to1 = to + toRowBytes;
  const to2 = to1 + toRowBytes;
  const to3 = to2 + toRowBytes;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const skip = rowBytes - ((<usize>columns) << 2);
  for (let y = 0; y < rows; y++) {
    const end = grad + ((<usize>columns) << 5);
    while (grad < end) {
      const b0 = v128.load(grad), b1 = v128.load(grad, 16);
      let x = v128.load32_splat(i0);
      c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
      x = v128.load32_splat(i1);
      c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
      x = v128.load32_splat(i2);
      c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
      x = v128.load32_splat(i3);
      c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
      i0 += 4;
      i1 += 4;
      i2 += 4;
      i3 += 4;
      grad += 32;
    }
    i0 += skip;
    i1 += skip;
    i2 += skip;
    i3 += skip;
  }
  add(to, c00, c01);
  add(to1, c10, c11);
  add(to2, c20, c21);
  add(to3, c30, c31);
}

/**
 * out[k][channel] += sum over (y, x) of img[offsets[k] + y * rowBytes + 4 x] grad[channel][y][x].
 * `grad` is packed in panels of 8 channels; k (a multiple of 4, `offsets` padded with any valid ones) rows of `channels`
 * (a multiple of 8) floats.
 */
export function convWeightBlock(
  offsets: usize, k: i32, image: usize, rowBytes: i32, grad: usize, out: usize, channels: i32, rows: i32, columns: i32,
): void {
  const panelBytes = (<usize>(rows * columns)) << 5;
  const toRowBytes = (<usize>channels) << 2;
  for (let channel = 0; channel < channels; channel += 8) {
    let to = out + ((<usize>channel) << 2);
    let at = offsets;
    for (let row = 0; row < k; row += 4) {
      convWeightTile(at, image, rowBytes, grad, to, toRowBytes, rows, columns);
      at += 16;
      to += toRowBytes * 4;
    }
    grad += panelBytes;
  }
}
