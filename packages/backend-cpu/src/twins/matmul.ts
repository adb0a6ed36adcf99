// The definition of the float32 matmul kernel, and what runs where WebAssembly SIMD is missing.
import type { MatmulInit } from "../wasm/matmul.ts";
import type { MatrixBatch } from "../wasm/matmul-batch.ts";

/** out[i, j] = init[i, j] + sum over p of A[i, p] B[p, j]; see `matmulF32` in src/wasm. Sums in float64. */
export function matmulF32(
  out: Float32Array,
  outOffset: number,
  a: Float32Array,
  aOffset: number,
  aRowStride: number,
  aColumnStride: number,
  b: Float32Array,
  bOffset: number,
  bRowStride: number,
  bColumnStride: number,
  m: number,
  n: number,
  k: number,
  init?: MatmulInit,
): void {
  const bias = init?.bias;
  const biasOffset = init?.biasOffset ?? 0;
  const accumulate = init?.accumulate === true;
  for (let i = 0; i < m; i++) {
    const row = aOffset + i * aRowStride;
    for (let j = 0; j < n; j++) {
      const to = outOffset + i * n + j;
      const column = bOffset + j * bColumnStride;
      let sum = 0;
      if (accumulate) sum = out[to] as number;
      else if (bias) sum = bias[biasOffset + j] as number;
      for (let p = 0; p < k; p++) {
        sum += (a[row + p * aColumnStride] as number) * (b[column + p * bRowStride] as number);
      }
      out[to] = sum;
    }
  }
}

/** One product after the other; see `matmulBatchF32` in src/wasm. */
export function matmulBatchF32(
  out: Float32Array,
  outOffset: number,
  a: MatrixBatch,
  b: MatrixBatch,
  m: number,
  n: number,
  k: number,
): void {
  a.starts.forEach((start, i) => {
    const left = [a.data, start, a.rowStride, a.columnStride] as const;
    const right = [b.data, b.starts[i] as number, b.rowStride, b.columnStride] as const;
    matmulF32(out, outOffset + i * m * n, ...left, ...right, m, n, k);
  });
}
