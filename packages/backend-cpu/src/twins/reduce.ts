// The definition of the float32 reductions, and what runs where WebAssembly SIMD is missing.

/** What a reduction computes. */
export type ReduceName = "sum" | "max" | "min";

/**
 * out[o, i] = op over r of x[o, r, i], all dense. A sum over nothing is 0, a maximum -Infinity, a minimum Infinity; NaN wins.
 * Sums in float64.
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
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const from = xOffset + o * reduce * inner + i;
      let result = op === "sum" ? 0 : op === "max" ? -Infinity : Infinity;
      for (let r = 0; r < reduce; r++) {
        const value = x[from + r * inner] as number;
        if (op === "sum") result += value;
        else result = op === "max" ? Math.max(result, value) : Math.min(result, value);
      }
      out[outOffset + o * inner + i] = result;
    }
  }
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
  const sign = op === "max" ? 1 : -1;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let best = Number.NEGATIVE_INFINITY;
      let place = 0;
      for (let r = 0; r < reduce && !Number.isNaN(best); r++) {
        const value = (x[xOffset + (o * reduce + r) * inner + i] as number) * sign;
        if (value <= best) continue;
        best = value;
        place = r;
      }
      out[outOffset + o * inner + i] = place;
    }
  }
}
