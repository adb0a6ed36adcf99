// The definitions of the optimizers' float32 updates, and what runs where WebAssembly SIMD is missing: PyTorch's
// single-tensor functions, operation by operation, each rounded to float32.
import type { ops } from "@tead/tensor";
import type { F32Slice } from "./batch-norm.ts";

export interface SgdStep {
  readonly lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly maximize: boolean;
  /** Whether the momentum buffer holds nothing yet: it takes the gradient. */
  readonly first: boolean;
}

export interface AdamStep {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** AdamW: the weights decay apart from the gradient. */
  readonly decoupled: boolean;
  readonly maximize: boolean;
  /** The number of this step, from 1 on. */
  readonly step: number;
}

const { fround } = Math;

/**
 * SGD's update of `param`, and of `buffer` where there is momentum:
 * d = g + weightDecay * p; b = momentum * b + (1 - dampening) * d; p -= lr * (nesterov ? d + momentum * b : b).
 */
export function sgdStepF32(
  param: F32Slice,
  grad: F32Slice,
  buffer: F32Slice | undefined,
  count: number,
  options: SgdStep,
): void {
  const [rate, decay] = [fround(-options.lr), fround(options.weightDecay)];
  const [momentum, keep] = [fround(options.momentum), fround(1 - options.dampening)];
  for (let i = 0; i < count; i++) {
    const p = param.data[param.offset + i] as number;
    let d = grad.data[grad.offset + i] as number;
    if (options.maximize) d = -d;
    if (options.weightDecay !== 0) d = fround(d + fround(p * decay));
    if (buffer) {
      const at = buffer.offset + i;
      let b = d;
      if (!options.first) {
        b = fround(fround((buffer.data[at] as number) * momentum) + fround(d * keep));
      }
      buffer.data[at] = b;
      d = options.nesterov ? fround(d + fround(b * momentum)) : b;
    }
    param.data[param.offset + i] = p + fround(d * rate);
  }
}

export interface AdamConstants {
  readonly decay: number;
  readonly beta1: number;
  readonly keep1: number;
  readonly beta2: number;
  readonly keep2: number;
  readonly correction: number;
  readonly epsilon: number;
  readonly rate: number;
}

/** The numbers of an Adam step that do not depend on the element, rounded to float32. */
export function adamConstants(options: AdamStep): AdamConstants {
  const { lr, beta1, beta2, step, weightDecay } = options;
  return {
    decay: fround(options.decoupled ? 1 - lr * weightDecay : weightDecay),
    beta1: fround(beta1),
    keep1: fround(1 - beta1),
    beta2: fround(beta2),
    keep2: fround(1 - beta2),
    correction: fround(Math.sqrt(1 - beta2 ** step)),
    epsilon: fround(options.eps),
    rate: fround(-(lr / (1 - beta1 ** step))),
  };
}

/**
 * Adam's update (AdamW's where `decoupled`) of `param`, `average`, `square` and, for AMSGrad, `largest`:
 * m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g^2;
 * p -= lr / (1 - beta1^step) * m / (sqrt(v) / sqrt(1 - beta2^step) + eps).
 */
export function adamStepF32(
  param: F32Slice,
  grad: F32Slice,
  average: F32Slice,
  square: F32Slice,
  largest: F32Slice | undefined,
  count: number,
  options: AdamStep,
): void {
  const c = adamConstants(options);
  for (let i = 0; i < count; i++) {
    let p = param.data[param.offset + i] as number;
    let g = grad.data[grad.offset + i] as number;
    if (options.maximize) g = -g;
    if (options.decoupled) p = fround(p * c.decay);
    else if (options.weightDecay !== 0) g = fround(g + fround(p * c.decay));
    const m = fround(
      fround((average.data[average.offset + i] as number) * c.beta1) + fround(g * c.keep1),
    );
    const decayed = fround((square.data[square.offset + i] as number) * c.beta2);
    let v = fround(decayed + fround(fround(c.keep2 * g) * g));
    average.data[average.offset + i] = m;
    square.data[square.offset + i] = v;
    if (largest) {
      v = Math.max(largest.data[largest.offset + i] as number, v);
      largest.data[largest.offset + i] = v;
    }
    const root = fround(fround(fround(Math.sqrt(v)) / c.correction) + c.epsilon);
    param.data[param.offset + i] = p + fround(fround(c.rate * m) / root);
  }
}

/**
 * RMSprop's update of `param`, `square` and, where they are, `mean` and `buffer`:
 * v = alpha v + (1 - alpha) g^2, less mean^2; b = momentum b + g / (sqrt(v) + eps); p -= lr b, or lr g / (sqrt(v) + eps).
 */
export function rmspropStepF32(
  param: F32Slice,
  grad: F32Slice,
  square: F32Slice,
  mean: F32Slice | undefined,
  buffer: F32Slice | undefined,
  count: number,
  options: ops.RmspropAttrs,
): void {
  const [rate, decay] = [fround(-options.lr), fround(options.weightDecay)];
  const [alpha, keep] = [fround(options.alpha), fround(1 - options.alpha)];
  const [eps, momentum] = [fround(options.eps), fround(options.momentum)];
  for (let i = 0; i < count; i++) {
    const p = param.data[param.offset + i] as number;
    let g = grad.data[grad.offset + i] as number;
    if (options.maximize) g = -g;
    if (options.weightDecay !== 0) g = fround(g + fround(p * decay));
    const before = fround((square.data[square.offset + i] as number) * alpha);
    let v = fround(before + fround(fround(keep * g) * g));
    square.data[square.offset + i] = v;
    if (mean) {
      const at = mean.offset + i;
      const m = fround(fround((mean.data[at] as number) * alpha) + fround(g * keep));
      mean.data[at] = m;
      v = fround(v - fround(m * m));
    }
    const root = fround(fround(Math.sqrt(v)) + eps);
    let step = fround(fround(rate * g) / root);
    if (buffer) {
      const at = buffer.offset + i;
      const b = fround(fround((buffer.data[at] as number) * momentum) + fround(g / root));
      buffer.data[at] = b;
      step = fround(b * rate);
    }
    param.data[param.offset + i] = p + step;
  }
}

/** Adagrad's update of `param` and `sum`: s += g^2; p -= rate g / (sqrt(s) + eps). */
export function adagradStepF32(
  param: F32Slice,
  grad: F32Slice,
  sum: F32Slice,
  count: number,
  options: ops.AdagradAttrs,
): void {
  const [rate, decay] = [fround(-options.rate), fround(options.weightDecay)];
  const eps = fround(options.eps);
  for (let i = 0; i < count; i++) {
    const p = param.data[param.offset + i] as number;
    let g = grad.data[grad.offset + i] as number;
    if (options.maximize) g = -g;
    if (options.weightDecay !== 0) g = fround(g + fround(p * decay));
    const s = fround((sum.data[sum.offset + i] as number) + fround(g * g));
    sum.data[sum.offset + i] = s;
    const root = fround(fround(Math.sqrt(s)) + eps);
    param.data[param.offset + i] = p + fround(fround(rate * g) / root);
  }
}
