// Softmax and log-softmax over rows of contiguous floats, forward and backward. `to` may be the input.
import { loadLanes, maxLanes, splat, storeLanes, sumLanes } from "./common";
import { exp4, log4 } from "./math";

@inline
function rowMax(from: usize, columns: i32): f32 {
  let best = splat(-Infinity);
  let column = 0;
  for (; column + 4 <= columns; column += 4) {
    best = f32x4.max(best, v128.load(from));
    from += 16;
  }
  if (column < columns) best = f32x4.max(best, loadLanes(from, columns - column, -Infinity));
  return maxLanes(best);
}

/** to = from - shift, or its exponential; returns the sum of the exponentials. */
@inline
function shiftRow(exponentials: bool, to: usize, from: usize, columns: i32, shift: v128): f32 {
  let sum = splat(0);
  let column = 0;
  for (; column + 4 <= columns; column += 4) {
    const x = f32x4.sub(v128.load(from), shift);
    const e = exp4(x);
    sum = f32x4.add(sum, e);
    v128.store(to, exponentials ? e : x);
    from += 16;
    to += 16;
  }
  if (column < columns) {
    const x = f32x4.sub(loadLanes(from, columns - column, -Infinity), shift);
    const e = exp4(x);
    // Only lanes that exist count: with an infinite shift the others are NaN.
    let rest = f32x4.extract_lane(e, 0);
    if (columns - column > 1) rest += f32x4.extract_lane(e, 1);
    if (columns - column > 2) rest += f32x4.extract_lane(e, 2);
    storeLanes(to, exponentials ? e : x, columns - column);
    return sumLanes(sum) + rest;
  }
  return sumLanes(sum);
}

/** to = exp(x - max) / sum(exp(x - max)) in each row. */
export function softmax(to: usize, from: usize, rows: i32, columns: i32): void {
  const rowBytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    const sum = splat(shiftRow(true, to, from, columns, splat(rowMax(from, columns))));
    let column = 0;
    let at = to;
    for (; column + 4 <= columns; column += 4) {
      v128.store(at, f32x4.div(v128.load(at), sum));
      at += 16;
    }
    if (column < columns) {
      storeLanes(at, f32x4.div(loadLanes(at, columns - column, 0), sum), columns - column);
    }
    to += rowBytes;
    from += rowBytes;
  }
}

/** to = x - max - log(sum(exp(x - max))) in each row. */
export function logSoftmax(to: usize, from: usize, rows: i32, columns: i32): void {
  const rowBytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    const sum = shiftRow(false, to, from, columns, splat(rowMax(from, columns)));
    const shift = log4(splat(sum));
    let column = 0;
    let at = to;
    for (; column + 4 <= columns; column += 4) {
      v128.store(at, f32x4.sub(v128.load(at), shift));
      at += 16;
    }
    if (column < columns) {
      storeLanes(at, f32x4.sub(loadLanes(at, columns - column, 0), shift), columns - column);
    }
    to += rowBytes;
    from += rowBytes;
  }
}

/** to = y * (g - sum(g * y)) in each row. */
export function softmaxGrad(to: usize, grad: usize, output: usize, rows: i32, columns: i32): void {
  const rowBytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    let products = splat(0);
    let column = 0;
    let at: usize = 0;
    for (; column + 4 <= columns; column += 4) {
      products = f32x4.add(products, f32x4.mul(v128.load(grad + at), v128.load(output + at)));
      at += 16;
    }
    const rest = columns - column;
    if (rest > 0) {
      products = f32x4.add(
        products,
        f32x4.mul(loadLanes(grad + at, rest, 0), loadLanes(output + at, rest, 0)),
      );
    }
    const sum = splat(sumLanes(products));
    at = 0;
    for (column = 0; column + 4 <= columns; column += 4) {
      v128.store(to + at, f32x4.mul(v128.load(output + at), f32x4.sub(v128.load(grad + at), sum)));
      at += 16;
    }
    if (rest > 0) {
      const y = loadLanes(output + at, rest, 0);
      storeLanes(to + at, f32x4.mul(y, f32x4.sub(loadLanes(grad + at, rest, 0), sum)), rest);
    }
    to += rowBytes;
    grad += rowBytes;
    output += rowBytes;
  }
}

/** to = g - exp(y) * sum(g) in each row. */
export function logSoftmaxGrad(to: usize, grad: usize, output: usize, rows: i32, columns: i32): void {
  const rowBytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    let total = splat(0);
    let column = 0;
    let at: usize = 0;
    for (; column + 4 <= columns; column += 4) {
      total = f32x4.add(total, v128.load(grad + at));
      at += 16;
    }
    const rest = columns - column;
    if (rest > 0) total = f32x4.add(total, loadLanes(grad + at, rest, 0));
    const sum = splat(sumLanes(total));
    at = 0;
    for (column = 0; column + 4 <= columns; column += 4) {
      const y = exp4(v128.load(output + at));
      v128.store(to + at, f32x4.sub(v128.load(grad + at), f32x4.mul(y, sum)));
      at += 16;
    }
    if (rest > 0) {
      const y = exp4(loadLanes(output + at, rest, 0));
      storeLanes(to + at, f32x4.sub(loadLanes(grad + at, rest, 0), f32x4.mul(y, sum)), rest);
    }
    to += rowBytes;
    grad += rowBytes;
    output += rowBytes;
  }
}
