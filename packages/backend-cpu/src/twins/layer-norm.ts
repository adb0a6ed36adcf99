// The definition of the float32 layer norm over rows, and what runs where WebAssembly SIMD is missing.
import { moments, type NormSizes, normalize, normalizeGrad } from "./norm.ts";

const sizesOf = (rows: number, columns: number): NormSizes => ({
  means: rows,
  runs: 1,
  length: columns,
  step: 1,
  cycle: 1,
});

/** y = (x - mean) / sqrt(variance + eps) * weight + bias in each row of [rows, columns]. */
export function layerNormF32(
  y: Float32Array,
  means: Float32Array,
  variances: Float32Array,
  x: Float32Array,
  weight: Float32Array | undefined,
  bias: Float32Array | undefined,
  rows: number,
  columns: number,
  eps: number,
): void {
  const [centers, spreads] = [new Float64Array(rows), new Float64Array(rows)];
  const sizes = sizesOf(rows, columns);
  moments(centers, spreads, x, sizes);
  normalize(y, x, centers, spreads, weight, bias, eps, sizes);
  means.set(centers);
  variances.set(spreads);
}

/** The gradients; those of weight and bias are float64. */
export function layerNormGradF32(
  gradInput: Float32Array,
  gradWeight: Float64Array,
  gradBias: Float64Array,
  grad: Float32Array,
  x: Float32Array,
  means: Float32Array,
  variances: Float32Array,
  weight: Float32Array | undefined,
  rows: number,
  columns: number,
  eps: number,
): void {
  const sizes = sizesOf(rows, columns);
  normalizeGrad(gradInput, gradWeight, gradBias, grad, x, means, variances, weight, eps, sizes);
}
