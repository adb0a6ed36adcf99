// Products of small matrices in plain loops, four elements of a row or a column at a time: staging them for SIMD would
// take longer than the work. To the bit what the twin gives (src/twins/matmul.ts).
import type { MatmulInit } from "../wasm/index.ts";

/** Products of fewer multiply-adds than this are done here. */
export const FEW_PRODUCTS = 1024;

/** out [m, n] = A [m, k] B [k, n], or that and a row; the arguments are `matmulF32`'s. */
export function multiplyFew(
  out: Float32Array,
  outOffset: number,
  a: Float32Array,
  aOffset: number,
  aRow: number,
  aColumn: number,
  b: Float32Array,
  bOffset: number,
  bRow: number,
  bColumn: number,
  m: number,
  n: number,
  k: number,
  init?: MatmulInit,
): void {
  const bias = init?.bias;
  const biasOffset = init?.biasOffset ?? 0;
  // Of few columns the transpose: out^T = B^T A^T.
  if (n < 4 && m >= 4 && bias === undefined)
    fours(out, outOffset, 1, n, b, bOffset, bColumn, bRow, a, aOffset, aColumn, aRow, n, m, k);
  else
    fours(
      out,
      outOffset,
      n,
      1,
      a,
      aOffset,
      aRow,
      aColumn,
      b,
      bOffset,
      bRow,
      bColumn,
      m,
      n,
      k,
      bias,
      biasOffset,
    );
}

function fours(
  out: Float32Array,
  outOffset: number,
  outRow: number,
  outColumn: number,
  a: Float32Array,
  aOffset: number,
  aRow: number,
  aColumn: number,
  b: Float32Array,
  bOffset: number,
  bRow: number,
  bColumn: number,
  m: number,
  n: number,
  k: number,
  bias?: Float32Array,
  biasOffset = 0,
): void {
  const whole = n & ~3;
  for (let i = 0; i < m; i++) {
    const row = aOffset + i * aRow;
    let to = outOffset + i * outRow;
    let column = bOffset;
    let j = 0;
    for (; j < whole; j += 4, column += 4 * bColumn) {
      let s = 0;
      let t = 0;
      let u = 0;
      let v = 0;
      if (bias !== undefined) {
        s = bias[biasOffset + j] as number;
        t = bias[biasOffset + j + 1] as number;
        u = bias[biasOffset + j + 2] as number;
        v = bias[biasOffset + j + 3] as number;
      }
      let from = row;
      let at = column;
      for (let p = 0; p < k; p++, from += aColumn, at += bRow) {
        const x = a[from] as number;
        s += x * (b[at] as number);
        t += x * (b[at + bColumn] as number);
        u += x * (b[at + 2 * bColumn] as number);
        v += x * (b[at + 3 * bColumn] as number);
      }
      out[to] = s;
      out[to + outColumn] = t;
      out[to + 2 * outColumn] = u;
      out[to + 3 * outColumn] = v;
      to += 4 * outColumn;
    }
    for (; j < n; j++, column += bColumn, to += outColumn) {
      let sum = bias === undefined ? 0 : (bias[biasOffset + j] as number);
      let from = row;
      let at = column;
      for (let p = 0; p < k; p++, from += aColumn, at += bRow)
        sum += (a[from] as number) * (b[at] as number);
      out[to] = sum;
    }
  }
}
