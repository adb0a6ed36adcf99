// Reference kernels of reductions and scans. Sums run in float64, so that float32 results are
// rounded once; int64 runs in bigints, so that no bit is lost.
import type { Kernel, KernelOf, View } from "../backend.ts";
import type { argmaxOp, ReduceAttrs } from "../ops/reduce.ts";
import { numelOf } from "../shape.ts";
import { type ArrayOf, around, gatherNumbers, scatterNumbers, scatterRaw } from "./access.ts";
import { bigs } from "./elementwise.ts";
import { checkInt32 } from "./indexing.ts";

/** Reduces the elements `from`, `from + step`, ... of an array to one. */
type ReduceFunction<T> = (
  values: { readonly [i: number]: T },
  from: number,
  count: number,
  step: number,
) => T;

/** What a reduction does on numbers, and on int64. */
export interface Reducer {
  readonly f: ReduceFunction<number>;
  readonly big: ReduceFunction<bigint>;
}

const sum: Reducer = {
  f: (values, from, count, step) => {
    let total = 0;
    for (let i = 0, at = from; i < count; i++, at += step) total += values[at] as number;
    return total;
  },
  big: (values, from, count, step) => {
    let total = 0n;
    for (let i = 0, at = from; i < count; i++, at += step) total += values[at] as bigint;
    return total;
  },
};
const prod: Reducer = {
  f: (values, from, count, step) => {
    let total = 1;
    for (let i = 0, at = from; i < count; i++, at += step) total *= values[at] as number;
    return total;
  },
  big: (values, from, count, step) => {
    let total = 1n;
    for (let i = 0, at = from; i < count; i++, at += step)
      total = BigInt.asIntN(64, total * (values[at] as bigint));
    return total;
  },
};

/** The position of the first extremum; NaN wins over every number. */
const argExtremum =
  (sign: 1 | -1): ReduceFunction<number> =>
  (values, from, count, step) => {
    let best = 0;
    let top = (values[from] as number) * sign;
    for (let i = 1, at = from + step; i < count && !Number.isNaN(top); i++, at += step) {
      const value = (values[at] as number) * sign;
      if (value > top || Number.isNaN(value)) {
        best = i;
        top = value;
      }
    }
    return best;
  };
const bigArgExtremum =
  (sign: 1 | -1) =>
  (values: { readonly [i: number]: bigint }, from: number, count: number, step: number): number => {
    let best = 0;
    for (let i = 1; i < count; i++) {
      const value = values[from + i * step] as bigint;
      const top = values[from + best * step] as bigint;
      if (sign === 1 ? value > top : value < top) best = i;
    }
    return best;
  };
const extremum = (sign: 1 | -1): Reducer => {
  const position = argExtremum(sign);
  const bigPosition = bigArgExtremum(sign);
  return {
    f: (values, from, count, step) =>
      values[from + position(values, from, count, step) * step] as number,
    big: (values, from, count, step) =>
      values[from + bigPosition(values, from, count, step) * step] as bigint,
  };
};

/** The reductions that have no position. */
export const reducers: Readonly<Record<"sum" | "prod" | "amax" | "amin", Reducer>> = {
  sum,
  prod,
  amax: extremum(1),
  amin: extremum(-1),
};

/** The input seen with its reduced dims last, so that each result is one run. */
function reducedLast(
  { buffer, dtype, shape, strides, offset }: View,
  dims: readonly number[],
): View {
  const order = [...shape.keys()].filter((i) => !dims.includes(i)).concat(dims);
  return {
    buffer,
    dtype,
    offset,
    shape: order.map((i) => shape[i] as number),
    strides: order.map((i) => strides[i] as number),
  };
}

export function reduceKernel(
  reducer: Reducer,
  arrayOf: ArrayOf,
): Kernel<readonly [View], ReduceAttrs> {
  return (call) => {
    const {
      inputs: [input],
      attrs: { dims },
    } = call;
    const output = call.outputs[0] as View;
    const rows = numelOf(output.shape);
    const count = dims.reduce((n, dim) => n * (input.shape[dim] as number), 1);
    const ordered = reducedLast(input, dims);
    if (input.dtype === "int64" && output.dtype === "int64") {
      const values = bigs(ordered, arrayOf);
      const result = new BigInt64Array(rows);
      for (let row = 0; row < rows; row++) result[row] = reducer.big(values, row * count, count, 1);
      scatterRaw(result, output, arrayOf);
      return;
    }
    const values = gatherNumbers(ordered, arrayOf);
    const result = new Float64Array(rows);
    for (let row = 0; row < rows; row++) result[row] = reducer.f(values, row * count, count, 1);
    checkInt32(result, output, call);
    scatterNumbers(result, output, arrayOf);
  };
}

export function argKernel(sign: 1 | -1, arrayOf: ArrayOf): KernelOf<typeof argmaxOp> {
  const position = argExtremum(sign);
  const bigPosition = bigArgExtremum(sign);
  return ({ inputs: [input], outputs: [output], attrs: { dim } }) => {
    const { outer, size, inner } = around(input.shape, dim);
    const find: (from: number) => number =
      input.dtype === "int64"
        ? (
            (values) => (from: number) =>
              bigPosition(values, from, size, inner)
          )(bigs(input, arrayOf))
        : (
            (values) => (from: number) =>
              position(values, from, size, inner)
          )(gatherNumbers(input, arrayOf));
    const result = new Int32Array(outer * inner);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) result[o * inner + i] = find(o * size * inner + i);
    scatterNumbers(result, output as View, arrayOf);
  };
}

/** What a scan does to the running value and the next element. */
export interface Scan {
  readonly initial: number;
  /** On numbers. */
  readonly f: (total: number, value: number) => number;
  /** On int64. */
  readonly big: (total: bigint, value: bigint) => bigint;
}

/** The scans that are primitives. */
export const scans: Readonly<Record<"cumsum" | "cumprod", Scan>> = {
  cumsum: { initial: 0, f: (total, value) => total + value, big: (total, value) => total + value },
  cumprod: {
    initial: 1,
    f: (total, value) => total * value,
    big: (total, value) => BigInt.asIntN(64, total * value),
  },
};

/** y[i] = f(y[i - 1], x[i]) along one dim. */
export function scanKernel(
  { initial, f, big }: Scan,
  arrayOf: ArrayOf,
): Kernel<readonly [View], { dim: number }> {
  return (call) => {
    const {
      inputs: [input],
      attrs: { dim },
    } = call;
    const output = call.outputs[0] as View;
    const extents = around(input.shape, dim);
    if (input.dtype === "int64" && output.dtype === "int64") {
      const result = bigs(input, arrayOf).slice();
      scan(result, BigInt(initial), big, extents);
      scatterRaw(result, output, arrayOf);
      return;
    }
    const result = new Float64Array(gatherNumbers(input, arrayOf));
    scan(result, initial, f, extents);
    checkInt32(result, output, call);
    scatterNumbers(result, output, arrayOf);
  };
}

function scan<T>(
  values: { [i: number]: T },
  initial: T,
  f: (total: T, value: T) => T,
  { outer, size, inner }: ReturnType<typeof around>,
): void {
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      let total = initial;
      for (let k = 0, at = o * size * inner + i; k < size; k++, at += inner) {
        total = f(total, values[at] as T);
        values[at] = total;
      }
    }
}
