// Ops whose output's shape depends on values: they read, compute on the host and upload.
import { isFloat, type TypedArray } from "../dtype.ts";
import { type DynamicOp, defineDynamic, type HostTensor } from "../op.ts";
import { contiguousStrides } from "../shape.ts";
import type { NoAttrs } from "./rules.ts";

type One = readonly ["input"];

/** The int32 positions of all elements other than 0, one row each: `[count, ndim]`. */
export const nonzeroOp: DynamicOp<"nonzero", One, NoAttrs> = defineDynamic("nonzero", {
  inputs: ["input"],
  outputs: ["output"],
  check: () => {},
  compute: ([{ data, shape }]) => {
    const positions = nonzeroPositions(data);
    const strides = contiguousStrides(shape);
    const rank = shape.length;
    const rows = new Int32Array(positions.length * rank);
    positions.forEach((position, i) => {
      for (let dim = 0; dim < rank; dim++)
        rows[i * rank + dim] =
          Math.floor(position / (strides[dim] as number)) % (shape[dim] as number);
    });
    return [{ data: rows, shape: [positions.length, rank], dtype: "int32" }];
  },
});

/** The row-major positions of all elements other than 0, int32: `[count]`. */
export const flatNonzeroOp: DynamicOp<"flatNonzero", One, NoAttrs> = defineDynamic("flatNonzero", {
  inputs: ["input"],
  outputs: ["output"],
  check: () => {},
  compute: ([{ data }]) => {
    const positions = nonzeroPositions(data);
    return [{ data: positions, shape: [positions.length], dtype: "int32" }];
  },
});

function nonzeroPositions(data: TypedArray): Int32Array {
  let count = 0;
  for (let i = 0; i < data.length; i++) if (Number(data[i]) !== 0) count++;
  const positions = new Int32Array(count);
  for (let i = 0, at = 0; i < data.length; i++) if (Number(data[i]) !== 0) positions[at++] = i;
  return positions;
}

export interface UniqueAttrs {
  /** Compares whole slices of this dim, counted from the front; else single elements. */
  readonly dim: number | undefined;
  /** Whether only neighbours are compared, and the order is left as it is. */
  readonly consecutive: boolean;
}
type UniqueOutputs = readonly ["values", "inverse", "counts"];

/** The distinct elements or slices, where each element went, and how often each occurs. */
export const uniqueOp: DynamicOp<"unique", One, UniqueAttrs, UniqueOutputs> = defineDynamic(
  "unique",
  {
    inputs: ["input"],
    outputs: ["values", "inverse", "counts"],
    check: () => {},
    compute: ([input], { dim, consecutive }) => {
      const rows = rowsOf(input, dim);
      const order = Array.from({ length: rows.count }, (_, i) => i);
      if (!consecutive) order.sort((a, b) => rows.compare(a, b) || a - b);
      const firsts: number[] = [];
      const counts: number[] = [];
      const inverse = new Int32Array(rows.count);
      order.forEach((row, i) => {
        const before = order[i - 1];
        if (before === undefined || rows.compare(before, row) !== 0) {
          firsts.push(row);
          counts.push(0);
        }
        const last = counts.length - 1;
        counts[last] = (counts[last] as number) + 1;
        inverse[row] = last;
      });
      const shape = dim === undefined ? [firsts.length] : input.shape.with(dim, firsts.length);
      return [
        { data: rows.pick(firsts), shape, dtype: input.dtype },
        { data: inverse, shape: dim === undefined ? input.shape : [rows.count], dtype: "int32" },
        { data: Int32Array.from(counts), shape: [counts.length], dtype: "int32" },
      ];
    },
  },
);

interface Rows {
  readonly count: number;
  /** Below, at or above 0; NaN is greatest and differs from NaN. */
  compare(a: number, b: number): number;
  /** The rows side by side along `dim`. */
  pick(rows: readonly number[]): TypedArray;
}

function rowsOf({ data, shape, dtype }: HostTensor, dim: number | undefined): Rows {
  const at = dim ?? 0;
  const inner =
    dim === undefined ? 1 : shape.slice(at + 1).reduce((product, size) => product * size, 1);
  const count = dim === undefined ? data.length : (shape[at] ?? 1);
  const outer = count === 0 ? 0 : data.length / (count * inner);
  const place = (row: number, o: number, i: number): number => (o * count + row) * inner + i;
  const float = isFloat(dtype);
  return {
    count,
    compare(a, b) {
      for (let o = 0; o < outer; o++)
        for (let i = 0; i < inner; i++) {
          const x = data[place(a, o, i)] as number;
          const y = data[place(b, o, i)] as number;
          if (x < y) return -1;
          if (x > y) return 1;
          if (float && (Number.isNaN(x) || Number.isNaN(y))) return Number.isNaN(x) ? 1 : -1;
        }
      return 0;
    },
    pick(rows) {
      const result = data.slice(0, outer * rows.length * inner);
      let to = 0;
      for (let o = 0; o < outer; o++)
        for (const row of rows)
          for (let i = 0; i < inner; i++) result[to++] = data[place(row, o, i)] as never;
      return result;
    },
  };
}
