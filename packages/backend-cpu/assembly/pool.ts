// Max and average pooling over staged planes. A call handles output rows [outRow, outRow + outRows) of each plane; the staged
// part of a plane starts at input row `inRow` and is `stagedRows` long. Windows of 2x2 with stride 2 take vector paths.
import { splat } from "./common";

@inline
function evens(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 2, 4, 6);
}

@inline
function odds(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 1, 3, 5, 7);
}

/** Where the window's candidate replaces the best so far: larger, or NaN. */
@inline
function wins(value: v128, best: v128): v128 {
  return v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
}

/** Four neighbouring 2x2 windows: returns the maxima, stores the positions of the winners. */
@inline
function max2x2(top: usize, bottom: usize, index: v128, width: i32, toIndex: usize): v128 {
  const t0 = v128.load(top), t1 = v128.load(top, 16);
  const b0 = v128.load(bottom), b1 = v128.load(bottom, 16);
  let best = evens(t0, t1);
  let at = index;
  // A NaN in the first place stays: nothing is larger.
  let value = odds(t0, t1);
  let mask = wins(value, best);
  best = v128.bitselect(value, best, mask);
  at = v128.bitselect(i32x4.add(index, i32x4.splat(1)), at, mask);
  value = evens(b0, b1);
  mask = wins(value, best);
  best = v128.bitselect(value, best, mask);
  at = v128.bitselect(i32x4.add(index, i32x4.splat(width)), at, mask);
  value = odds(b0, b1);
  mask = wins(value, best);
  best = v128.bitselect(value, best, mask);
  at = v128.bitselect(i32x4.add(index, i32x4.splat(width + 1)), at, mask);
  v128.store(toIndex, at);
  return best;
}

/**
 * to[plane][y][x] = the maximum of the window, toIndex the position (row * width + column of the whole plane) of the winner:
 * the first of equals, the last NaN, as in PyTorch.
 */
export function maxPool(
  to: usize, toIndex: usize, from: usize, planes: i32, height: i32, width: i32, stagedRows: i32, inRow: i32,
  outRow: i32, outRows: i32, outWidth: i32,
  kernelH: i32, kernelW: i32, strideH: i32, strideW: i32, padH: i32, padW: i32, dilationH: i32, dilationW: i32,
): void {
  const rowBytes = (<usize>width) << 2;
  const plain = kernelH == 2 && kernelW == 2 && strideH == 2 && strideW == 2 && padH == 0 && padW == 0 &&
    dilationH == 1 && dilationW == 1;
  // Four neighbouring windows within the row at once; the staged area has room for a vector behind its end.
  const vectors = dilationW == 1 && (strideW == 1 || strideW == 2);
  const start = i32x4(0, 2, 4, 6);
  for (let plane = 0; plane < planes; plane++) {
    for (let y = outRow; y < outRow + outRows; y++) {
      let x = 0;
      const h0 = y * strideH - padH;
      if (plain && h0 + 1 < height) {
        const top = from + rowBytes * (h0 - inRow);
        for (; x + 4 <= outWidth && 2 * x + 8 <= width; x += 4) {
          const at = top + ((<usize>x) << 3);
          const index = i32x4.add(start, i32x4.splat(h0 * width + 2 * x));
          v128.store(to, max2x2(at, at + rowBytes, index, width, toIndex));
          to += 16;
          toIndex += 16;
        }
      }
      // Taps before the plane's first row are skipped in whole dilation steps.
      const firstH = h0 < 0 ? h0 + ((dilationH - 1 - h0) / dilationH) * dilationH : h0;
      const endH = min(height, h0 + (kernelH - 1) * dilationH + 1);
      for (; x < outWidth; x++) {
        const w0 = x * strideW - padW;
        if (vectors && w0 >= 0 && x + 4 <= outWidth && w0 + 3 * strideW + kernelW <= width) {
          const lanes = strideW == 2 ? start : i32x4(0, 1, 2, 3);
          let best = splat(-Infinity);
          let index = i32x4.add(lanes, i32x4.splat(firstH * width + w0));
          for (let h = firstH; h < endH; h += dilationH) {
            let at = from + rowBytes * (h - inRow) + ((<usize>w0) << 2);
            let place = i32x4.add(lanes, i32x4.splat(h * width + w0));
            for (let w = 0; w < kernelW; w++) {
              const value = strideW == 2 ? evens(v128.load(at), v128.load(at, 16)) : v128.load(at);
              const mask = wins(value, best);
              best = v128.bitselect(value, best, mask);
              index = v128.bitselect(place, index, mask);
              place = i32x4.add(place, i32x4.splat(1));
              at += 4;
            }
          }
          v128.store(to, best);
          v128.store(toIndex, index);
          to += 16;
          toIndex += 16;
          x += 3;
          continue;
        }
        const firstW = w0 < 0 ? w0 + ((dilationW - 1 - w0) / dilationW) * dilationW : w0;
        const endW = min(width, w0 + (kernelW - 1) * dilationW + 1);
        let best: f32 = -Infinity;
        let index = firstH * width + firstW;
        for (let h = firstH; h < endH; h += dilationH) {
          const row = from + rowBytes * (h - inRow);
          for (let w = firstW; w < endW; w += dilationW) {
            const value = load<f32>(row + ((<usize>w) << 2));
            const won = i32(value > best) | i32(value != value);
            best = select<f32>(value, best, won);
            index = select<i32>(h * width + w, index, won);
          }
        }
        store<f32>(to, best);
        store<i32>(toIndex, index);
        to += 4;
        toIndex += 4;
      }
    }
    from += rowBytes * stagedRows;
  }
}

/** What a window's sum is divided by. `countPad`: padding counts; `divisor`: used instead where not 0. */
@inline
function poolDivisor(withPad: i32, inside: i32, countPad: i32, divisor: i32): f32 {
  if (divisor != 0) return <f32>divisor;
  return <f32>(countPad != 0 ? withPad : inside);
}

/** to[plane][y][x] = the window's sum / its divisor; a window that lies outside gives 0. */
export function averagePool(
  to: usize, from: usize, planes: i32, height: i32, width: i32, stagedRows: i32, inRow: i32,
  outRow: i32, outRows: i32, outWidth: i32,
  kernelH: i32, kernelW: i32, strideH: i32, strideW: i32, padH: i32, padW: i32, countPad: i32, divisor: i32,
): void {
  const rowBytes = (<usize>width) << 2;
  const plain = kernelH == 2 && kernelW == 2 && strideH == 2 && strideW == 2 && padH == 0 && padW == 0;
  const quarter = splat(1 / poolDivisor(4, 4, countPad, divisor));
  const exact = divisor == 0 || (divisor & (divisor - 1)) == 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let y = outRow; y < outRow + outRows; y++) {
      let x = 0;
      const h0 = y * strideH - padH;
      const h1 = min(h0 + kernelH, height + padH);
      const firstH = max(h0, 0);
      const endH = min(h1, height);
      if (plain && exact && h0 + 1 < height) {
        const top = from + rowBytes * (h0 - inRow);
        for (; x + 4 <= outWidth && 2 * x + 8 <= width; x += 4) {
          const at = top + ((<usize>x) << 3);
          const t0 = v128.load(at), t1 = v128.load(at, 16);
          const b0 = v128.load(at + rowBytes), b1 = v128.load(at + rowBytes, 16);
          const sum = f32x4.add(
            f32x4.add(f32x4.add(evens(t0, t1), odds(t0, t1)), evens(b0, b1)),
            odds(b0, b1),
          );
          v128.store(to, f32x4.mul(sum, quarter));
          to += 16;
        }
      }
      for (; x < outWidth; x++) {
        const w0 = x * strideW - padW;
        const w1 = min(w0 + kernelW, width + padW);
        const firstW = max(w0, 0);
        const endW = min(w1, width);
        let sum: f32 = 0;
        if (firstH < endH && firstW < endW) {
          for (let h = firstH; h < endH; h++) {
            let at = from + rowBytes * (h - inRow) + ((<usize>firstW) << 2);
            for (let w = firstW; w < endW; w++) {
              sum += load<f32>(at);
              at += 4;
            }
          }
          sum /= poolDivisor((h1 - h0) * (w1 - w0), (endH - firstH) * (endW - firstW), countPad, divisor);
        }
        store<f32>(to, sum);
        to += 4;
      }
    }
    from += rowBytes * stagedRows;
  }
}

/**
 * The gradient of averagePool: each window's gradient / divisor is added to all its inputs. `to` holds zeros, or what earlier
 * calls added: the staged rows of each plane, from input row `inRow`.
 */
export function averagePoolGrad(
  to: usize, from: usize, planes: i32, height: i32, width: i32, stagedRows: i32, inRow: i32,
  outRow: i32, outRows: i32, outWidth: i32,
  kernelH: i32, kernelW: i32, strideH: i32, strideW: i32, padH: i32, padW: i32, countPad: i32, divisor: i32,
): void {
  const rowBytes = (<usize>width) << 2;
  for (let plane = 0; plane < planes; plane++) {
    for (let y = outRow; y < outRow + outRows; y++) {
      const h0 = y * strideH - padH;
      const h1 = min(h0 + kernelH, height + padH);
      const firstH = max(h0, 0);
      const endH = min(h1, height);
      for (let x = 0; x < outWidth; x++) {
        const w0 = x * strideW - padW;
        const w1 = min(w0 + kernelW, width + padW);
        const firstW = max(w0, 0);
        const endW = min(w1, width);
        const value = load<f32>(from);
        from += 4;
        if (firstH >= endH || firstW >= endW) continue;
        const share =
          value / poolDivisor((h1 - h0) * (w1 - w0), (endH - firstH) * (endW - firstW), countPad, divisor);
        for (let h = firstH; h < endH; h++) {
          let at = to + rowBytes * (h - inRow) + ((<usize>firstW) << 2);
          for (let w = firstW; w < endW; w++) {
            store<f32>(at, load<f32>(at) + share);
            at += 4;
          }
        }
      }
    }
    to += rowBytes * stagedRows;
  }
}

/**
 * The gradient of maxPool: to = 0, then to[plane][index] += the gradient of each window at the index of its winner. An index
 * outside the plane is left out. Returns the position of the first such index, or -1.
 */
export function maxPoolGrad(to: usize, from: usize, indices: usize, planes: i32, inPlane: i32, outPlane: i32): i32 {
  const planeBytes = (<usize>inPlane) << 2;
  const first = indices;
  let bad = -1;
  for (let plane = 0; plane < planes; plane++) {
    const end = to + planeBytes;
    let at = to;
    for (; at + 16 <= end; at += 16) v128.store(at, splat(0));
    for (; at < end; at += 4) store<f32>(at, 0);
    for (const stop = indices + ((<usize>outPlane) << 2); indices < stop; indices += 4) {
      const index = load<u32>(indices);
      if (index < <u32>inPlane) {
        const place = to + ((<usize>index) << 2);
        store<f32>(place, load<f32>(place) + load<f32>(from));
      } else if (bad < 0) bad = <i32>((indices - first) >> 2);
      from += 4;
    }
    to = end;
  }
  return bad;
}
