// Matrix multiplication in blocks, float32: operands are copied to scratch memory and packed there, then multiplied in register
// tiles. With threads, packing and multiplying are tasks; one thread takes smaller pieces, which stay in its cache.
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

/** k in one packed panel, about: a 5 or 6 by 256 panel of A and a 256 x 8 panel of B stay in the first-level cache. */
const K_BLOCK = 256;
/** Floats of an operand or of the result in scratch memory at a time, and k at a time: more where there is little else. */
const CHUNK_FLOATS = 1 << 20;
const CHUNK_DEPTH = 4 * K_BLOCK;
const SKINNY_FLOATS = 1 << 17;
/** Floats that one thread stages before it packs them. */
const PIECE_FLOATS = 32768;
/** Rows of a block of A that stays in the second-level cache, columns of a task, and how many tasks there should be. */
const TASK_ROWS = 96;
const TASK_COLUMNS = 256;
const TASKS = 16;

const staged: Staged = { rowStride: 0, columnStride: 0 };
const align = (floats: number): number => (floats + 15) & ~15;
const roundUp = (size: number, unit: number): number => Math.ceil(size / unit) * unit;

/** The blocks of an m by n result, rows in whole panels: about 16 or more, unless they would become tiny. */
export function taskBlocks(m: number, n: number, panel: number): [rows: number, columns: number] {
  let rows = Math.min(roundUp(TASK_ROWS, panel), roundUp(m, panel));
  let columns = Math.min(TASK_COLUMNS, (n + 7) & ~7);
  const tasks = (): number => Math.ceil(m / rows) * Math.ceil(n / columns);
  while (tasks() < TASKS && columns > 64) columns = ((columns >> 1) + 7) & ~7;
  while (tasks() < TASKS && rows > 4 * panel) rows = roundUp(rows >> 1, panel);
  return [rows, columns];
}

/** Cuts a size into equal blocks of about `most` or fewer, whole multiples of `unit`. */
const evenly = (size: number, most: number, unit: number): number => {
  const blocks = Math.max(1, Math.ceil(size / Math.max(most, unit)));
  return Math.min(size, roundUp(Math.ceil(size / blocks), unit));
};

/** How long the parts of k are: equal ones of about `K_BLOCK`, so that none is short. */
export const partOf = (k: number): number =>
  roundUp(Math.ceil(k / Math.max(1, Math.round(k / K_BLOCK))), 4);

/** One product: its sizes and, as float indices, its areas of scratch memory. */
interface Job {
  readonly engine: Engine;
  readonly out: Float32Array;
  readonly outOffset: number;
  readonly n: number;
  readonly panel: number;
  /** k in a packed panel. */
  readonly depth: number;
  readonly packedA: number;
  readonly packedB: number;
  readonly block: number;
  readonly raw: number;
}

/** Brings what a block of the result starts from; false if that is nothing, and the product is to be written as it is. */
const initialize = (
  { engine, out, outOffset, n, block }: Job,
  init: MatmulInit | undefined,
  row: number,
  rows: number,
  column: number,
  columns: number,
): boolean => {
  const bias = init?.bias;
  if (!init?.accumulate && !bias) return false;
  const from = outOffset + row * n + column;
  if (!bias && columns === n) copyIn(engine, block, out, from, rows * n);
  else
    for (let r = 0; r < rows; r++) {
      const to = block + r * columns;
      if (!bias) copyIn(engine, to, out, from + r * n, columns);
      else if (r > 0) engine.f32.copyWithin(to, block, block + columns);
      else copyIn(engine, to, bias, (init.biasOffset ?? 0) + column, columns);
    }
  return true;
};

const writeBack = (
  { engine, out, outOffset, n, block }: Job,
  row: number,
  rows: number,
  column: number,
  columns: number,
): void => {
  const to = outOffset + row * n + column;
  if (columns === n) copyOut(engine, block, out, to, rows * n);
  else
    for (let r = 0; r < rows; r++) copyOut(engine, block + r * columns, out, to + r * n, columns);
};

/** Packs a [rows, k] matrix from `from` on in panels of `width` rows, part after part along k. */
const pack = (
  { engine, raw, depth }: Job,
  to: number,
  data: Float32Array,
  from: number,
  rowStride: number,
  kStride: number,
  rows: number,
  k: number,
  width: number,
): void => {
  const { kernels } = engine;
  if (engine.shared) {
    stage(engine, staged, raw, data, from, rowStride, kStride, rows, k);
    const together = Math.max(1, Math.ceil(rows / width / TASKS)) * width;
    const { rowStride: row, columnStride: column } = staged;
    const args = [to * 4, raw * 4, row, column, rows, k, width, depth, together];
    parallel(engine, "packTask", Math.ceil(rows / together), args);
  } else if (kStride === 1 && rowStride !== 1) {
    const together = Math.max(1, Math.floor(PIECE_FLOATS / (k * width))) * width;
    for (let row = 0, task = 0; row < rows; row += together, task++) {
      const some = Math.min(together, rows - row);
      stage(engine, staged, raw, data, from + row * rowStride, rowStride, 1, some, k);
      const line = staged.rowStride;
      // packTask counts from row 0, of which this is the piece from `row` on.
      const start = (raw - row * line) * 4;
      kernels.packTask(to * 4, start, line, 1, rows, k, width, depth, together, task);
    }
  } else {
    const padded = roundUp(rows, width);
    for (let p = 0; p < k; p += depth) {
      const part = Math.min(depth, k - p);
      stage(engine, staged, raw, data, from + p * kStride, rowStride, kStride, rows, part);
      const target = (to + p * padded) * 4;
      kernels.packPanels(target, raw * 4, staged.rowStride, staged.columnStride, rows, part, width);
    }
  }
};

/** Floats that staging needs for a [rows, k] matrix that is packed in panels of `width`. */
const pieceFloats = (
  engine: Engine,
  rows: number,
  k: number,
  width: number,
  depth: number,
): number =>
  engine.shared
    ? stageFloats(rows, k)
    : Math.max(
        stageFloats(1, Math.min(Math.max(PIECE_FLOATS, width * k), roundUp(rows, width) * k)),
        stageFloats(rows, Math.min(k, depth)),
      );

/** out[m, n] = A B (+ init) as `matmulF32`. Results do not depend on the engine's threads: the parts of k are the same. */
export function multiplyBlocks(
  engine: Engine,
  out: Float32Array,
  outOffset: number,
  a: Matrix,
  b: Matrix,
  m: number,
  n: number,
  k: number,
  init: MatmulInit | undefined,
): void {
  const panel = engine.kernels.panelRows();
  const depth = Math.max(1, partOf(k));
  const most = Math.max(CHUNK_DEPTH, Math.floor(SKINNY_FLOATS / Math.max(m, n)));
  const kc = Math.max(1, evenly(k, most, depth));
  const nc = evenly(n, CHUNK_FLOATS / Math.max(kc, K_BLOCK), 8);
  // One thread takes few rows at a time, unless it finds the rows' elements side by side, in lines that should be long.
  const many = engine.shared || a.rowStride === 1;
  const mc = evenly(m, many ? Math.floor(CHUNK_FLOATS / Math.max(kc, nc)) : TASK_ROWS, panel);
  const packedB = align(roundUp(mc, panel) * kc);
  const block = packedB + align(((nc + 7) & ~7) * kc);
  const raw = block + align(mc * nc);
  const pieces = [pieceFloats(engine, mc, kc, panel, depth), pieceFloats(engine, nc, kc, 8, depth)];
  const total = raw + Math.max(...pieces);
  const base = reserve(engine, total * 4) >> 2;
  const job: Job = {
    ...{ engine, out, outOffset, n, panel, depth, packedA: base },
    ...{ packedB: base + packedB, block: base + block, raw: base + raw },
  };
  for (let p = 0; p === 0 || p < k; p += kc) {
    const part = Math.min(kc, k - p);
    // Beyond the first part of k, results add to what the earlier ones wrote.
    const start = p === 0 ? init : { accumulate: true };
    for (let j = 0; j < n; j += nc) {
      const columns = Math.min(nc, n - j);
      const fromB = b.offset + p * b.rowStride + j * b.columnStride;
      pack(job, job.packedB, b.data, fromB, b.columnStride, b.rowStride, columns, part, 8);
      for (let i = 0; i < m; i += mc) {
        const rows = Math.min(mc, m - i);
        const fromA = a.offset + i * a.rowStride + p * a.columnStride;
        pack(job, base, a.data, fromA, a.rowStride, a.columnStride, rows, part, panel);
        const fresh = initialize(job, start, i, rows, j, columns) ? 0 : 1;
        multiplyPacked(job, rows, columns, part, fresh);
        writeBack(job, i, rows, j, columns);
      }
    }
  }
}

/** The block of the result from what is packed. */
const multiplyPacked = (
  { engine, panel, depth, packedA, packedB, block }: Job,
  rows: number,
  columns: number,
  k: number,
  fresh: number,
): void => {
  const [taskRows, taskColumns] = engine.shared
    ? taskBlocks(rows, columns, panel)
    : [roundUp(TASK_ROWS, panel), (columns + 7) & ~7];
  const tasks = Math.ceil(rows / taskRows) * Math.ceil(columns / taskColumns);
  const args = [packedA * 4, packedB * 4, block * 4, rows, columns, k, depth, fresh];
  parallel(engine, "matmulTask", tasks, [...args, taskRows, taskColumns]);
};
