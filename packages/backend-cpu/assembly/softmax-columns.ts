// Softmax and log-softmax down the columns of [size, stride] floats, in place, forward and backward. Columns are rounded up to
// whole vectors: the stride has room for them.
import { splat } from "./common";
import { exp4, log4 } from "./math";

/** y = exp(x - max) / sum(exp(x - max)), or its logarithm, in each of `columns` columns. */
@inline
function forward(log: bool, x: usize, size: i32, stride: i32, columns: i32): void {
  const step = (<usize>stride) << 2;
  for (let column = 0; column < columns; column += 4) {
    let best = splat(-Infinity);
    let at = x;
    for (let r = 0; r < size; r++) {
      best = f32x4.max(best, v128.load(at));
      at += step;
    }
    let sum = splat(0);
    at = x;
    for (let r = 0; r < size; r++) {
      const shifted = f32x4.sub(v128.load(at), best);
      const e = exp4(shifted);
      sum = f32x4.add(sum, e);
      v128.store(at, log ? shifted : e);
      at += step;
    }
    const shift = log ? log4(sum) : sum;
    at = x;
    for (let r = 0; r < size; r++) {
      const y = v128.load(at);
      v128.store(at, log ? f32x4.sub(y, shift) : f32x4.div(y, shift));
      at += step;
    }
    x += 16;
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
  for (let column = 0; column < columns; column += 4) {
    let sum = splat(0);
    let at: usize = 0;
    for (let r = 0; r < size; r++) {
      const g = v128.load(grad + at);
      sum = f32x4.add(sum, log ? g : f32x4.mul(g, v128.load(output + at)));
      at += step;
    }
    at = 0;
    for (let r = 0; r < size; r++) {
      const g = v128.load(grad + at);
      const y = v128.load(output + at);
      const d = log ? f32x4.sub(g, f32x4.mul(exp4(y), sum)) : f32x4.mul(y, f32x4.sub(g, sum));
      v128.store(grad + at, d);
      at += step;
    }
    grad += 16;
    output += 16;
  }
}

export function softmaxColumnsGrad(grad: usize, output: usize, size: i32, stride: i32, columns: i32): void {
  backward(false, grad, output, size, stride, columns);
}
export function logSoftmaxColumnsGrad(grad: usize, output: usize, size: i32, stride: i32, columns: i32): void {
  backward(true, grad, output, size, stride, columns);
}
