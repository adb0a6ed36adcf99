// Batches of small matrix products, float32: staged, multiplied and copied out many at a time, on threads some to a task. Bits are
// the same on any number of threads.
import { engineFor, parallel } from "../threads/threads.ts";
import { type Engine, reserve, THREAD_BYTES } from "./engine.ts";
import { matmulF32 } from "./matmul.ts";
import { partOf } from "./matmul-blocks.ts";
import { copyIn, copyOut, type Staged, stage, stageFloats } from "./stage.ts";

/** Matrices of one shape somewhere in an array. */
export interface MatrixBatch {
  readonly data: Float32Array;
  /** Where each begins. */
  readonly starts: readonly number[];
  readonly rowStride: number;
  readonly columnStride: number;
}

/** From so many multiply-adds on, a product is cut into tasks of its own. */
const LARGE = 1 << 21;
/** Floats staged at a time, unless one product needs more: on one thread they should stay in its cache. */
const STAGE_FLOATS = 1 << 16;
const SHARED_FLOATS = 1 << 20;
/** Tasks that are made of what is staged. */
const TASKS = 64;

const align = (floats: number): number => (floats + 15) & ~15;

/** Whether a batch of products of this size is done together: packed operands fit in a thread's scratch area. */
const suits = (engine: Engine, m: number, n: number, k: number): boolean => {
  const panel = engine.kernels.panelRows();
  const floats = align(Math.ceil(m / panel) * panel * k) + Math.ceil(n / 8) * 8 * k;
  return m > 1 && n > 1 && k > 0 && floats * 4 + 1024 <= THREAD_BYTES;
};

/** The floats from one matrix to the next where they lie one behind the other, 0 where all are one; else undefined. */
const stepOf = (
  { starts, rowStride, columnStride }: MatrixBatch,
  rows: number,
  columns: number,
): number | undefined => {
  const [first, second = first] = starts as [number, number];
  const step = second - first;
  if (!starts.every((start, i) => start === first + i * step)) return undefined;
  const byRows = columnStride === 1 && rowStride === columns;
  const dense = byRows || (rowStride === 1 && columnStride === rows);
  return step === 0 || (dense && step === rows * columns) ? step : undefined;
};

/** Brings the matrices [first, first + count) to `to`; gives the floats from one to the next. */
const bring = (
  engine: Engine,
  staged: Staged,
  to: number,
  batch: MatrixBatch,
  step: number | undefined,
  rows: number,
  columns: number,
  first: number,
  count: number,
): number => {
  const { data, starts, rowStride, columnStride } = batch;
  if (step !== undefined && step > 0) {
    copyIn(engine, to, data, starts[first] as number, count * step);
    staged.rowStride = rowStride;
    staged.columnStride = columnStride;
    return step;
  }
  const size = align(stageFloats(rows, columns));
  for (let i = 0; i < (step === 0 ? 1 : count); i++) {
    const from = starts[first + i] as number;
    stage(engine, staged, to + i * size, data, from, rowStride, columnStride, rows, columns);
  }
  return step === 0 ? 0 : size;
};

const multiplyTogether = (
  engine: Engine,
  out: Float32Array,
  outOffset: number,
  a: MatrixBatch,
  b: MatrixBatch,
  m: number,
  n: number,
  k: number,
): void => {
  const [aSize, bSize] = [align(stageFloats(m, k)), align(stageFloats(k, n))];
  const batch = a.starts.length;
  const most = (engine.shared ? SHARED_FLOATS : STAGE_FLOATS) / (aSize + bSize + m * n);
  const together = Math.min(batch, Math.max(1, Math.floor(most)));
  const total = together * (aSize + bSize + m * n) + 64;
  const toA = reserve(engine, total * 4) >> 2;
  const toB = toA + together * aSize;
  const toC = toB + together * bSize;
  const [aStep, bStep] = [stepOf(a, m, k), stepOf(b, k, n)];
  const left = { rowStride: 0, columnStride: 0 };
  const right = { rowStride: 0, columnStride: 0 };
  const group = engine.shared ? Math.ceil(together / TASKS) : together;
  for (let first = 0; first < batch; first += together) {
    const count = Math.min(together, batch - first);
    const aMatrix = bring(engine, left, toA, a, aStep, m, k, first, count);
    const bMatrix = bring(engine, right, toB, b, bStep, k, n, first, count);
    parallel(engine, "matmulBatchTask", Math.ceil(count / group), [
      ...[toA * 4, toB * 4, toC * 4, aMatrix, left.rowStride, left.columnStride],
      ...[bMatrix, right.columnStride, right.rowStride, m, n, k, partOf(k), count, group],
    ]);
    copyOut(engine, toC, out, outOffset + first * m * n, count * m * n);
  }
};

/** out[i] = A[i] B[i], matrices [m, k] and [k, n]: `matmulF32` for each; `out` is dense. */
export function matmulBatchF32(
  out: Float32Array,
  outOffset: number,
  a: MatrixBatch,
  b: MatrixBatch,
  m: number,
  n: number,
  k: number,
): void {
  const batch = a.starts.length;
  const cost = m * n * k;
  if (batch > 1 && cost < LARGE) {
    const engine = engineFor(batch * cost);
    if (suits(engine, m, n, k)) {
      multiplyTogether(engine, out, outOffset, a, b, m, n, k);
      return;
    }
  }
  for (let i = 0; i < batch; i++) {
    const left = [a.data, a.starts[i] as number, a.rowStride, a.columnStride] as const;
    const right = [b.data, b.starts[i] as number, b.rowStride, b.columnStride] as const;
    matmulF32(out, outOffset + i * m * n, ...left, ...right, m, n, k);
  }
}
