// The inner kernels of matrix multiplication: C = A B or C += A B over packed panels (pack.ts), one register tile at a time.
import { MATMUL_ROWS, add, madd, scratch } from "./common";
import { packTask } from "./pack";

/**
 * Rows of a panel of A and of the full register tile. Six where multiply-add is one instruction; five where the product needs a
 * register of its own: one row more spills, one row less waits for loads.
 */
const PANEL: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;
const PANEL_BYTES: usize = ASC_FEATURE_RELAXED_SIMD ? 24 : 20;

/** Eight floats of C, set or added to. Tiles start from zero and add at the end: shorter chains of rounding. */
@inline
function finish(to: usize, low: v128, high: v128, fresh: bool): void {
  if (fresh) {
    v128.store(to, low);
    v128.store(to, high, 16);
  } else add(to, low, high);
}

/**
 * C[rows, 8] (+)= the first rows of A panel * B panel; `rows` is a constant. The tile lives in registers for all of k.
 */
@inline
function tile(rows: i32, a: usize, b: usize, c: usize, rowBytes: usize, k: i32, fresh: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  for (; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
    if (rows > 2) {
      x = v128.load32_splat(a, 8);
      c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
      x = v128.load32_splat(a, 12);
      c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
    }
    if (rows > 4) {
      x = v128.load32_splat(a, 16);
      c40 = madd(x, b0, c40); c41 = madd(x, b1, c41);
    }
    if (rows > 5) {
      x = v128.load32_splat(a, 20);
      c50 = madd(x, b0, c50); c51 = madd(x, b1, c51);
    }
    a += PANEL_BYTES;
    b += 32;
  }
  finish(c, c00, c01, fresh);
  c += rowBytes;
  finish(c, c10, c11, fresh);
  if (rows > 2) {
    c += rowBytes;
    finish(c, c20, c21, fresh);
    c += rowBytes;
    finish(c, c30, c31, fresh);
  }
  if (rows > 4) {
    c += rowBytes;
    finish(c, c40, c41, fresh);
  }
  if (rows > 5) {
    c += rowBytes;
    finish(c, c50, c51, fresh);
  }
}

// Exported so that they stay functions of their own, with nothing after the loop but stores: inlined into a caller, or with
// branches or loads behind the loop, some engines spill inside it and run at half the speed.
export function setTile6(a: usize, b: usize, c: usize, rowBytes: usize, k: i32): void {
  tile(6, a, b, c, rowBytes, k, true);
}
export function setTile5(a: usize, b: usize, c: usize, rowBytes: usize, k: i32): void {
  tile(5, a, b, c, rowBytes, k, true);
}
export function setTile4(a: usize, b: usize, c: usize, rowBytes: usize, k: i32): void {
  tile(4, a, b, c, rowBytes, k, true);
}
export function setTile2(a: usize, b: usize, c: usize, rowBytes: usize, k: i32): void {
  tile(2, a, b, c, rowBytes, k, true);
}
export function addTile6(a: usize, b: usize, c: usize, rowBytes: usize, k: i32): void {
  tile(6, a, b, c, rowBytes, k, false);
}

/** C = A panel * B panel by the smallest tile with at least `rows` rows. */
function setTile(a: usize, b: usize, c: usize, rowBytes: usize, k: i32, rows: i32): void {
  if (PANEL == 6 && rows > 4) setTile6(a, b, c, rowBytes, k);
  else if (rows > 4) setTile5(a, b, c, rowBytes, k);
  else if (rows > 2) setTile4(a, b, c, rowBytes, k);
  else setTile2(a, b, c, rowBytes, k);
}

/** A tile that hangs over the edge of C, or is to be added to it: computed aside, then its valid part set or added. */
function tileAside(
  a: usize, b: usize, c: usize, rowBytes: usize, k: i32, rows: i32, columns: i32, fresh: bool,
): void {
  let from = scratch;
  setTile(a, b, from, 32, k, rows);
  for (let i = 0; i < rows; i++) {
    if (columns == 8 && fresh) {
      v128.store(c, v128.load(from));
      v128.store(c, v128.load(from, 16), 16);
    } else if (columns == 8) add(c, v128.load(from), v128.load(from, 16));
    else
      for (let j = 0; j < columns; j++) {
        const at = (<usize>j) << 2;
        const value = load<f32>(from + at);
        store<f32>(c + at, fresh ? value : load<f32>(c + at) + value);
      }
    from += 32;
    c += rowBytes;
  }
}

/** C[m, n] (+)= A[m, k] B[k, n], A packed in panels of panelRows(), B in panels of 8; `stride` is C's row length. */
function block(a: usize, b: usize, c: usize, stride: i32, m: i32, n: i32, k: i32, fresh: bool): void {
  const rowBytes = (<usize>stride) << 2;
  const aPanel = (<usize>(k * PANEL)) << 2;
  const bPanel = (<usize>(k * 8)) << 2;
  for (let j = 0; j < n; j += 8) {
    let from = a;
    let to = c + ((<usize>j) << 2);
    const columns = min(8, n - j);
    for (let i = 0; i < m; i += PANEL) {
      const rows = min(PANEL, m - i);
      if (fresh && columns == 8 && (rows == PANEL || rows == 4 || rows == 2))
        setTile(from, b, to, rowBytes, k, rows);
      else if (PANEL == 6 && rows == 6 && columns == 8) addTile6(from, b, to, rowBytes, k);
      else tileAside(from, b, to, rowBytes, k, rows, columns, fresh);
      from += aPanel;
      to += rowBytes * PANEL;
    }
    b += bPanel;
  }
}

/**
 * One task of C[m, n] = A B, or += without `fresh`, for C split into blocks of `taskRows` (whole panels) by `taskColumns` (a
 * multiple of 8). A and B are packed by packTask, in parts of `depth` along k; C's rows are n long.
 */
export function matmulTask(
  a: usize, b: usize, c: usize, m: i32, n: i32, k: i32, depth: i32, fresh: bool,
  taskRows: i32, taskColumns: i32, task: i32,
): void {
  const across = (n + taskColumns - 1) / taskColumns;
  const row = (task / across) * taskRows;
  const column = (task % across) * taskColumns;
  const rows = min(taskRows, m - row);
  const columns = min(taskColumns, n - column);
  const to = c + ((<usize>(row * n + column)) << 2);
  const aRows = (m + PANEL - 1) / PANEL * PANEL;
  const bColumns = (n + 7) & ~7;
  for (let p = 0; p < k; p += depth) {
    const part = min(depth, k - p);
    const fromA = a + ((<usize>(p * aRows + row * part)) << 2);
    const fromB = b + ((<usize>(p * bColumns + column * part)) << 2);
    block(fromA, fromB, to, n, rows, columns, part, fresh && p == 0);
  }
}

/** How many rows of A a packed panel holds in this build. */
export function panelRows(): i32 {
  return PANEL;
}

/** The same for convolution's panels. */
export function matmulRows(): i32 {
  return MATMUL_ROWS;
}

/**
 * C[i] = A[i] B[i] for `group` of `batch` small matrices as they lie in memory, `aMatrix` and `bMatrix` floats from one to the
 * next, in parts of `depth` along k. Packed operands have to fit in the thread's scratch area.
 */
export function matmulBatchTask(
  a: usize, b: usize, c: usize, aMatrix: i32, aRow: i32, aK: i32, bMatrix: i32, bColumn: i32, bK: i32,
  m: i32, n: i32, k: i32, depth: i32, batch: i32, group: i32, task: i32,
): void {
  const rows = (m + PANEL - 1) / PANEL * PANEL;
  const columns = (n + 7) & ~7;
  const packedA = scratch + 256;
  const packedB = packedA + ((<usize>(rows * k + 15 & ~15)) << 2);
  const end = min(batch, (task + 1) * group);
  for (let i = task * group; i < end; i++) {
    packTask(packedA, a + ((<usize>(aMatrix * i)) << 2), aRow, aK, m, k, PANEL, depth, rows, 0);
    packTask(packedB, b + ((<usize>(bMatrix * i)) << 2), bColumn, bK, n, k, 8, depth, columns, 0);
    matmulTask(packedA, packedB, c + ((<usize>(m * n * i)) << 2), m, n, k, depth, true, rows, columns, 0);
  }
}
