// Softmax and log-softmax over rows of contiguous floats, forward and backward. `to` may be the input.
import { loadLanes, madd, maxLanes, splat, storeLanes, sumLanes } from "./common";
import { areNear, expCall, expNear4, log4 } from "./math";

/** The largest of the floats, NaN left out: what is subtracted from NaN is NaN all the same. */
@inline
function rowMax(from: usize, columns: i32): f32 {
  let b0 = splat(-Infinity), b1 = b0, b2 = b0, b3 = b0;
  let column = 0;
  for (; column + 16 <= columns; column += 16) {
    b0 = f32x4.pmax(b0, v128.load(from));
    b1 = f32x4.pmax(b1, v128.load(from, 16));
    b2 = f32x4.pmax(b2, v128.load(from, 32));
    b3 = f32x4.pmax(b3, v128.load(from, 48));
    from += 64;
  }
  for (; column + 4 <= columns; column += 4) {
    b0 = f32x4.pmax(b0, v128.load(from));
    from += 16;
  }
  if (column < columns) b1 = f32x4.pmax(b1, loadLanes(from, columns - column, -Infinity));
  return maxLanes(f32x4.pmax(f32x4.pmax(b0, b1), f32x4.pmax(b2, b3)));
}

/** The sum of e^(x - shift), each of them stored if `kept`. */
@inline
function exponentials(kept: bool, to: usize, from: usize, columns: i32, shift: v128): f32 {
  let s0 = splat(0), s1 = s0;
  let column = 0;
  for (; column + 16 <= columns; column += 16) {
    const x0 = f32x4.sub(v128.load(from), shift), x1 = f32x4.sub(v128.load(from, 16), shift);
    const x2 = f32x4.sub(v128.load(from, 32), shift), x3 = f32x4.sub(v128.load(from, 48), shift);
    let e0: v128, e1: v128, e2: v128, e3: v128;
    if (areNear(x0, x1, x2, x3)) {
      e0 = expNear4(x0);
      e1 = expNear4(x1);
      e2 = expNear4(x2);
      e3 = expNear4(x3);
    } else {
      e0 = expCall(x0);
      e1 = expCall(x1);
      e2 = expCall(x2);
      e3 = expCall(x3);
    }
    s0 = f32x4.add(s0, f32x4.add(e0, e1));
    s1 = f32x4.add(s1, f32x4.add(e2, e3));
    if (kept) {
      v128.store(to, e0);
      v128.store(to, e1, 16);
      v128.store(to, e2, 32);
      v128.store(to, e3, 48);
    }
    from += 64;
    to += 64;
  }
  for (; column < columns; column += 4) {
    const rest = columns - column;
    const e = expCall(f32x4.sub(loadLanes(from, rest, 0), shift));
    if (kept) storeLanes(to, e, rest);
    // Only lanes that exist count.
    let lane = f32x4.extract_lane(e, 0);
    if (rest > 1) lane += f32x4.extract_lane(e, 1);
    if (rest > 2) lane += f32x4.extract_lane(e, 2);
    if (rest > 3) lane += f32x4.extract_lane(e, 3);
    s0 = f32x4.add(s0, f32x4.replace_lane(splat(0), 0, lane));
    from += 16;
    to += 16;
  }
  return sumLanes(f32x4.add(s0, s1));
}

/** to = from * factor - 0, or from - first - second. */
@inline
function finish(log: bool, to: usize, from: usize, columns: i32, first: v128, second: v128): void {
  let column = 0;
  for (; column + 8 <= columns; column += 8) {
    const x0 = v128.load(from), x1 = v128.load(from, 16);
    v128.store(to, log ? f32x4.sub(f32x4.sub(x0, first), second) : f32x4.mul(x0, first));
    v128.store(to, log ? f32x4.sub(f32x4.sub(x1, first), second) : f32x4.mul(x1, first), 16);
    from += 32;
    to += 32;
  }
  for (; column < columns; column += 4) {
    const x = loadLanes(from, columns - column, 0);
    storeLanes(to, log ? f32x4.sub(f32x4.sub(x, first), second) : f32x4.mul(x, first), columns - column);
    from += 16;
    to += 16;
  }
}

/** to = exp(x - max) / sum(exp(x - max)) in each row. */
export function softmax(to: usize, from: usize, rows: i32, columns: i32): void {
  const rowBytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    const sum = exponentials(true, to, from, columns, splat(rowMax(from, columns)));
    finish(false, to, to, columns, splat(1 / sum), splat(0));
    to += rowBytes;
    from += rowBytes;
  }
}

/** to = x - max - log(sum(exp(x - max))) in each row. */
export function logSoftmax(to: usize, from: usize, rows: i32, columns: i32): void {
  const rowBytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    const shift = splat(rowMax(from, columns));
    const sum = exponentials(false, to, from, columns, shift);
    finish(true, to, from, columns, shift, log4(splat(sum)));
    to += rowBytes;
    from += rowBytes;
  }
}

/** to = y * (g - sum(g * y)) in each row. */
export function softmaxGrad(to: usize, grad: usize, output: usize, rows: i32, columns: i32): void {
  const rowBytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    let p0 = splat(0), p1 = p0;
    let column = 0;
    let at: usize = 0;
    for (; column + 8 <= columns; column += 8) {
      p0 = madd(v128.load(grad + at), v128.load(output + at), p0);
      p1 = madd(v128.load(grad + at, 16), v128.load(output + at, 16), p1);
      at += 32;
    }
    for (; column < columns; column += 4) {
      const rest = columns - column;
      p0 = madd(loadLanes(grad + at, rest, 0), loadLanes(output + at, rest, 0), p0);
      at += 16;
    }
    const sum = splat(sumLanes(f32x4.add(p0, p1)));
    at = 0;
    for (column = 0; column + 8 <= columns; column += 8) {
      const d0 = f32x4.sub(v128.load(grad + at), sum), d1 = f32x4.sub(v128.load(grad + at, 16), sum);
      v128.store(to + at, f32x4.mul(v128.load(output + at), d0));
      v128.store(to + at, f32x4.mul(v128.load(output + at, 16), d1), 16);
      at += 32;
    }
    for (; column < columns; column += 4) {
      const rest = columns - column;
      const y = loadLanes(output + at, rest, 0);
      storeLanes(to + at, f32x4.mul(y, f32x4.sub(loadLanes(grad + at, rest, 0), sum)), rest);
      at += 16;
    }
    to += rowBytes;
    grad += rowBytes;
    output += rowBytes;
  }
}

/** to = e^x share for `columns` floats. */
@inline
function scaledExponentials(to: usize, from: usize, columns: i32, share: v128, grad: usize): void {
  let column = 0;
  let at: usize = 0;
  for (; column + 16 <= columns; column += 16) {
    const x0 = v128.load(from + at), x1 = v128.load(from + at, 16);
    const x2 = v128.load(from + at, 32), x3 = v128.load(from + at, 48);
    let e0: v128, e1: v128, e2: v128, e3: v128;
    if (areNear(x0, x1, x2, x3)) {
      e0 = expNear4(x0);
      e1 = expNear4(x1);
      e2 = expNear4(x2);
      e3 = expNear4(x3);
    } else {
      e0 = expCall(x0);
      e1 = expCall(x1);
      e2 = expCall(x2);
      e3 = expCall(x3);
    }
    const g0 = v128.load(grad + at), g1 = v128.load(grad + at, 16);
    const g2 = v128.load(grad + at, 32), g3 = v128.load(grad + at, 48);
    v128.store(to + at, f32x4.sub(g0, f32x4.mul(e0, share)));
    v128.store(to + at, f32x4.sub(g1, f32x4.mul(e1, share)), 16);
    v128.store(to + at, f32x4.sub(g2, f32x4.mul(e2, share)), 32);
    v128.store(to + at, f32x4.sub(g3, f32x4.mul(e3, share)), 48);
    at += 64;
  }
  for (; column < columns; column += 4) {
    const rest = columns - column;
    const y = f32x4.mul(expCall(loadLanes(from + at, rest, 0)), share);
    storeLanes(to + at, f32x4.sub(loadLanes(grad + at, rest, 0), y), rest);
    at += 16;
  }
}

/** to = g - exp(y) * sum(g) in each row. */
export function logSoftmaxGrad(to: usize, grad: usize, output: usize, rows: i32, columns: i32): void {
  const rowBytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    let t0 = splat(0), t1 = t0;
    let column = 0;
    let at: usize = 0;
    for (; column + 8 <= columns; column += 8) {
      t0 = f32x4.add(t0, v128.load(grad + at));
      t1 = f32x4.add(t1, v128.load(grad + at, 16));
      at += 32;
    }
    for (; column < columns; column += 4) {
      t0 = f32x4.add(t0, loadLanes(grad + at, columns - column, 0));
      at += 16;
    }
    scaledExponentials(to, output, columns, splat(sumLanes(f32x4.add(t0, t1))), grad);
    to += rowBytes;
    grad += rowBytes;
    output += rowBytes;
  }
}
