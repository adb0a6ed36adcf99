// Matrix multiplication, float32: small products in plain loops, vectors by their own kernels, all others in blocks. Operands may
// have any strides; they are packed from where they lie. The twin is src/twins/matmul.ts.
import { engineFor } from "../threads/threads.ts";
import { matmulF32 as matmulTwin } from "../twins/matmul.ts";
import { type Engine, wasmEngine } from "./engine.ts";
import { type Matrix, multiplyBlocks } from "./matmul-blocks.ts";
import { multiplyRow, suitsVector } from "./matmul-vector.ts";
import { copyIn } from "./stage.ts";

/** What the product is added to. Without it: zero. */
export interface MatmulInit {
  /** Add to what `out` holds. */
  readonly accumulate?: boolean;
  /** Add one row to every row of the result: n floats from `biasOffset`. Not together with `accumulate`. */
  readonly bias?: Float32Array;
  readonly biasOffset?: number;
}

/** Products of fewer multiply-adds than this are done in plain loops: staging would cost more. */
const SMALL = 1024;

/**
 * A product with one row or one column, which is bound by memory: one thread has to copy it anyway. False where it is not done,
 * because the matrix's layout does not suit.
 */
const multiplyVector = (
  engine: Engine,
  out: Float32Array,
  outOffset: number,
  a: Matrix,
  b: Matrix,
  m: number,
  n: number,
  k: number,
  init: MatmulInit | undefined,
): boolean => {
  // A column is a row of the transposed product.
  const [row, matrix, count] = m === 1 ? [a, b, n] : [transposed(b), transposed(a), m];
  const { rowStride, columnStride } = matrix;
  if (!suitsVector(rowStride, columnStride, k, count)) return false;
  const fill = (to: number, from: number, size: number): void => {
    const biasOffset = init?.biasOffset ?? 0;
    if (init?.accumulate) copyIn(engine, to, out, outOffset + from, size);
    else if (init?.bias && m === 1) copyIn(engine, to, init.bias, biasOffset + from, size);
    else engine.f32.fill(init?.bias?.[biasOffset] ?? 0, to, to + size);
  };
  multiplyRow(
    engine,
    ...([out, outOffset, row.data, row.offset, row.columnStride] as const),
    ...([matrix.data, matrix.offset, rowStride, columnStride, count, k, fill] as const),
  );
  return true;
};

const transposed = ({ data, offset, rowStride, columnStride }: Matrix): Matrix => ({
  ...{ data, offset, rowStride: columnStride, columnStride: rowStride },
});

/**
 * out[m, n] = A[m, k] B[k, n] (+ bias row, or + out), float32.
 *
 * `out` is dense and row-major from `outOffset`; A and B have any row and column strides in elements (0 broadcasts), so a
 * transposed operand is the same array with its strides exchanged. `out` must not overlap A or B.
 */
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
  if (m * n * k < SMALL) {
    const [aR, aC, bR, bC] = [aRowStride, aColumnStride, bRowStride, bColumnStride];
    matmulTwin(out, outOffset, a, aOffset, aR, aC, b, bOffset, bR, bC, m, n, k, init);
    return;
  }
  const left = { data: a, offset: aOffset, rowStride: aRowStride, columnStride: aColumnStride };
  const right = { data: b, offset: bOffset, rowStride: bRowStride, columnStride: bColumnStride };
  const vector = m === 1 || n === 1;
  const engine = vector ? wasmEngine() : engineFor(m * n * k);
  if (!vector || !multiplyVector(engine, out, outOffset, left, right, m, n, k, init))
    multiplyBlocks(engine, out, outOffset, left, right, m, n, k, init);
}
