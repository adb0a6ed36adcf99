// The inner kernel of matrix multiplication: C += A B over packed panels (pack.ts), one register tile at a time.
import { MATMUL_ROWS, add, madd, scratch } from "./common";

/** C[6 or 4, 8] += A panel * B panel. The tile lives in registers for all of k. */
function tile(a: usize, b: usize, c: usize, rowBytes: usize, k: i32): void {
  const p1 = c + rowBytes;
  const p2 = p1 + rowBytes;
  const p3 = p2 + rowBytes;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  if (MATMUL_ROWS == 6) {
    const p4 = p3 + rowBytes;
    const p5 = p4 + rowBytes;
    let c40 = f32x4.splat(0), c41 = c40, c50 = c40, c51 = c40;
    for (let p = 0; p < k; p++) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
      x = v128.load32_splat(a, 4);
      c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
      x = v128.load32_splat(a, 8);
      c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
      x = v128.load32_splat(a, 12);
      c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
      x = v128.load32_splat(a, 16);
      c40 = madd(x, b0, c40); c41 = madd(x, b1, c41);
      x = v128.load32_splat(a, 20);
      c50 = madd(x, b0, c50); c51 = madd(x, b1, c51);
      a += 24;
      b += 32;
    }
    add(p4, c40, c41);
    add(p5, c50, c51);
  } else {
    for (let p = 0; p < k; p++) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
      x = v128.load32_splat(a, 4);
      c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
      x = v128.load32_splat(a, 8);
      c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
      x = v128.load32_splat(a, 12);
      c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
      a += 16;
      b += 32;
    }
  }
  add(c, c00, c01);
  add(p1, c10, c11);
  add(p2, c20, c21);
  add(p3, c30, c31);
}

const EDGE_BYTES: i32 = 6 * 8 * 4;

/** A tile that hangs over the edge of C: computed aside, its valid part added. */
function edgeTile(a: usize, b: usize, c: usize, rowBytes: usize, k: i32, rows: i32, columns: i32): void {
  const edge = scratch;
  memory.fill(edge, 0, EDGE_BYTES);
  tile(a, b, edge, 32, k);
  for (let i = 0; i < rows; i++) {
    const from = edge + ((<usize>i) << 5);
    for (let j = 0; j < columns; j++) {
      const at = (<usize>j) << 2;
      store<f32>(c + at, load<f32>(c + at) + load<f32>(from + at));
    }
    c += rowBytes;
  }
}

/** C[m, n] += A[m, k] B[k, n], A packed in panels of matmulRows(), B in panels of 8; `stride` is C's row length. */
export function matmulBlock(a: usize, b: usize, c: usize, stride: i32, m: i32, n: i32, k: i32): void {
  const rowBytes = (<usize>stride) << 2;
  const aPanel = (<usize>(k * MATMUL_ROWS)) << 2;
  const bPanel = (<usize>(k * 8)) << 2;
  for (let j = 0; j < n; j += 8) {
    let from = a;
    let to = c + ((<usize>j) << 2);
    const columns = min(8, n - j);
    for (let i = 0; i < m; i += MATMUL_ROWS) {
      const rows = min(MATMUL_ROWS, m - i);
      if (rows == MATMUL_ROWS && columns == 8) tile(from, b, to, rowBytes, k);
      else edgeTile(from, b, to, rowBytes, k, rows, columns);
      from += aPanel;
      to += rowBytes * MATMUL_ROWS;
    }
    b += bPanel;
  }
}

/**
 * One task of C[m, n] += A B, for C split into blocks of `taskRows` (whole panels) by `taskColumns` (a multiple of 8).
 * A and B are packed by packTask, in parts of `depth` along k; C's rows are n long.
 */
export function matmulTask(
  a: usize, b: usize, c: usize, m: i32, n: i32, k: i32, depth: i32, taskRows: i32, taskColumns: i32, task: i32,
): void {
  const across = (n + taskColumns - 1) / taskColumns;
  const row = (task / across) * taskRows;
  const column = (task % across) * taskColumns;
  const rows = min(taskRows, m - row);
  const columns = min(taskColumns, n - column);
  const to = c + ((<usize>(row * n + column)) << 2);
  const aRows = (m + MATMUL_ROWS - 1) / MATMUL_ROWS * MATMUL_ROWS;
  const bColumns = (n + 7) & ~7;
  for (let p = 0; p < k; p += depth) {
    const part = min(depth, k - p);
    const fromA = a + ((<usize>(p * aRows + row * part)) << 2);
    const fromB = b + ((<usize>(p * bColumns + column * part)) << 2);
    matmulBlock(fromA, fromB, to, n, rows, columns, part);
  }
}

/** How many rows of A a packed panel holds in this build. */
export function matmulRows(): i32 {
  return MATMUL_ROWS;
}
