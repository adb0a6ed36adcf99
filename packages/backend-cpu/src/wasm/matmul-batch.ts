// Batches of small matrix products, float32: on threads each product is a task, staged and copied out many at a time. Bits are
// those of the products one by one.
import { engineFor, parallel } from "../threads/threads.ts";
import { type Engine, reserve, THREAD_BYTES } from "./engine.ts";
import { K_BLOCK, matmulF32, SMALL } from "./matmul.ts";
import { copyOut, type Staged, stage, stageFloats } from "./stage.ts";

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
/** Floats staged at a time, unless one product needs more. */
const STAGE_FLOATS = 1 << 20;

const align = (floats: number): number => (floats + 15) & ~15;

/** Whether products of this size are to be tasks: packed operands fit in a thread's scratch area. */
const suits = (engine: Engine, m: number, n: number, k: number): boolean => {
  const panel = engine.kernels.panelRows();
  const floats = align(Math.ceil(m / panel) * panel * k) + Math.ceil(n / 8) * 8 * k;
  return m > 1 && n > 1 && m * n * k >= SMALL && floats * 4 + 1024 <= THREAD_BYTES;
};

/** Brings the matrices [first, first + count) to `to`, `size` floats apart; gives the floats from one to the next. */
const bring = (
  engine: Engine,
  staged: Staged,
  to: number,
  size: number,
  { data, starts, rowStride, columnStride }: MatrixBatch,
  rows: number,
  columns: number,
  first: number,
  count: number,
): number => {
  const start = starts[first] as number;
  const one = starts.slice(first, first + count).every((other) => other === start);
  for (let i = 0; i < (one ? 1 : count); i++) {
    const from = starts[first + i] as number;
    stage(engine, staged, to + i * size, data, from, rowStride, columnStride, rows, columns);
  }
  return one ? 0 : size;
};

const multiplyOnThreads = (
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
  const most = Math.max(1, Math.floor(STAGE_FLOATS / (aSize + bSize + m * n)));
  const together = Math.min(batch, most);
  const total = together * (aSize + bSize + m * n) + 64;
  const toA = reserve(engine, total * 4) >> 2;
  const toB = toA + together * aSize;
  const toC = toB + together * bSize;
  const [left, right] = [
    { rowStride: 0, columnStride: 0 },
    { rowStride: 0, columnStride: 0 },
  ];
  for (let first = 0; first < batch; first += together) {
    const count = Math.min(together, batch - first);
    const aMatrix = bring(engine, left, toA, aSize, a, m, k, first, count);
    const bMatrix = bring(engine, right, toB, bSize, b, k, n, first, count);
    parallel(engine, "matmulBatchTask", count, [
      ...[toA * 4, toB * 4, toC * 4, aMatrix, left.rowStride, left.columnStride],
      ...[bMatrix, right.columnStride, right.rowStride, m, n, k, K_BLOCK],
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
    if (engine.shared && suits(engine, m, n, k)) {
      multiplyOnThreads(engine, out, outOffset, a, b, m, n, k);
      return;
    }
  }
  for (let i = 0; i < batch; i++) {
    const left = [a.data, a.starts[i] as number, a.rowStride, a.columnStride] as const;
    const right = [b.data, b.starts[i] as number, b.rowStride, b.columnStride] as const;
    matmulF32(out, outOffset + i * m * n, ...left, ...right, m, n, k);
  }
}
