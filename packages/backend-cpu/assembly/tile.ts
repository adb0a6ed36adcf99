// Small products inside attention kernels: C = A B or C += A B, where A lies in memory with any strides and B
// eight columns at a time, in rows any distance apart.
import { madd, scratch } from "./common";

/** C[4, 8] (+)= A[4, k] B[k, 8], all rows anywhere. */
@inline
function tile(
  a0: usize, a1: usize, a2: usize, a3: usize, kBytes: usize, b: usize, bBytes: usize,
  c0: usize, c1: usize, c2: usize, c3: usize, k: i32, accumulate: bool,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (let p = 0; p < k; p++) {
    const low = v128.load(b), high = v128.load(b, 16);
    let x = v128.load32_splat(a0);
    c00 = madd(x, low, c00); c01 = madd(x, high, c01);
    x = v128.load32_splat(a1);
    c10 = madd(x, low, c10); c11 = madd(x, high, c11);
    x = v128.load32_splat(a2);
    c20 = madd(x, low, c20); c21 = madd(x, high, c21);
    x = v128.load32_splat(a3);
    c30 = madd(x, low, c30); c31 = madd(x, high, c31);
    a0 += kBytes; a1 += kBytes; a2 += kBytes; a3 += kBytes;
    b += bBytes;
  }
  if (accumulate) {
    c30 = f32x4.add(v128.load(c3), c30); c31 = f32x4.add(v128.load(c3, 16), c31);
    c20 = f32x4.add(v128.load(c2), c20); c21 = f32x4.add(v128.load(c2, 16), c21);
    c10 = f32x4.add(v128.load(c1), c10); c11 = f32x4.add(v128.load(c1, 16), c11);
    c00 = f32x4.add(v128.load(c0), c00); c01 = f32x4.add(v128.load(c0, 16), c01);
  }
  v128.store(c3, c30); v128.store(c3, c31, 16);
  v128.store(c2, c20); v128.store(c2, c21, 16);
  v128.store(c1, c10); v128.store(c1, c11, 16);
  v128.store(c0, c00); v128.store(c0, c01, 16);
}

/**
 * C[rows, 8] (+)= A[rows, k] B[k, 8]. Rows of A lie `rowBytes` apart and their elements `kBytes`, rows of B `bBytes`, rows of C
 * `cBytes`. Rows that a tile lacks go to the first bytes of the thread's scratch area.
 */
@inline
export function multiplyPanel(
  a: usize, rowBytes: usize, kBytes: usize, b: usize, bBytes: usize, c: usize, cBytes: usize,
  rows: i32, k: i32, accumulate: bool,
): void {
  for (let row = 0; row < rows; row += 4) {
    const left = rows - row;
    const a1 = left > 1 ? a + rowBytes : a;
    const a2 = left > 2 ? a1 + rowBytes : a;
    const a3 = left > 3 ? a2 + rowBytes : a;
    const c1 = left > 1 ? c + cBytes : scratch;
    const c2 = left > 2 ? c1 + cBytes : scratch;
    const c3 = left > 3 ? c2 + cBytes : scratch;
    tile(a, a1, a2, a3, kBytes, b, bBytes, c, c1, c2, c3, k, accumulate);
    a = a3 + rowBytes;
    c = c3 + cBytes;
  }
}

/** C[rows, 8 * panels] += A[rows, k] B, panel after panel of B `panelBytes` apart. */
export function addProduct(
  a: usize, rowBytes: usize, kBytes: usize, b: usize, bBytes: usize, panelBytes: usize,
  c: usize, cBytes: usize, rows: i32, panels: i32, k: i32,
): void {
  for (let panel = 0; panel < panels; panel++) {
    multiplyPanel(a, rowBytes, kBytes, b, bBytes, c, cBytes, rows, k, true);
    b += panelBytes;
    c += 32;
  }
}

/** C[rows, 8] = A[rows, k] B[k, 8]. */
export function setProduct(
  a: usize, rowBytes: usize, kBytes: usize, b: usize, bBytes: usize, c: usize, cBytes: usize, rows: i32, k: i32,
): void {
  multiplyPanel(a, rowBytes, kBytes, b, bBytes, c, cBytes, rows, k, false);
}
