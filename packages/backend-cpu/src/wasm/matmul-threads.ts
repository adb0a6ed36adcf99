// Matrix multiplication on all threads: the caller copies a chunk of both operands to shared memory, then packing and
// multiplying are tasks. The parts of k are those of matmul.ts, so the bits are too.
import { parallel } from "../threads/threads.ts";
import { type Engine, reserve } from "./engine.ts";
import type { MatmulInit } from "./matmul.ts";
import { copyIn, copyOut, type Staged, stage, stageFloats } from "./stage.ts";

/** An operand: a strided matrix somewhere in an array. */
export interface Matrix {
  readonly data: Float32Array;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Floats of an operand or of the result staged at a time, and k at a time. */
const CHUNK_FLOATS = 1 << 20;
const CHUNK_DEPTH = 1024;
/** Blocks of the result that one task computes, at most; smaller ones where there would be few. */
const TASK_ROWS = 96;
const TASK_COLUMNS = 256;
const TASKS = 16;

const staged: Staged = { rowStride: 0, columnStride: 0 };
const align = (floats: number): number => (floats + 15) & ~15;

/** The blocks of an m by n result, rows in whole panels: about 16 or more, unless they would become tiny. */
export function taskBlocks(m: number, n: number, panel: number): [rows: number, columns: number] {
  const whole = (rows: number): number => Math.ceil(rows / panel) * panel;
  let rows = Math.min(whole(TASK_ROWS), whole(m));
  let columns = Math.min(TASK_COLUMNS, (n + 7) & ~7);
  const tasks = (): number => Math.ceil(m / rows) * Math.ceil(n / columns);
  while (tasks() < TASKS && columns > 64) columns = ((columns >> 1) + 7) & ~7;
  while (tasks() < TASKS && rows > 4 * panel) rows = whole(rows >> 1);
  return [rows, columns];
}

/** Float addresses of what is staged for a chunk of [m, n, k] at most. */
interface Areas {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly raw: number;
}

const areasFor = (engine: Engine, m: number, n: number, k: number, panel: number): Areas => {
  const b = align(Math.ceil(m / panel) * panel * k);
  const c = b + align(((n + 7) & ~7) * k);
  const raw = c + align(m * n);
  const size = raw + Math.max(stageFloats(m, k), stageFloats(k, n));
  const base = reserve(engine, size * 4) >> 2;
  return { a: base, b: base + b, c: base + c, raw: base + raw };
};

/** Packs a [rows, k] matrix as tasks. */
const pack = (
  engine: Engine,
  to: number,
  from: number,
  rowStride: number,
  kStride: number,
  rows: number,
  k: number,
  width: number,
  depth: number,
): void => {
  const together = Math.max(1, Math.ceil(rows / width / 16)) * width;
  const args = [to * 4, from * 4, rowStride, kStride, rows, k, width, depth, together];
  parallel(engine, "packTask", Math.ceil(rows / together), args);
};

/** Brings what the chunk's part of the result starts from; false if that is nothing. */
const initialize = (
  engine: Engine,
  to: number,
  out: Float32Array,
  at: number,
  n: number,
  rows: number,
  columns: number,
  init: MatmulInit | undefined,
  column: number,
): boolean => {
  const bias = init?.bias;
  if (!init?.accumulate && !bias) return false;
  for (let r = 0; r < rows; r++) {
    if (bias) copyIn(engine, to + r * columns, bias, (init.biasOffset ?? 0) + column, columns);
    else copyIn(engine, to + r * columns, out, at + r * n, columns);
  }
  return true;
};

/** out[m, n] = A B (+ init) as `matmulF32`, on the shared engine; `depth` is the k of a packed part. */
export function multiplyOnThreads(
  engine: Engine,
  out: Float32Array,
  outOffset: number,
  a: Matrix,
  b: Matrix,
  m: number,
  n: number,
  k: number,
  depth: number,
  init: MatmulInit | undefined,
): void {
  const panel = engine.kernels.panelRows();
  const kc = Math.max(1, Math.min(k, CHUNK_DEPTH));
  const nc = Math.min(n, Math.floor(CHUNK_FLOATS / kc) & ~7);
  const mc = Math.min(m, Math.max(TASK_ROWS, Math.floor(CHUNK_FLOATS / Math.max(kc, nc))));
  const areas = areasFor(engine, mc, nc, kc, panel);
  const { raw } = areas;
  for (let j = 0; j < n; j += nc) {
    const columns = Math.min(nc, n - j);
    for (let i = 0; i < m; i += mc) {
      const rows = Math.min(mc, m - i);
      const to = outOffset + i * n + j;
      const starts = !initialize(engine, areas.c, out, to, n, rows, columns, init, j);
      const [taskRows, taskColumns] = taskBlocks(rows, columns, panel);
      const tasks = Math.ceil(rows / taskRows) * Math.ceil(columns / taskColumns);
      for (let p = 0; p < k; p += kc) {
        const part = Math.min(kc, k - p);
        const fromA = a.offset + i * a.rowStride + p * a.columnStride;
        stage(engine, staged, raw, a.data, fromA, a.rowStride, a.columnStride, rows, part);
        const { rowStride, columnStride } = staged;
        pack(engine, areas.a, raw, rowStride, columnStride, rows, part, panel, depth);
        const fromB = b.offset + p * b.rowStride + j * b.columnStride;
        stage(engine, staged, raw, b.data, fromB, b.rowStride, b.columnStride, part, columns);
        pack(engine, areas.b, raw, staged.columnStride, staged.rowStride, columns, part, 8, depth);
        const args = [areas.a * 4, areas.b * 4, areas.c * 4, rows, columns, part];
        const fresh = starts && p === 0 ? 1 : 0;
        parallel(engine, "matmulTask", tasks, [...args, depth, fresh, taskRows, taskColumns]);
      }
      if (columns === n) copyOut(engine, areas.c, out, to, rows * n);
      else
        for (let r = 0; r < rows; r++)
          copyOut(engine, areas.c + r * columns, out, to + r * n, columns);
    }
  }
}
