// Softmax and log-softmax down the columns of [size, stride] floats, in place, forward and backward. Rows are read in order,
// once for each step, with a row of extrema and one of sums in scratch memory. Columns, at most 65,536, are rounded up to
// whole vectors: the stride has room for them.
import { madd, scratch, splat } from "./common";
import { areNear, exp4, expCall, expNear4, log4 } from "./math";

/** Bytes of a row in scratch memory. */
const ROW_BYTES: usize = 1 << 18;

@inline
function largest(best: usize, x: usize, size: i32, step: usize, bytes: usize): void {
  memory.copy(best, x, bytes);
  for (let r = 1; r < size; r++) {
    x += step;
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(best + at, f32x4.pmax(v128.load(best + at), v128.load(x + at)));
    }
  }
}

/** sums += e, which is kept unless the logarithm is wanted. */
@inline
function count(log: bool, sums: usize, x: usize, e: v128): void {
  v128.store(sums, f32x4.add(v128.load(sums), e));
  if (!log) v128.store(x, e);
}

@inline
function exponentials(log: bool, x: usize, best: usize, sums: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 64 <= bytes; at += 64) {
    const p = x + at, b = best + at, s = sums + at;
    const x0 = f32x4.sub(v128.load(p), v128.load(b)), x1 = f32x4.sub(v128.load(p, 16), v128.load(b, 16));
    const x2 = f32x4.sub(v128.load(p, 32), v128.load(b, 32)), x3 = f32x4.sub(v128.load(p, 48), v128.load(b, 48));
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
    count(log, s, p, e0);
    count(log, s + 16, p + 16, e1);
    count(log, s + 32, p + 32, e2);
    count(log, s + 48, p + 48, e3);
  }
  for (; at < bytes; at += 16) {
    count(log, sums + at, x + at, expCall(f32x4.sub(v128.load(x + at), v128.load(best + at))));
  }
}

/** y = exp(x - max) / sum(exp(x - max)), or its logarithm, in each of `columns` columns. */
@inline
function forward(log: bool, x: usize, size: i32, stride: i32, columns: i32): void {
  const step = (<usize>stride) << 2;
  const bytes = <usize>((columns + 3) & ~3) << 2;
  const best = scratch, sums = scratch + ROW_BYTES;
  largest(best, x, size, step, bytes);
  memory.fill(sums, 0, bytes);
  for (let r = 0; r < size; r++) exponentials(log, x + step * <usize>r, best, sums, bytes);
  for (let at: usize = 0; at < bytes; at += 16) {
    const sum = v128.load(sums + at);
    v128.store(sums + at, log ? log4(sum) : f32x4.div(splat(1), sum));
  }
  for (let r = 0; r < size; r++) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const y = v128.load(x + at), last = v128.load(sums + at);
      v128.store(x + at, log ? f32x4.sub(f32x4.sub(y, v128.load(best + at)), last) : f32x4.mul(y, last));
    }
    x += step;
  }
}

export function softmaxColumns(x: usize, size: i32, stride: i32, columns: i32): void {
  forward(false, x, size, stride, columns);
}
export function logSoftmaxColumns(x: usize, size: i32, stride: i32, columns: i32): void {
  forward(true, x, size, stride, columns);
}

/** grad = y * (g - sum(g * y)), or for the logarithm g - exp(y) * sum(g), in each column. */
@inline
function backward(log: bool, grad: usize, output: usize, size: i32, stride: i32, columns: i32): void {
  const step = (<usize>stride) << 2;
  const bytes = <usize>((columns + 3) & ~3) << 2;
  const sums = scratch;
  memory.fill(sums, 0, bytes);
  const end = grad + step * <usize>size;
  let y = output;
  for (let g = grad; g < end; g += step) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const sum = v128.load(sums + at), slope = v128.load(g + at);
      v128.store(sums + at, log ? f32x4.add(sum, slope) : madd(slope, v128.load(y + at), sum));
    }
    y += step;
  }
  y = output;
  for (let g = grad; g < end; g += step) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const slope = v128.load(g + at), value = v128.load(y + at), sum = v128.load(sums + at);
      v128.store(
        g + at,
        log ? f32x4.sub(slope, f32x4.mul(exp4(value), sum)) : f32x4.mul(value, f32x4.sub(slope, sum)),
      );
    }
    y += step;
  }
}

export function softmaxColumnsGrad(grad: usize, output: usize, size: i32, stride: i32, columns: i32): void {
  backward(false, grad, output, size, stride, columns);
}
export function logSoftmaxColumnsGrad(grad: usize, output: usize, size: i32, stride: i32, columns: i32): void {
  backward(true, grad, output, size, stride, columns);
}
