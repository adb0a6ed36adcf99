// Layer norm over rows, float32, forward and backward. The twins are in src/twins/layer-norm.ts.
import type * as twins from "../twins/layer-norm.ts";
import { type Engine, reserve, wasmEngine } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";

/** Floats staged at a time: as many whole rows as fit, at least one. */
const CHUNK = 4096;
/** Rows whose gradients of weight and bias are summed in float32 before they go into float64. */
const TOGETHER = 32;

const align = (floats: number): number => (floats + 15) & ~15;

const fill = (
  engine: Engine,
  at: number,
  values: Float32Array | undefined,
  count: number,
  missing: number,
): void => {
  if (values === undefined) engine.f32.fill(missing, at, at + count);
  else copyIn(engine, at, values, 0, count);
};

/** y = (x - mean) / sqrt(variance + eps) * weight + bias in each row of [rows, columns]. */
export const layerNormF32: typeof twins.layerNormF32 = (
  y,
  means,
  variances,
  x,
  weight,
  bias,
  rows,
  columns,
  eps,
) => {
  if (rows === 0 || columns === 0) return;
  const engine = wasmEngine();
  const together = Math.min(rows, Math.max(1, Math.floor(CHUNK / columns)));
  const [line, area, few] = [align(columns), align(together * columns), align(together)];
  const w = reserve(engine, (line * 2 + area + few * 2) * 4) >> 2;
  const [b, at] = [w + line, w + line * 2];
  const [m, v] = [at + area, at + area + few];
  fill(engine, w, weight, columns, 1);
  fill(engine, b, bias, columns, 0);
  for (let row = 0; row < rows; row += together) {
    const n = Math.min(together, rows - row);
    copyIn(engine, at, x, row * columns, n * columns);
    engine.kernels.layerNorm(at * 4, at * 4, w * 4, b * 4, m * 4, v * 4, n, columns, eps);
    copyOut(engine, at, y, row * columns, n * columns);
    copyOut(engine, m, means, row, n);
    copyOut(engine, v, variances, row, n);
  }
};

/** The gradients; those of weight and bias are float64. */
export const layerNormGradF32: typeof twins.layerNormGradF32 = (
  gradInput,
  gradWeight,
  gradBias,
  grad,
  x,
  means,
  variances,
  weight,
  rows,
  columns,
  eps,
) => {
  gradWeight.fill(0);
  gradBias.fill(0);
  if (rows === 0 || columns === 0) return;
  const engine = wasmEngine();
  const together = Math.min(rows, TOGETHER, Math.max(1, Math.floor(CHUNK / columns)));
  const [line, area, few] = [align(columns), align(together * columns), align(together)];
  const sums = reserve(engine, (line * 7 + area * 2 + few * 2) * 4) >> 2;
  const [w, dw] = [sums + line * 4, sums + line * 5];
  const db = dw + line;
  const [g, at] = [db + line, db + line + area];
  const [m, v] = [at + area, at + area + few];
  const { f32, kernels } = engine;
  f32.fill(0, sums, sums + line * 7);
  fill(engine, w, weight, columns, 1);
  const flush = (): void => {
    kernels.flushSums(sums * 4, dw * 4, columns);
    kernels.flushSums((sums + line * 2) * 4, db * 4, columns);
  };
  let pending = 0;
  for (let row = 0; row < rows; row += together) {
    const n = Math.min(together, rows - row);
    copyIn(engine, g, grad, row * columns, n * columns);
    copyIn(engine, at, x, row * columns, n * columns);
    copyIn(engine, m, means, row, n);
    copyIn(engine, v, variances, row, n);
    if (pending + n > TOGETHER) {
      flush();
      pending = 0;
    }
    pending += n;
    kernels.layerNormGrad(g * 4, at * 4, w * 4, m * 4, v * 4, dw * 4, db * 4, n, columns, eps);
    copyOut(engine, g, gradInput, row * columns, n * columns);
  }
  flush();
  const first = sums >> 1;
  gradWeight.set(engine.f64.subarray(first, first + columns));
  gradBias.set(engine.f64.subarray(first + line, first + line + columns));
};
