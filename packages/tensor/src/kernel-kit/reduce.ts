// Reference kernels of reductions and scans. Sums run in float64, so that float32 results are
// rounded once.
import type { Kernel, KernelOf, View } from "../backend.ts";
import { isFloat } from "../dtype.ts";
import type { argmaxOp, ReduceAttrs } from "../ops/reduce.ts";
import { numelOf } from "../shape.ts";
import { type ArrayOf, around, gatherNumbers, scatterNumbers } from "./access.ts";

export type Reducer = (
  values: ArrayLike<number>,
  from: number,
  count: number,
  step: number,
) => number;

const sum: Reducer = (values, from, count, step) => {
  let total = 0;
  for (let i = 0, at = from; i < count; i++, at += step) total += values[at] as number;
  return total;
};
const prod: Reducer = (values, from, count, step) => {
  let total = 1;
  for (let i = 0, at = from; i < count; i++, at += step) total *= values[at] as number;
  return total;
};
const argExtremum =
  (sign: 1 | -1): Reducer =>
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
const extremum = (sign: 1 | -1): Reducer => {
  const position = argExtremum(sign);
  return (values, from, count, step) =>
    values[from + position(values, from, count, step) * step] as number;
};

/** The reductions that have no position. */
export const reducers: Readonly<Record<"sum" | "prod" | "amax" | "amin", Reducer>> = {
  sum: sum,
  prod: prod,
  amax: extremum(1),
  amin: extremum(-1),
};

/** The input seen with its reduced dims last, so that each result is one run. */
function reducedLast(view: View, dims: readonly number[]): View {
  const order = [...view.shape.keys()].filter((i) => !dims.includes(i)).concat(dims);
  return {
    ...view,
    buffer: view.buffer,
    dtype: view.dtype,
    offset: view.offset,
    shape: order.map((i) => view.shape[i] as number),
    strides: order.map((i) => view.strides[i] as number),
  };
}

const int32Fits = (value: number): boolean => value >= -2147483648 && value <= 2147483647;

/** Sums and products that leave int32 are refused, not wrapped: where PyTorch has int64. */
export function checkInt32(
  values: ArrayLike<number>,
  view: View,
  fail: (code: "integerOverflow", position: number) => void,
): void {
  if (view.dtype !== "int32") return;
  for (let i = 0; i < values.length; i++)
    if (!int32Fits(values[i] as number)) fail("integerOverflow", i);
}

export function reduceKernel(
  reduce: Reducer,
  arrayOf: ArrayOf,
): Kernel<readonly [View], ReduceAttrs> {
  return (call) => {
    const {
      inputs: [input],
      attrs: { dims },
    } = call;
    const output = call.outputs[0] as View;
    const values = gatherNumbers(reducedLast(input, dims), arrayOf);
    const rows = numelOf(output.shape);
    const count = dims.reduce((n, dim) => n * (input.shape[dim] as number), 1);
    const result = new Float64Array(rows);
    for (let row = 0; row < rows; row++) result[row] = reduce(values, row * count, count, 1);
    checkInt32(result, output, (code, position) => call.fail(code, position));
    scatterNumbers(result, output, arrayOf);
  };
}

export function argKernel(sign: 1 | -1, arrayOf: ArrayOf): KernelOf<typeof argmaxOp> {
  const position = argExtremum(sign);
  return ({ inputs: [input], outputs: [output], attrs: { dim } }) => {
    const values = gatherNumbers(input, arrayOf);
    const { outer, size, inner } = around(input.shape, dim);
    const result = new Int32Array(outer * inner);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++)
        result[o * inner + i] = position(values, o * size * inner + i, size, inner);
    scatterNumbers(result, output as View, arrayOf);
  };
}

/** y[i] = combine(y[i - 1], x[i]) along one dim. */
export function scanKernel(
  combine: (total: number, value: number) => number,
  initial: number,
  arrayOf: ArrayOf,
): Kernel<readonly [View], { dim: number }> {
  return (call) => {
    const {
      inputs: [input],
      attrs: { dim },
    } = call;
    const output = call.outputs[0] as View;
    const values = gatherNumbers(input, arrayOf);
    const { outer, size, inner } = around(input.shape, dim);
    const result = new Float64Array(values.length);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        let total = initial;
        for (let k = 0, at = o * size * inner + i; k < size; k++, at += inner) {
          total = combine(total, values[at] as number);
          result[at] = total;
        }
      }
    if (!isFloat(output.dtype))
      checkInt32(result, output, (code, position) => call.fail(code, position));
    scatterNumbers(result, output, arrayOf);
  };
}
