// Matrix multiplication in float64: blocks of both operands, read with any strides, multiplied in
// registers.
import { multiplyAdd } from "./gemm.ts";

const ROWS = 64;
const COLUMNS = 256;
const DEPTH = 128;
/** Products of fewer multiply-adds are done in plain loops: packing would cost more. */
const SMALL = 512;

interface Scratch {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly c: Float64Array;
}
let scratch: Scratch | undefined;
const blocks = (): Scratch =>
  (scratch ??= {
    a: new Float64Array(ROWS * DEPTH),
    b: new Float64Array(DEPTH * COLUMNS),
    c: new Float64Array(ROWS * COLUMNS),
  });

function pack(
  to: Float64Array,
  from: Float64Array,
  at: number,
  rowStride: number,
  columnStride: number,
  rows: number,
  columns: number,
): void {
  // Along the smaller stride, so that memory is read in order.
  if (columnStride <= rowStride)
    for (let i = 0, line = at; i < rows; i++, line += rowStride)
      for (let j = 0, k = line; j < columns; j++, k += columnStride)
        to[i * columns + j] = from[k] as number;
  else
    for (let j = 0, line = at; j < columns; j++, line += columnStride)
      for (let i = 0, k = line; i < rows; i++, k += rowStride)
        to[i * columns + j] = from[k] as number;
}

/**
 * out[m, n] = A[m, k] B[k, n] (+ bias row). `out` is dense and row-major from `outOffset` and overlaps
 * no operand; A and B have any row and column strides in elements.
 */
export function matmulF64(
  out: Float64Array,
  outOffset: number,
  a: Float64Array,
  aOffset: number,
  aRowStride: number,
  aColumnStride: number,
  b: Float64Array,
  bOffset: number,
  bRowStride: number,
  bColumnStride: number,
  m: number,
  n: number,
  k: number,
  init?: { readonly bias: Float64Array; readonly biasOffset: number },
): void {
  if (m * n * k < SMALL) {
    for (let i = 0, to = outOffset; i < m; i++)
      for (let j = 0; j < n; j++, to++) {
        let sum = init === undefined ? 0 : (init.bias[init.biasOffset + j] as number);
        const [row, column] = [aOffset + i * aRowStride, bOffset + j * bColumnStride];
        for (let p = 0; p < k; p++)
          sum += (a[row + p * aColumnStride] as number) * (b[column + p * bRowStride] as number);
        out[to] = sum;
      }
    return;
  }
  const block = blocks();
  for (let j = 0; j < n; j += COLUMNS) {
    const columns = Math.min(COLUMNS, n - j);
    for (let i = 0; i < m; i += ROWS) {
      const rows = Math.min(ROWS, m - i);
      block.c.fill(0, 0, rows * columns);
      for (let p = 0; p < k; p += DEPTH) {
        const depth = Math.min(DEPTH, k - p);
        const left = aOffset + i * aRowStride + p * aColumnStride;
        const right = bOffset + p * bRowStride + j * bColumnStride;
        pack(block.a, a, left, aRowStride, aColumnStride, rows, depth);
        pack(block.b, b, right, bRowStride, bColumnStride, depth, columns);
        multiplyAdd(block.c, block.a, block.b, rows, columns, depth);
      }
      for (let y = 0; y < rows; y++) {
        const to = outOffset + (i + y) * n + j;
        for (let x = 0; x < columns; x++) {
          const start = init === undefined ? 0 : (init.bias[init.biasOffset + j + x] as number);
          out[to + x] = start + (block.c[y * columns + x] as number);
        }
      }
    }
  }
}
