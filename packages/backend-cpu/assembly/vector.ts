// Products of a vector and a matrix: bound by memory, so the matrix is read once where it lies, without packing.
import { madd, splat, sumLanes } from "./common";

/** out[j] += the dot product of `a` and row j of b, for each of `rows`; k contiguous floats a row. */
export function addDots(out: usize, a: usize, b: usize, rows: i32, k: i32): void {
  const rowBytes = (<usize>k) << 2;
  for (let j = 0; j < rows; j++) {
    let s0 = splat(0), s1 = s0, s2 = s0, s3 = s0;
    let p = a;
    const end = a + rowBytes;
    for (; p + 64 <= end; p += 64) {
      s0 = madd(v128.load(p), v128.load(b), s0);
      s1 = madd(v128.load(p, 16), v128.load(b, 16), s1);
      s2 = madd(v128.load(p, 32), v128.load(b, 32), s2);
      s3 = madd(v128.load(p, 48), v128.load(b, 48), s3);
      b += 64;
    }
    for (; p + 16 <= end; p += 16) {
      s0 = madd(v128.load(p), v128.load(b), s0);
      b += 16;
    }
    let sum = sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
    for (; p < end; p += 4) {
      sum += load<f32>(p) * load<f32>(b);
      b += 4;
    }
    store<f32>(out, load<f32>(out) + sum);
    out += 4;
  }
}

/** out[j] += the sum over p of a[p] * b[p][j], for `k` rows of n contiguous floats; out's last vector may be overrun. */
export function addScaledRows(out: usize, a: usize, b: usize, k: i32, n: i32): void {
  const rowBytes = (<usize>n) << 2;
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    const a0 = v128.load32_splat(a), a1 = v128.load32_splat(a, 4);
    const a2 = v128.load32_splat(a, 8), a3 = v128.load32_splat(a, 12);
    const b1 = b + rowBytes, b2 = b1 + rowBytes, b3 = b2 + rowBytes;
    for (let at: usize = 0; at < rowBytes; at += 16) {
      const low = madd(a1, v128.load(b1 + at), f32x4.mul(a0, v128.load(b + at)));
      const high = madd(a3, v128.load(b3 + at), f32x4.mul(a2, v128.load(b2 + at)));
      v128.store(out + at, f32x4.add(v128.load(out + at), f32x4.add(low, high)));
    }
    a += 16;
    b = b3 + rowBytes;
  }
  for (; p < k; p++) {
    const a0 = v128.load32_splat(a);
    for (let at: usize = 0; at < rowBytes; at += 16) {
      v128.store(out + at, madd(a0, v128.load(b + at), v128.load(out + at)));
    }
    a += 4;
    b += rowBytes;
  }
}
