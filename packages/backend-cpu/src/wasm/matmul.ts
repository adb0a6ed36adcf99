// Matrix multiplication, float32: cache blocking around the packed kernel of assembly/matmul.ts. Operands may have any
// strides; they are packed from where they lie. The twin is src/twins/matmul.ts.
import { engineFor } from "../threads/threads.ts";
import { matmulF32 as matmulTwin } from "../twins/matmul.ts";
import { type Engine, reserve } from "./engine.ts";
import { type Matrix, multiplyOnThreads } from "./matmul-threads.ts";
import { multiplyRow, suitsVector } from "./matmul-vector.ts";
import { copyIn, copyOut, type Staged, stage, stageFloats } from "./stage.ts";

/** What the product is added to. Without it: zero. */
export interface MatmulInit {
  /** Add to what `out` holds. */
  readonly accumulate?: boolean;
  /** Add one row to every row of the result: n floats from `biasOffset`. Not together with `accumulate`. */
  readonly bias?: Float32Array;
  readonly biasOffset?: number;
}

/** k in one packed panel: a 5 or 6 by 256 panel of A and a 256 x 8 panel of B stay in the first-level cache. */
export const K_BLOCK = 256;
/** k between two writes of C, so that what is packed stays bounded. */
const K_SUPER = 4096;
/** Floats of A and of B packed at a time; a part of k of the former stays in the second-level cache. */
const A_FLOATS = 131072;
const B_FLOATS = 524288;
const COLUMN_BLOCK = 512;
const ROW_BLOCK = 96;
/** Floats staged at a time before they are packed. */
const STAGE_FLOATS = 32768;
/** Products of fewer multiply-adds than this are done in plain loops: staging would cost more. */
export const SMALL = 1024;

/** One call: the operands, the sizes, and the areas of scratch memory (float indices). */
interface Job {
  readonly engine: Engine;
  readonly out: Float32Array;
  readonly outOffset: number;
  readonly a: Matrix;
  readonly b: Matrix;
  readonly m: number;
  readonly n: number;
  readonly init: MatmulInit | undefined;
  readonly tileRows: number;
  readonly packedA: number;
  readonly packedB: number;
  readonly block: number;
  readonly raw: number;
}

const staged: Staged = { rowStride: 0, columnStride: 0 };

const align = (floats: number): number => (floats + 15) & ~15;

/** What out[row, column ...] starts from, for one row of the result, to scratch memory. */
const initializeRow = (job: Job, to: number, row: number, column: number, count: number): void => {
  const { engine, init } = job;
  if (init?.accumulate) {
    copyIn(engine, to, job.out, job.outOffset + row * job.n + column, count);
  } else if (init?.bias) copyIn(engine, to, init.bias, (init.biasOffset ?? 0) + column, count);
  else engine.f32.fill(0, to, to + count);
};

/** Brings what the block of C starts from; false if that is nothing, and the product is to be written as it is. */
const initialize = (
  job: Job,
  row: number,
  rows: number,
  column: number,
  columns: number,
): boolean => {
  const { init, n, block } = job;
  if (!init?.accumulate && !init?.bias) return false;
  if (init.accumulate && columns === n)
    copyIn(job.engine, block, job.out, job.outOffset + row * n, rows * n);
  else
    for (let r = 0; r < rows; r++)
      initializeRow(job, block + r * columns, row + r, column, columns);
  return true;
};

const writeBack = (job: Job, row: number, rows: number, column: number, columns: number): void => {
  const { engine, out, n, block } = job;
  const to = job.outOffset + row * n + column;
  if (columns === n) copyOut(engine, block, out, to, rows * n);
  else {
    for (let r = 0; r < rows; r++) copyOut(engine, block + r * columns, out, to + r * n, columns);
  }
};

/**
 * Packs a [rows, k] matrix from `from` on in panels of `width` rows, part after part of K_BLOCK along k. Staged in pieces: whole
 * rows where those are contiguous, else parts of k.
 */
const pack = (
  { engine, raw }: Job,
  to: number,
  { data }: Matrix,
  from: number,
  rowStride: number,
  kStride: number,
  rows: number,
  k: number,
  width: number,
): void => {
  const { kernels } = engine;
  if (kStride === 1 && rowStride !== 1) {
    const panels = Math.max(1, Math.floor(STAGE_FLOATS / (k * width)));
    const together = Math.min(panels, Math.ceil(rows / width)) * width;
    for (let row = 0, task = 0; row < rows; row += together, task++) {
      const some = Math.min(together, rows - row);
      stage(engine, staged, raw, data, from + row * rowStride, rowStride, 1, some, k);
      const line = staged.rowStride;
      // packTask counts from row 0, of which this is the piece from `row` on.
      const start = (raw - row * line) * 4;
      kernels.packTask(to * 4, start, line, 1, rows, k, width, K_BLOCK, together, task);
    }
    return;
  }
  const padded = Math.ceil(rows / width) * width;
  for (let p = 0; p < k; p += K_BLOCK) {
    const part = Math.min(K_BLOCK, k - p);
    stage(engine, staged, raw, data, from + p * kStride, rowStride, kStride, rows, part);
    const target = (to + p * padded) * 4;
    kernels.packPanels(target, raw * 4, staged.rowStride, staged.columnStride, rows, part, width);
  }
};

const multiply = (job: Job, k: number, nBlock: number, mBlock: number): void => {
  const { engine, a, b, m, n, tileRows, packedA, packedB, block } = job;
  // Beyond the first part of k, results add to what the earlier ones wrote.
  const later: Job = { ...job, init: { accumulate: true } };
  for (let p = 0; p < k; p += K_SUPER) {
    const depth = Math.min(K_SUPER, k - p);
    const part = p === 0 ? job : later;
    for (let j = 0; j < n; j += nBlock) {
      const columns = Math.min(nBlock, n - j);
      const fromB = b.offset + p * b.rowStride + j * b.columnStride;
      pack(job, packedB, b, fromB, b.columnStride, b.rowStride, columns, depth, 8);
      for (let i = 0; i < m; i += mBlock) {
        const rows = Math.min(mBlock, m - i);
        const fromA = a.offset + i * a.rowStride + p * a.columnStride;
        pack(job, packedA, a, fromA, a.rowStride, a.columnStride, rows, depth, tileRows);
        const fresh = initialize(part, i, rows, j, columns) ? 0 : 1;
        engine.kernels.matmulTask(
          ...([packedA * 4, packedB * 4, block * 4, rows, columns, depth] as const),
          ...([K_BLOCK, fresh, mBlock, nBlock, 0] as const),
        );
        writeBack(part, i, rows, j, columns);
      }
    }
  }
};

/** A product with one row or one column; false where it is not done, because B's layout does not suit. */
const multiplyVector = (job: Job, k: number): boolean => {
  const { engine, out, outOffset, a, b, m, n } = job;
  // A column is a row of the transposed product.
  const [row, matrix, count] =
    m === 1
      ? [a, b, n]
      : [
          { ...b, rowStride: b.columnStride, columnStride: b.rowStride },
          { ...a, rowStride: a.columnStride, columnStride: a.rowStride },
          m,
        ];
  const { rowStride, columnStride } = matrix;
  if (!suitsVector(rowStride, columnStride, k, count)) return false;
  const fill = (to: number, from: number, size: number): void => {
    if (m === 1) initializeRow(job, to, 0, from, size);
    else if (job.init?.accumulate) copyIn(engine, to, out, outOffset + from, size);
    else {
      const bias = job.init?.bias?.[job.init.biasOffset ?? 0] ?? 0;
      engine.f32.fill(bias, to, to + size);
    }
  };
  multiplyRow(
    engine,
    ...([out, outOffset, row.data, row.offset, row.columnStride] as const),
    ...([matrix.data, matrix.offset, rowStride, columnStride, count, k, fill] as const),
  );
  return true;
};

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
  // Products with one row or column are bound by memory, which one thread has to copy anyway.
  const engine = engineFor(m === 1 || n === 1 ? 0 : m * n * k);
  const left: Matrix = {
    data: a,
    offset: aOffset,
    rowStride: aRowStride,
    columnStride: aColumnStride,
  };
  const right: Matrix = {
    data: b,
    offset: bOffset,
    rowStride: bRowStride,
    columnStride: bColumnStride,
  };
  if (engine.shared) {
    multiplyOnThreads(engine, out, outOffset, left, right, m, n, k, K_BLOCK, init);
    return;
  }
  const tileRows = engine.kernels.panelRows();
  const kSuper = Math.min(k, K_SUPER);
  const panels = Math.max(1, Math.floor(Math.min(ROW_BLOCK, A_FLOATS / kSuper) / tileRows));
  const mBlock = Math.min(m, panels * tileRows);
  const fitting = Math.max(8, Math.floor(B_FLOATS / kSuper) & ~7);
  const nBlock = Math.min((n + 7) & ~7, COLUMN_BLOCK, fitting);
  const packedA = align(kSuper * nBlock);
  const block = packedA + align(Math.ceil(mBlock / tileRows) * tileRows * kSuper);
  const raw = block + align(mBlock * nBlock);
  const kBlock = Math.min(k, K_BLOCK);
  const pieces = stageFloats(1, Math.max(STAGE_FLOATS, 8 * kSuper));
  const total = raw + Math.max(pieces, stageFloats(mBlock, kBlock), stageFloats(kBlock, nBlock));
  const base = reserve(engine, total * 4) >> 2;
  const job: Job = {
    ...{ engine, out, outOffset, m, n, init, tileRows, a: left, b: right },
    ...{ packedB: base, packedA: base + packedA, block: base + block, raw: base + raw },
  };
  if ((m === 1 || n === 1) && multiplyVector(job, k)) return;
  multiply(job, k, nBlock, mBlock);
}
