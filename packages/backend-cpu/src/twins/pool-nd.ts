// Pooling over three spatial dims (fewer come as one window of one element), from lists of windows:
// the definition for every rank, dtype and kind of pooling.
import type { PoolWindows } from "@tead/tensor/kernel-kit";

type Floats = Float32Array | Float64Array;
type Triple = readonly [PoolWindows, PoolWindows, PoolWindows];

/** What is pooled: `planes` of size depth x height x width, and the windows of each dim. */
export interface PoolSizes {
  readonly planes: number;
  readonly input: readonly [depth: number, height: number, width: number];
  readonly windows: Triple;
  /** What sums are divided by, in place of the window's size. */
  readonly divisor?: number | undefined;
}

/** y = the largest element of each window, the first of equals, the last NaN; and where it stands. */
export function maxPool(y: Floats, indices: Int32Array, x: Floats, sizes: PoolSizes): void {
  const { planes, input, windows } = sizes;
  const [inDepth, inHeight, inWidth] = input;
  const [depths, rows, columns] = windows;
  const volume = inDepth * inHeight * inWidth;
  let to = 0;
  for (let plane = 0, base = 0; plane < planes; plane++, base += volume)
    for (let d = 0; d < depths.start.length; d++)
      for (let h = 0; h < rows.start.length; h++)
        for (let w = 0; w < columns.start.length; w++, to++) {
          const [firstColumn, endColumn] = [columns.start[w] as number, columns.end[w] as number];
          const [endDepth, endRow] = [depths.end[d] as number, rows.end[h] as number];
          let best = Number.NEGATIVE_INFINITY;
          let found = -1;
          for (let i = depths.start[d] as number; i < endDepth; i += depths.step)
            for (let j = rows.start[h] as number; j < endRow; j += rows.step) {
              const line = (i * inHeight + j) * inWidth;
              for (let k = firstColumn; k < endColumn; k += columns.step) {
                const value = x[base + line + k] as number;
                // The first element counts even where all are -Infinity.
                if (value > best || found < 0 || Number.isNaN(value)) {
                  best = value;
                  found = line + k;
                }
              }
            }
          y[to] = best;
          indices[to] = found;
        }
}

/** dx = 0, then g added at its index in each plane. Indices outside the plane are left out. */
export function maxPoolGrad(
  dx: Floats,
  g: Floats,
  indices: ArrayLike<number>,
  planes: number,
  inPlane: number,
): void {
  dx.fill(0);
  const outPlane = planes === 0 ? 0 : g.length / planes;
  for (let plane = 0, i = 0; plane < planes; plane++)
    for (const end = i + outPlane; i < end; i++) {
      const index = indices[i] as number;
      if (index < 0 || index >= inPlane) continue;
      const at = plane * inPlane + index;
      dx[at] = (dx[at] as number) + (g[i] as number);
    }
}

/** y = the sum of each window over its divisor */
export function avgPool(y: Floats, x: Floats, sizes: PoolSizes): void {
  const { planes, input, windows, divisor } = sizes;
  const [inDepth, inHeight, inWidth] = input;
  const [depths, rows, columns] = windows;
  let to = 0;
  for (let plane = 0; plane < planes; plane++)
    for (let d = 0; d < depths.start.length; d++)
      for (let h = 0; h < rows.start.length; h++)
        for (let w = 0; w < columns.start.length; w++, to++) {
          const [firstColumn, endColumn] = [columns.start[w] as number, columns.end[w] as number];
          const [endDepth, endRow] = [depths.end[d] as number, rows.end[h] as number];
          let sum = 0;
          for (let i = depths.start[d] as number; i < endDepth; i++)
            for (let j = rows.start[h] as number; j < endRow; j++) {
              const line = ((plane * inDepth + i) * inHeight + j) * inWidth;
              for (let k = firstColumn; k < endColumn; k++) sum += x[line + k] as number;
            }
          y[to] = sum / (divisor ?? sizeOf(windows, d, h, w));
        }
}

/** dx = g over its divisor, added to every element of its window */
export function avgPoolGrad(dx: Floats, g: Floats, sizes: PoolSizes): void {
  const { planes, input, windows, divisor } = sizes;
  const [inDepth, inHeight, inWidth] = input;
  const [depths, rows, columns] = windows;
  dx.fill(0);
  let from = 0;
  for (let plane = 0; plane < planes; plane++)
    for (let d = 0; d < depths.start.length; d++)
      for (let h = 0; h < rows.start.length; h++)
        for (let w = 0; w < columns.start.length; w++, from++) {
          const [firstColumn, endColumn] = [columns.start[w] as number, columns.end[w] as number];
          const [endDepth, endRow] = [depths.end[d] as number, rows.end[h] as number];
          const share = (g[from] as number) / (divisor ?? sizeOf(windows, d, h, w));
          for (let i = depths.start[d] as number; i < endDepth; i++)
            for (let j = rows.start[h] as number; j < endRow; j++) {
              const line = ((plane * inDepth + i) * inHeight + j) * inWidth;
              for (let k = firstColumn; k < endColumn; k++)
                dx[line + k] = (dx[line + k] as number) + share;
            }
        }
}

function sizeOf([depths, rows, columns]: Triple, d: number, h: number, w: number): number {
  return (depths.count[d] as number) * (rows.count[h] as number) * (columns.count[w] as number);
}
