// The optimizers' updates, float32, each in one pass. The twins, with the formulas, are in src/twins/optimizer.ts; the two
// agree to the bit.
import type { F32Slice } from "../twins/batch-norm.ts";
import type * as twins from "../twins/optimizer.ts";
import { type AdamStep, adamConstants, type SgdStep } from "../twins/optimizer.ts";
import { reserve, wasmEngine } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";

export type { AdamStep, SgdStep } from "../twins/optimizer.ts";

/** Floats of each array in a chunk. */
const CHUNK = 2048;
const AREA = CHUNK + 16;

/** Flag bits of assembly/optimizer.ts. */
const MAXIMIZE = 1;
const WEIGHT_DECAY = 2;
const MOMENTUM = 4;
const FIRST = 8;
const NESTEROV = 16;
const DECOUPLED = 32;
const AMSGRAD = 64;
const CENTERED = 128;

/** SGD's update in place; `buffer` is the momentum buffer, absent without momentum. */
export function sgdStepF32(
  param: F32Slice,
  grad: F32Slice,
  buffer: F32Slice | undefined,
  count: number,
  options: SgdStep,
): void {
  const engine = wasmEngine();
  const p = reserve(engine, AREA * 3 * 4) >> 2;
  const [g, b] = [p + AREA, p + AREA * 2];
  const { lr, weightDecay, momentum, dampening } = options;
  const flags =
    (options.maximize ? MAXIMIZE : 0) |
    (weightDecay !== 0 ? WEIGHT_DECAY : 0) |
    (buffer ? MOMENTUM : 0) |
    (options.first ? FIRST : 0) |
    (options.nesterov ? NESTEROV : 0);
  const { sgdStep } = engine.kernels;
  for (let i = 0; i < count; i += CHUNK) {
    const n = Math.min(CHUNK, count - i);
    copyIn(engine, p, param.data, param.offset + i, n);
    copyIn(engine, g, grad.data, grad.offset + i, n);
    if (buffer && !options.first) copyIn(engine, b, buffer.data, buffer.offset + i, n);
    sgdStep(p * 4, g * 4, b * 4, n, -lr, weightDecay, momentum, 1 - dampening, flags);
    copyOut(engine, p, param.data, param.offset + i, n);
    if (buffer) copyOut(engine, b, buffer.data, buffer.offset + i, n);
  }
}

/** Adam's or AdamW's update in place; `largest` holds AMSGrad's maxima, absent without it. */
export function adamStepF32(
  param: F32Slice,
  grad: F32Slice,
  average: F32Slice,
  square: F32Slice,
  largest: F32Slice | undefined,
  count: number,
  options: AdamStep,
): void {
  const engine = wasmEngine();
  const p = reserve(engine, AREA * 5 * 4) >> 2;
  const [g, m, v, most] = [p + AREA, p + AREA * 2, p + AREA * 3, p + AREA * 4];
  const c = adamConstants(options);
  const flags =
    (options.maximize ? MAXIMIZE : 0) |
    (options.weightDecay !== 0 ? WEIGHT_DECAY : 0) |
    (options.decoupled ? DECOUPLED : 0) |
    (largest ? AMSGRAD : 0);
  const { adamStep } = engine.kernels;
  for (let i = 0; i < count; i += CHUNK) {
    const n = Math.min(CHUNK, count - i);
    copyIn(engine, p, param.data, param.offset + i, n);
    copyIn(engine, g, grad.data, grad.offset + i, n);
    copyIn(engine, m, average.data, average.offset + i, n);
    copyIn(engine, v, square.data, square.offset + i, n);
    if (largest) copyIn(engine, most, largest.data, largest.offset + i, n);
    adamStep(
      p * 4,
      g * 4,
      m * 4,
      v * 4,
      most * 4,
      n,
      c.decay,
      c.beta1,
      c.keep1,
      c.beta2,
      c.keep2,
      c.correction,
      c.epsilon,
      c.rate,
      flags,
    );
    copyOut(engine, p, param.data, param.offset + i, n);
    copyOut(engine, m, average.data, average.offset + i, n);
    copyOut(engine, v, square.data, square.offset + i, n);
    if (largest) copyOut(engine, most, largest.data, largest.offset + i, n);
  }
}

/** RMSprop's update in place; `mean` where it is centered, `buffer` where it has momentum. */
export const rmspropStepF32: typeof twins.rmspropStepF32 = (
  param,
  grad,
  square,
  mean,
  buffer,
  count,
  options,
) => {
  const engine = wasmEngine();
  const p = reserve(engine, AREA * 5 * 4) >> 2;
  const [g, v, m, b] = [p + AREA, p + AREA * 2, p + AREA * 3, p + AREA * 4];
  const { lr, weightDecay, alpha, eps, momentum } = options;
  const flags =
    (options.maximize ? MAXIMIZE : 0) |
    (weightDecay !== 0 ? WEIGHT_DECAY : 0) |
    (buffer ? MOMENTUM : 0) |
    (mean ? CENTERED : 0);
  for (let i = 0; i < count; i += CHUNK) {
    const n = Math.min(CHUNK, count - i);
    copyIn(engine, p, param.data, param.offset + i, n);
    copyIn(engine, g, grad.data, grad.offset + i, n);
    copyIn(engine, v, square.data, square.offset + i, n);
    if (mean) copyIn(engine, m, mean.data, mean.offset + i, n);
    if (buffer) copyIn(engine, b, buffer.data, buffer.offset + i, n);
    engine.kernels.rmspropStep(
      p * 4,
      g * 4,
      v * 4,
      m * 4,
      b * 4,
      n,
      -lr,
      weightDecay,
      alpha,
      1 - alpha,
      eps,
      momentum,
      flags,
    );
    copyOut(engine, p, param.data, param.offset + i, n);
    copyOut(engine, v, square.data, square.offset + i, n);
    if (mean) copyOut(engine, m, mean.data, mean.offset + i, n);
    if (buffer) copyOut(engine, b, buffer.data, buffer.offset + i, n);
  }
};

/** Adagrad's update in place. */
export const adagradStepF32: typeof twins.adagradStepF32 = (param, grad, sum, count, options) => {
  const engine = wasmEngine();
  const p = reserve(engine, AREA * 3 * 4) >> 2;
  const [g, s] = [p + AREA, p + AREA * 2];
  const { rate, weightDecay, eps } = options;
  const flags = (options.maximize ? MAXIMIZE : 0) | (weightDecay !== 0 ? WEIGHT_DECAY : 0);
  for (let i = 0; i < count; i += CHUNK) {
    const n = Math.min(CHUNK, count - i);
    copyIn(engine, p, param.data, param.offset + i, n);
    copyIn(engine, g, grad.data, grad.offset + i, n);
    copyIn(engine, s, sum.data, sum.offset + i, n);
    engine.kernels.adagradStep(p * 4, g * 4, s * 4, n, -rate, weightDecay, eps, flags);
    copyOut(engine, p, param.data, param.offset + i, n);
    copyOut(engine, s, sum.data, sum.offset + i, n);
  }
};
