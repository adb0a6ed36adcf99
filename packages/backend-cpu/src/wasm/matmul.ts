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

/** k in one packed panel: a 4 to 6 by 256 panel of A and a 256 x 8 panel of B stay in the first-level cache. */
const K_BLOCK = 256;
/** k between two writes of C, so that the packed columns of B stay bounded. */
const K_SUPER = 4096;
/** Floats of B packed at a time. */
const B_FLOATS = 262144;
const COLUMN_BLOCK = 512;
const ROW_BLOCK = 96;
/** Products of fewer multiply-adds than this are done in plain loops: staging would cost more. */
const SMALL = 1024;

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

const initialize = (job: Job, row: number, rows: number, column: number, columns: number): void => {
  const { engine, init, n, block } = job;
  if (!init?.accumulate && !init?.bias) engine.f32.fill(0, block, block + rows * columns);
  else if (init.accumulate && columns === n) {
    copyIn(engine, block, job.out, job.outOffset + row * n, rows * n);
  } else {
    for (let r = 0; r < rows; r++) {
      initializeRow(job, block + r * columns, row + r, column, columns);
    }
  }
};

const writeBack = (job: Job, row: number, rows: number, column: number, columns: number): void => {
  const { engine, out, n, block } = job;
  const to = job.outOffset + row * n + column;
  if (columns === n) copyOut(engine, block, out, to, rows * n);
  else {
    for (let r = 0; r < rows; r++) copyOut(engine, block + r * columns, out, to + r * n, columns);
  }
};

/** Packs B[k .. kEnd, column .. column + columns] in panels of 8 columns, block after block of k. */
const packB = (job: Job, k: number, kEnd: number, column: number, columns: number): void => {
  const { engine, b, raw } = job;
  const padded = (columns + 7) & ~7;
  for (let p = k; p < kEnd; p += K_BLOCK) {
    const depth = Math.min(K_BLOCK, kEnd - p);
    const from = b.offset + p * b.rowStride + column * b.columnStride;
    stage(engine, staged, raw, b.data, from, b.rowStride, b.columnStride, depth, columns);
    const to = (job.packedB + (p - k) * padded) * 4;
    const { rowStride, columnStride } = staged;
    engine.kernels.packPanels(to, raw * 4, columnStride, rowStride, columns, depth, 8);
  }
};

/** Adds A[row .. row + rows, k .. kEnd] times the packed part of B to the block of C in scratch memory. */
const multiplyBlock = (
  job: Job,
  row: number,
  rows: number,
  k: number,
  kEnd: number,
  columns: number,
): void => {
  const { engine, a, raw, packedA, tileRows } = job;
  const padded = (columns + 7) & ~7;
  for (let p = k; p < kEnd; p += K_BLOCK) {
    const depth = Math.min(K_BLOCK, kEnd - p);
    const from = a.offset + row * a.rowStride + p * a.columnStride;
    stage(engine, staged, raw, a.data, from, a.rowStride, a.columnStride, rows, depth);
    const { rowStride, columnStride } = staged;
    engine.kernels.packPanels(packedA * 4, raw * 4, rowStride, columnStride, rows, depth, tileRows);
    const panel = (job.packedB + (p - k) * padded) * 4;
    engine.kernels.matmulBlock(packedA * 4, panel, job.block * 4, columns, rows, columns, depth);
  }
};

const multiply = (job: Job, k: number, nBlock: number, mBlock: number): void => {
  const { m, n } = job;
  // Beyond the first part of k, results add to what the earlier ones wrote.
  const later: Job = { ...job, init: { accumulate: true } };
  for (let k0 = 0; k0 < Math.max(k, 1); k0 += K_SUPER) {
    const kEnd = Math.min(k, k0 + K_SUPER);
    const part = k0 === 0 ? job : later;
    for (let j = 0; j < n; j += nBlock) {
      const columns = Math.min(nBlock, n - j);
      packB(part, k0, kEnd, j, columns);
      for (let i = 0; i < m; i += mBlock) {
        const rows = Math.min(mBlock, m - i);
        initialize(part, i, rows, j, columns);
        multiplyBlock(part, i, rows, k0, kEnd, columns);
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
  const tileRows = engine.kernels.matmulRows();
  const mBlock = Math.min(m, ROW_BLOCK);
  const kBlock = Math.min(k, K_BLOCK);
  const kSuper = Math.min(k, K_SUPER);
  const fitting = Math.max(8, Math.floor(B_FLOATS / kSuper) & ~7);
  const nBlock = Math.min((n + 7) & ~7, COLUMN_BLOCK, fitting);
  const packedA = align(kSuper * nBlock);
  const block = packedA + align(Math.ceil(mBlock / tileRows) * tileRows * kBlock);
  const raw = block + align(mBlock * nBlock);
  const total = raw + Math.max(stageFloats(mBlock, kBlock), stageFloats(kBlock, nBlock));
  const base = reserve(engine, total * 4) >> 2;
  const job: Job = {
    ...{ engine, out, outOffset, m, n, init, tileRows },
    ...{ a: left, b: right },
    ...{ packedB: base, packedA: base + packedA, block: base + block, raw: base + raw },
  };
  if ((m === 1 || n === 1) && multiplyVector(job, k)) return;
  multiply(job, k, nBlock, mBlock);
}
