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

/** Parameters of RMSprop with a mean of the gradient. */
const CENTERED: i32 = 128;

/** SGD: `rate` is -lr, `keep` is 1 - dampening. */
export function sgdStep(
  param: usize, grad: usize, buffer: usize, count: i32,
  rate: f32, weightDecay: f32, momentum: f32, keep: f32, flags: i32,
): void {
  const end = param + ((<usize>count) << 2);
  const rates = splat(rate), decays = splat(weightDecay), momenta = splat(momentum), keeps = splat(keep);
  if (flags == 0) {
    for (; param < end; param += 16) {
      v128.store(param, f32x4.add(v128.load(param), f32x4.mul(v128.load(grad), rates)));
      grad += 16;
    }
    return;
  }
  if (flags == MOMENTUM) {
    for (; param < end; param += 16) {
      const b = f32x4.add(f32x4.mul(v128.load(buffer), momenta), f32x4.mul(v128.load(grad), keeps));
      v128.store(buffer, b);
      v128.store(param, f32x4.add(v128.load(param), f32x4.mul(b, rates)));
      grad += 16;
      buffer += 16;
    }
    return;
  }
  for (; param < end; param += 16) {
    const p = v128.load(param);
    let d = v128.load(grad);
    if (flags & MAXIMIZE) d = f32x4.neg(d);
    if (flags & WEIGHT_DECAY) d = f32x4.add(d, f32x4.mul(p, decays));
    if (flags & MOMENTUM) {
      let b = d;
      if (!(flags & FIRST)) {
        b = f32x4.add(f32x4.mul(v128.load(buffer), momenta), f32x4.mul(d, keeps));
      }
      v128.store(buffer, b);
      d = flags & NESTEROV ? f32x4.add(d, f32x4.mul(b, momenta)) : b;
    }
    v128.store(param, f32x4.add(p, f32x4.mul(d, rates)));
    grad += 16;
    buffer += 16;
  }
}

@inline
function adam(
  plain: bool, param: usize, grad: usize, average: usize, square: usize, largest: usize, count: i32,
  decay: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, correction: v128, epsilon: v128, rate: v128,
  flags: i32,
): void {
  const end = param + ((<usize>count) << 2);
  for (; param < end; param += 16) {
    let p = v128.load(param);
    let g = v128.load(grad);
    if (!plain) {
      if (flags & MAXIMIZE) g = f32x4.neg(g);
      if (flags & DECOUPLED) p = f32x4.mul(p, decay);
      else if (flags & WEIGHT_DECAY) g = f32x4.add(g, f32x4.mul(p, decay));
    }
    const m = f32x4.add(f32x4.mul(v128.load(average), beta1), f32x4.mul(g, keep1));
    let v = f32x4.mul(v128.load(square), beta2);
    v = f32x4.add(v, f32x4.mul(f32x4.mul(keep2, g), g));
    v128.store(average, m);
    v128.store(square, v);
    if (!plain && flags & AMSGRAD) {
      v = f32x4.max(v128.load(largest), v);
      v128.store(largest, v);
      largest += 16;
    }
    const root = f32x4.add(f32x4.div(f32x4.sqrt(v), correction), epsilon);
    v128.store(param, f32x4.add(p, f32x4.div(f32x4.mul(rate, m), root)));
    grad += 16;
    average += 16;
    square += 16;
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
  const d = splat(decay), b1 = splat(beta1), k1 = splat(keep1), b2 = splat(beta2), k2 = splat(keep2);
  const c = splat(correction), e = splat(epsilon), r = splat(rate);
  if (flags == 0) adam(true, param, grad, average, square, largest, count, d, b1, k1, b2, k2, c, e, r, 0);
  else adam(false, param, grad, average, square, largest, count, d, b1, k1, b2, k2, c, e, r, flags);
}

/** RMSprop: `rate` is -lr, `keep` is 1 - alpha. */
export function rmspropStep(
  param: usize, grad: usize, square: usize, mean: usize, buffer: usize, count: i32,
  rate: f32, weightDecay: f32, alpha: f32, keep: f32, epsilon: f32, momentum: f32, flags: i32,
): void {
  const end = param + ((<usize>count) << 2);
  const rates = splat(rate), decays = splat(weightDecay), alphas = splat(alpha), keeps = splat(keep);
  const epsilons = splat(epsilon), momenta = splat(momentum);
  for (; param < end; param += 16) {
    const p = v128.load(param);
    let g = v128.load(grad);
    if (flags & MAXIMIZE) g = f32x4.neg(g);
    if (flags & WEIGHT_DECAY) g = f32x4.add(g, f32x4.mul(p, decays));
    let v = f32x4.add(f32x4.mul(v128.load(square), alphas), f32x4.mul(f32x4.mul(keeps, g), g));
    v128.store(square, v);
    if (flags & CENTERED) {
      const m = f32x4.add(f32x4.mul(v128.load(mean), alphas), f32x4.mul(g, keeps));
      v128.store(mean, m);
      v = f32x4.sub(v, f32x4.mul(m, m));
    }
    const root = f32x4.add(f32x4.sqrt(v), epsilons);
    if (flags & MOMENTUM) {
      const b = f32x4.add(f32x4.mul(v128.load(buffer), momenta), f32x4.div(g, root));
      v128.store(buffer, b);
      v128.store(param, f32x4.add(p, f32x4.mul(b, rates)));
    } else v128.store(param, f32x4.add(p, f32x4.div(f32x4.mul(rates, g), root)));
    grad += 16;
    square += 16;
    mean += 16;
    buffer += 16;
  }
}

/** Adagrad: `rate` is minus the rate of this step. */
export function adagradStep(
  param: usize, grad: usize, sum: usize, count: i32, rate: f32, weightDecay: f32, epsilon: f32, flags: i32,
): void {
  const end = param + ((<usize>count) << 2);
  const rates = splat(rate), decays = splat(weightDecay), epsilons = splat(epsilon);
  for (; param < end; param += 16) {
    const p = v128.load(param);
    let g = v128.load(grad);
    if (flags & MAXIMIZE) g = f32x4.neg(g);
    if (flags & WEIGHT_DECAY) g = f32x4.add(g, f32x4.mul(p, decays));
    const s = f32x4.add(v128.load(sum), f32x4.mul(g, g));
    v128.store(sum, s);
    const root = f32x4.add(f32x4.sqrt(s), epsilons);
    v128.store(param, f32x4.add(p, f32x4.div(f32x4.mul(rates, g), root)));
    grad += 16;
    sum += 16;
  }
}
