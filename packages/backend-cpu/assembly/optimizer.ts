// The optimizers' updates, each in one pass over a chunk, in the order of operations of PyTorch's single-tensor functions and
// without fused multiply-add, so that results are equal to the bit. Options come as flags and as numbers computed in float64.
import { splat } from "./common";

const MAXIMIZE: i32 = 1;
const WEIGHT_DECAY: i32 = 2;
const MOMENTUM: i32 = 4;
/** The first step: the momentum buffer takes the gradient. */
const FIRST: i32 = 8;
const NESTEROV: i32 = 16;
const DECOUPLED: i32 = 32;
const AMSGRAD: i32 = 64;

/** SGD: `rate` is -lr, `keep` is 1 - dampening. */
export function sgdStep(
  param: usize, grad: usize, buffer: usize, count: i32,
  rate: f32, weightDecay: f32, momentum: f32, keep: f32, flags: i32,
): void {
  const end = param + ((<usize>count) << 2);
  for (; param < end; param += 16) {
    const p = v128.load(param);
    let d = v128.load(grad);
    if (flags & MAXIMIZE) d = f32x4.neg(d);
    if (flags & WEIGHT_DECAY) d = f32x4.add(d, f32x4.mul(p, splat(weightDecay)));
    if (flags & MOMENTUM) {
      let b = d;
      if (!(flags & FIRST)) {
        b = f32x4.add(f32x4.mul(v128.load(buffer), splat(momentum)), f32x4.mul(d, splat(keep)));
      }
      v128.store(buffer, b);
      d = flags & NESTEROV ? f32x4.add(d, f32x4.mul(b, splat(momentum))) : b;
    }
    v128.store(param, f32x4.add(p, f32x4.mul(d, splat(rate))));
    grad += 16;
    buffer += 16;
  }
}

/**
 * Adam and AdamW: `decay` is 1 - lr * weightDecay (AdamW) or weightDecay (Adam); `keep1`, `keep2` are 1 - beta; `correction` is
 * sqrt(1 - beta2^step); `rate` is -lr / (1 - beta1^step).
 */
export function adamStep(
  param: usize, grad: usize, average: usize, square: usize, largest: usize, count: i32,
  decay: f32, beta1: f32, keep1: f32, beta2: f32, keep2: f32, correction: f32, epsilon: f32, rate: f32, flags: i32,
): void {
  const end = param + ((<usize>count) << 2);
  for (; param < end; param += 16) {
    let p = v128.load(param);
    let g = v128.load(grad);
    if (flags & MAXIMIZE) g = f32x4.neg(g);
    if (flags & DECOUPLED) p = f32x4.mul(p, splat(decay));
    else if (flags & WEIGHT_DECAY) g = f32x4.add(g, f32x4.mul(p, splat(decay)));
    const m = f32x4.add(f32x4.mul(v128.load(average), splat(beta1)), f32x4.mul(g, splat(keep1)));
    let v = f32x4.mul(v128.load(square), splat(beta2));
    v = f32x4.add(v, f32x4.mul(f32x4.mul(splat(keep2), g), g));
    v128.store(average, m);
    v128.store(square, v);
    if (flags & AMSGRAD) {
      v = f32x4.max(v128.load(largest), v);
      v128.store(largest, v);
    }
    const root = f32x4.add(f32x4.div(f32x4.sqrt(v), splat(correction)), splat(epsilon));
    v128.store(param, f32x4.add(p, f32x4.div(f32x4.mul(splat(rate), m), root)));
    grad += 16;
    average += 16;
    square += 16;
    largest += 16;
  }
}
