// The product of one row and a matrix, float32: bound by memory, so the matrix is staged in chunks and read there once.
import { type Engine, reserve } from "./engine.ts";
import { copyIn, copyOut, type Staged, stage } from "./stage.ts";

/** Floats of the matrix staged at a time. */
const CHUNK = 16384;
const COLUMNS = 4096;
/** k elements of the row at a time. */
const DEPTH = 4096;

const staged: Staged = { rowStride: 0, columnStride: 0 };

/** Whether `multiplyRow` reads a matrix with these strides faster than it could be packed. */
export function suitsVector(
  rowStride: number,
  columnStride: number,
  k: number,
  n: number,
): boolean {
  return (columnStride === 1 && rowStride >= n) || (rowStride === 1 && columnStride >= k);
}

/**
 * out[j] = init[j] + sum over p of a[p * aStride] B[p, j]; B's rows or its columns are contiguous. `fill` puts init's part
 * from column j on into scratch memory.
 */
export function multiplyRow(
  engine: Engine,
  out: Float32Array,
  outOffset: number,
  a: Float32Array,
  aOffset: number,
  aStride: number,
  b: Float32Array,
  bOffset: number,
  bRowStride: number,
  bColumnStride: number,
  n: number,
  k: number,
  fill: (scratch: number, column: number, count: number) => void,
): void {
  const byRows = bColumnStride === 1;
  const columns = Math.min(n, COLUMNS);
  const depth = Math.min(k, DEPTH);
  const base = reserve(engine, (COLUMNS + DEPTH + CHUNK + 64) * 4) >> 2;
  const row = base + COLUMNS + 16;
  const matrix = row + DEPTH + 16;
  for (let j = 0; j < n; j += columns) {
    const width = Math.min(columns, n - j);
    fill(base, j, width);
    for (let p = 0; p < k; p += depth) {
      const length = Math.min(depth, k - p);
      stage(engine, staged, row, a, aOffset + p * aStride, 0, aStride, 1, length);
      if (staged.columnStride === 0) engine.f32.fill(engine.f32[row] as number, row, row + length);
      const from = bOffset + p * bRowStride + j * bColumnStride;
      // Lines are the contiguous runs of B: its rows, or its columns.
      const lineLength = byRows ? width : length;
      const lineStride = byRows ? bRowStride : bColumnStride;
      const lines = byRows ? length : width;
      const together = Math.max(1, Math.floor(CHUNK / lineLength));
      for (let line = 0; line < lines; line += together) {
        const count = Math.min(together, lines - line);
        const at = from + line * lineStride;
        if (lineStride === lineLength) copyIn(engine, matrix, b, at, count * lineLength);
        else {
          for (let i = 0; i < count; i++) {
            copyIn(engine, matrix + i * lineLength, b, at + i * lineStride, lineLength);
          }
        }
        if (byRows) {
          engine.kernels.addScaledRows(base * 4, (row + line) * 4, matrix * 4, count, width);
        } else engine.kernels.addDots((base + line) * 4, row * 4, matrix * 4, count, length);
      }
    }
    copyOut(engine, base, out, outOffset + j, width);
  }
}
