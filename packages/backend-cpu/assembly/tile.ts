// Small products inside recurrent and attention kernels: C += A B where A lies in memory with any strides and B in panels
// of 8 columns (pack.ts). C's rows hold whole panels.
import { madd } from "./common";

/** Where the rows of a tile go that do not exist. */
const spare = memory.data(32, 16);

/** C[4, 8] += A[4, k] * a panel of B, the rows anywhere. */
// @ts-ignore: decorator
@inline
function tile(
  a0: usize, a1: usize, a2: usize, a3: usize, kBytes: usize, b: usize,
  c0: usize, c1: usize, c2: usize, c3: usize, k: i32,
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
    b += 32;
  }
  v128.store(c3, f32x4.add(v128.load(c3), c30)); v128.store(c3, f32x4.add(v128.load(c3, 16), c31), 16);
  v128.store(c2, f32x4.add(v128.load(c2), c20)); v128.store(c2, f32x4.add(v128.load(c2, 16), c21), 16);
  v128.store(c1, f32x4.add(v128.load(c1), c10)); v128.store(c1, f32x4.add(v128.load(c1, 16), c11), 16);
  v128.store(c0, f32x4.add(v128.load(c0), c00)); v128.store(c0, f32x4.add(v128.load(c0, 16), c01), 16);
}

/** C[rows, 8] += A[rows, k] * one panel of B; rows of A lie `rowBytes` apart, their elements `kBytes`, rows of C `toBytes`. */
export function multiplyPanel(
  a: usize, rowBytes: usize, kBytes: usize, b: usize, c: usize, toBytes: usize, rows: i32, k: i32,
): void {
  for (let row = 0; row < rows; row += 4) {
    const left = rows - row;
    const a1 = left > 1 ? a + rowBytes : a;
    const a2 = left > 2 ? a1 + rowBytes : a;
    const a3 = left > 3 ? a2 + rowBytes : a;
    const c1 = left > 1 ? c + toBytes : spare;
    const c2 = left > 2 ? c1 + toBytes : spare;
    const c3 = left > 3 ? c2 + toBytes : spare;
    tile(a, a1, a2, a3, kBytes, b, c, c1, c2, c3, k);
    a = a3 + rowBytes;
    c = c3 + toBytes;
  }
}

/** C[rows, 8 * panels] += A[rows, k] B; both with contiguous rows, `stride` and `toStride` floats apart. */
export function multiplyPanels(
  a: usize, stride: i32, b: usize, c: usize, toStride: i32, rows: i32, panels: i32, k: i32,
): void {
  const panelBytes = (<usize>k) << 5;
  for (let panel = 0; panel < panels; panel++) {
    multiplyPanel(a, (<usize>stride) << 2, 4, b, c, (<usize>toStride) << 2, rows, k);
    b += panelBytes;
    c += 32;
  }
}
