// The reference kernel of sort: each row's positions by a comparison that puts NaN last.
import type { KernelOf, View } from "../backend.ts";
import { makeArray } from "../dtype.ts";
import type { sortOp } from "../ops/sort.ts";
import { type ArrayOf, around, gatherNumbers, gatherRaw, scatterRaw } from "./access.ts";

/** -1, 0 or 1; NaN is greater than every number and equal to itself. */
function compare(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
const compareBig = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

export function sortKernel(arrayOf: ArrayOf): KernelOf<typeof sortOp> {
  return ({ inputs: [input], outputs, attrs: { dim, descending } }) => {
    const [valuesOut, indicesOut] = outputs as readonly [View, View];
    const { outer, size, inner } = around(input.shape, dim);
    const raw = gatherRaw(input, arrayOf, true);
    const order = orderOf(input, descending, arrayOf);
    const values = makeArray(input.dtype, raw.length);
    const indices = new Int32Array(raw.length);
    const row = new Int32Array(size);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        const start = o * size * inner + i;
        for (let k = 0; k < size; k++) row[k] = k;
        row.sort((a, b) => order(start + a * inner, start + b * inner) || a - b);
        for (let k = 0; k < size; k++) {
          const at = start + k * inner;
          indices[at] = row[k] as number;
          values[at] = raw[start + (row[k] as number) * inner] as never;
        }
      }
    scatterRaw(values, valuesOut, arrayOf);
    scatterRaw(indices, indicesOut, arrayOf);
  };
}

/** Compares the elements at two positions of the contiguous input. */
function orderOf(
  input: View,
  descending: boolean,
  arrayOf: ArrayOf,
): (a: number, b: number) => number {
  const sign = descending ? -1 : 1;
  if (input.dtype === "int64") {
    const bigs = gatherRaw(input, arrayOf, true) as BigInt64Array;
    return (a, b) => sign * compareBig(bigs[a] as bigint, bigs[b] as bigint);
  }
  const numbers = gatherNumbers(input, arrayOf);
  return (a, b) => sign * compare(numbers[a] as number, numbers[b] as number);
}
