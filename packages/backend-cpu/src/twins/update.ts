// The optimizers' updates in float64, PyTorch's single-tensor functions operation by operation: the
// definition for every dtype (float32 rounds each operation: see optimizer.ts).
import type { ops } from "@tead/tensor";
import type { AdamStep, SgdStep } from "./optimizer.ts";

type Floats = Float32Array | Float64Array;

/** d = g + weightDecay p; b = momentum b + (1 - dampening) d; p -= lr (nesterov ? d + momentum b : b) */
export function sgdStep(
  param: Float64Array,
  grad: Float64Array,
  buffer: Float64Array | undefined,
  options: SgdStep,
): void {
  const { lr, momentum, dampening, weightDecay, nesterov, maximize, first } = options;
  for (let i = 0; i < param.length; i++) {
    const p = param[i] as number;
    let d = maximize ? -(grad[i] as number) : (grad[i] as number);
    if (weightDecay !== 0) d += weightDecay * p;
    if (buffer !== undefined) {
      const b = first ? d : (buffer[i] as number) * momentum + (1 - dampening) * d;
      buffer[i] = b;
      d = nesterov ? d + momentum * b : b;
    }
    param[i] = p - lr * d;
  }
}

/**
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * p -= lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
 */
export function adamStep(
  param: Float64Array,
  grad: Float64Array,
  average: Float64Array,
  square: Float64Array,
  largest: Float64Array | undefined,
  options: AdamStep,
): void {
  const { lr, beta1, beta2, eps, weightDecay, decoupled, maximize, step } = options;
  const rate = -lr / (1 - beta1 ** step);
  const correction = Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < param.length; i++) {
    let p = param[i] as number;
    let g = maximize ? -(grad[i] as number) : (grad[i] as number);
    if (decoupled) p *= 1 - lr * weightDecay;
    else if (weightDecay !== 0) g += weightDecay * p;
    const m = (average[i] as number) * beta1 + (1 - beta1) * g;
    let v = (square[i] as number) * beta2 + (1 - beta2) * g * g;
    average[i] = m;
    square[i] = v;
    if (largest !== undefined) {
      v = Math.max(largest[i] as number, v);
      largest[i] = v;
    }
    param[i] = p + (rate * m) / (Math.sqrt(v) / correction + eps);
  }
}

/** v = alpha v + (1 - alpha) g^2, less mean^2; b = momentum b + g / (sqrt(v) + eps); p -= lr b */
export function rmspropStep(
  param: Floats,
  grad: Floats,
  square: Floats,
  mean: Floats | undefined,
  buffer: Floats | undefined,
  { lr, alpha, eps, weightDecay, momentum, maximize }: ops.RmspropAttrs,
): void {
  for (let i = 0; i < param.length; i++) {
    const p = param[i] as number;
    let g = maximize ? -(grad[i] as number) : (grad[i] as number);
    if (weightDecay !== 0) g += weightDecay * p;
    let v = (square[i] as number) * alpha + (1 - alpha) * g * g;
    square[i] = v;
    if (mean !== undefined) {
      const m = (mean[i] as number) * alpha + (1 - alpha) * g;
      mean[i] = m;
      v -= m * m;
    }
    let step = g / (Math.sqrt(v) + eps);
    if (buffer !== undefined) {
      step += (buffer[i] as number) * momentum;
      buffer[i] = step;
    }
    param[i] = p - lr * step;
  }
}

/** s += g^2; p -= rate g / (sqrt(s) + eps) */
export function adagradStep(
  param: Floats,
  grad: Floats,
  sum: Floats,
  { rate, eps, weightDecay, maximize }: ops.AdagradAttrs,
): void {
  for (let i = 0; i < param.length; i++) {
    const p = param[i] as number;
    let g = maximize ? -(grad[i] as number) : (grad[i] as number);
    if (weightDecay !== 0) g += weightDecay * p;
    const s = (sum[i] as number) + g * g;
    sum[i] = s;
    param[i] = p - (rate * g) / (Math.sqrt(s) + eps);
  }
}

/**
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * p = shrink p - (gradRate g + averageRate m) / (sqrt(v / correction) + eps)
 */
export function momentStep(
  param: Floats,
  grad: Floats,
  average: Floats,
  square: Floats,
  options: ops.MomentAttrs,
): void {
  const { beta1, beta2, eps, weightDecay, shrink, maximize, gradRate, averageRate } = options;
  const { correction, adaptive } = options;
  for (let i = 0; i < param.length; i++) {
    const p = param[i] as number;
    let g = maximize ? -(grad[i] as number) : (grad[i] as number);
    if (weightDecay !== 0) g += weightDecay * p;
    const m = (average[i] as number) * beta1 + (1 - beta1) * g;
    const v = (square[i] as number) * beta2 + (1 - beta2) * g * g;
    average[i] = m;
    square[i] = v;
    const step = gradRate * g + averageRate * m;
    param[i] = p * shrink - (adaptive ? step / (Math.sqrt(v / correction) + eps) : step);
  }
}
