// Sum, maximum and minimum over one dimension of [outer, reduce, inner], float32. The twin is in src/twins/reduce.ts.
import type { ReduceName } from "../twins/reduce.ts";
import { type Engine, reserve, wasmEngine } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";

export type { ReduceName } from "../twins/reduce.ts";

/** Floats in a chunk, and accumulators at a time. */
const CHUNK = 8192;

interface Job {
  readonly engine: Engine;
  readonly op: ReduceName;
  readonly out: Float32Array;
  readonly outOffset: number;
  readonly x: Float32Array;
  readonly xOffset: number;
  /** Scratch areas: float index of the chunk, and of the accumulators (8 bytes each). */
  readonly chunk: number;
  readonly accumulators: number;
}

const clear = ({ engine, op, accumulators }: Job, count: number): void => {
  if (count === 1 && op === "sum") engine.f64[accumulators >> 1] = 0;
  else if (op === "sum") engine.f64.fill(0, accumulators >> 1, (accumulators >> 1) + count);
  else engine.f32.fill(op === "max" ? -Infinity : Infinity, accumulators, accumulators + count);
};

/** Accumulators from `index` on to out[to ...]. */
const finish = (job: Job, index: number, to: number, count: number): void => {
  const { engine, out, outOffset, accumulators } = job;
  if (job.op === "sum") {
    const first = (accumulators >> 1) + index;
    for (let i = 0; i < count; i++) out[outOffset + to + i] = engine.f64[first + i] as number;
  } else copyOut(engine, accumulators + index, out, outOffset + to, count);
};

/** The lengths of the blocks that a reduction of [outer, reduce, inner] down columns goes by. */
const blocks = (
  reduce: number,
  inner: number,
): { stride: number; together: number; width: number; depth: number } => {
  const stride = (inner + 3) & ~3;
  // Several outer indices at once where they fit, else one, by rows and, for very long rows, by parts of them.
  const together = Math.max(1, Math.floor(CHUNK / Math.max(stride, reduce * inner)));
  const width = Math.min(inner, CHUNK);
  const depth = Math.max(1, Math.min(reduce, Math.floor(CHUNK / width)));
  return { stride, together, width, depth };
};

const reduceRows = (job: Job, rows: number, columns: number): void => {
  const { engine, x, xOffset, chunk, accumulators } = job;
  const { kernels } = engine;
  const { op } = job;
  const extreme = op === "max" ? kernels.maxRows : kernels.minRows;
  const kernel = op === "sum" ? kernels.addRowSums : extreme;
  const together = Math.max(1, Math.floor(CHUNK / Math.max(1, columns)));
  for (let row = 0; row < rows; row += together) {
    const n = Math.min(together, rows - row);
    clear(job, n);
    for (let column = 0; column < columns; column += CHUNK) {
      const width = Math.min(CHUNK, columns - column);
      copyIn(engine, chunk, x, xOffset + row * columns + column, n * width);
      kernel(accumulators * 4, chunk * 4, n, width);
    }
    finish(job, 0, row, n);
  }
};

const reduceColumns = (job: Job, outer: number, reduce: number, inner: number): void => {
  const { engine, x, xOffset, chunk, accumulators } = job;
  const { kernels } = engine;
  const { op } = job;
  const extreme = op === "max" ? kernels.maxColumns : kernels.minColumns;
  const kernel = op === "sum" ? kernels.addColumnSums : extreme;
  const { stride, together, width, depth } = blocks(reduce, inner);
  for (let o = 0; o < outer; o += together) {
    const n = Math.min(together, outer - o);
    for (let i = 0; i < inner; i += width) {
      const columns = Math.min(width, inner - i);
      clear(job, n * stride);
      for (let r = 0; r < reduce; r += depth) {
        const rows = Math.min(depth, reduce - r);
        const from = xOffset + (o * reduce + r) * inner + i;
        copyIn(engine, chunk, x, from, n * rows * columns);
        kernel(accumulators * 4, stride, chunk * 4, n, rows, columns);
      }
      if (n === 1) finish(job, 0, o * inner + i, columns);
      else for (let k = 0; k < n; k++) finish(job, k * stride, (o + k) * inner, inner);
    }
  }
};

/**
 * out[o, i] = op over r of x[o, r, i], float32; all arrays are dense. Sums are accurate to about one unit in the last place.
 * A sum over nothing is 0, a maximum -Infinity, a minimum Infinity; NaN wins.
 */
export function reduceF32(
  op: ReduceName,
  out: Float32Array,
  outOffset: number,
  x: Float32Array,
  xOffset: number,
  outer: number,
  reduce: number,
  inner: number,
): void {
  const engine = wasmEngine();
  const base = reserve(engine, (CHUNK * 3 + 64) * 4) >> 2;
  const job: Job = {
    engine,
    op,
    out,
    outOffset,
    x,
    xOffset,
    accumulators: base,
    chunk: base + CHUNK * 2 + 16,
  };
  if (inner === 1) reduceRows(job, outer, reduce);
  else reduceColumns(job, outer, reduce, inner);
}

/** out[o, i] = the place r of the first largest or smallest x[o, r, i]; NaN wins. There is at least one. */
export function argF32(
  op: "max" | "min",
  out: Int32Array,
  outOffset: number,
  x: Float32Array,
  xOffset: number,
  outer: number,
  reduce: number,
  inner: number,
): void {
  const engine = wasmEngine();
  const accumulators = reserve(engine, (CHUNK * 3 + 64) * 4) >> 2;
  const chunk = accumulators + CHUNK * 2 + 16;
  const job = { engine, op, out, outOffset, x, xOffset, accumulators, chunk };
  if (inner === 1) argRows(job, outer, reduce);
  else argColumns(job, outer, reduce, inner);
}

interface ArgJob extends Omit<Job, "out"> {
  readonly op: "max" | "min";
  readonly out: Int32Array;
}

const lowest = (op: "max" | "min"): number => (op === "max" ? -Infinity : Infinity);

const argRows = (job: ArgJob, rows: number, columns: number): void => {
  const { engine, op, out, outOffset, x, xOffset, accumulators, chunk } = job;
  const { firstEqual, maxRows, minRows } = engine.kernels;
  const extreme = op === "max" ? maxRows : minRows;
  const together = Math.max(1, Math.floor(CHUNK / columns));
  for (let row = 0; row < rows; row += together) {
    const n = Math.min(together, rows - row);
    let best = Number.NaN;
    for (let column = 0; column < columns; column += CHUNK) {
      const width = Math.min(CHUNK, columns - column);
      copyIn(engine, chunk, x, xOffset + row * columns + column, n * width);
      engine.f32.fill(lowest(op), accumulators, accumulators + n);
      extreme(accumulators * 4, chunk * 4, n, width);
      for (let k = 0; k < n; k++) {
        const found = engine.f32[accumulators + k] as number;
        const wins =
          column === 0 || (op === "max" ? found > best : found < best) || Number.isNaN(found);
        if (!wins) continue;
        best = found;
        out[outOffset + row + k] = column + firstEqual((chunk + k * width) * 4, width, found);
      }
      if (n === 1 && Number.isNaN(best)) break;
    }
  }
};

const argColumns = (job: ArgJob, outer: number, reduce: number, inner: number): void => {
  const { engine, op, out, outOffset, x, xOffset, accumulators, chunk } = job;
  const { argmaxColumns, argminColumns } = engine.kernels;
  const kernel = op === "max" ? argmaxColumns : argminColumns;
  const { stride, together, width, depth } = blocks(reduce, inner);
  const places = accumulators + CHUNK;
  for (let o = 0; o < outer; o += together) {
    const n = Math.min(together, outer - o);
    for (let i = 0; i < inner; i += width) {
      const columns = Math.min(width, inner - i);
      const count = n === 1 ? columns : n * stride;
      engine.f32.fill(lowest(op), accumulators, accumulators + count);
      engine.i32.fill(0, places, places + count);
      for (let r = 0; r < reduce; r += depth) {
        const rows = Math.min(depth, reduce - r);
        copyIn(engine, chunk, x, xOffset + (o * reduce + r) * inner + i, n * rows * columns);
        kernel(accumulators * 4, places * 4, stride, chunk * 4, n, rows, columns, r);
      }
      for (let k = 0; k < n; k++) {
        const from = places + k * stride;
        out.set(engine.i32.subarray(from, from + columns), outOffset + (o + k) * inner + i);
      }
    }
  }
};
