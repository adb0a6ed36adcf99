// Running sums, products and extremes along a dim. Sums and products run in float64, as the kernel kit's do; where the dim
// is not the last, row by row with a running value for each column, so that memory is read in order.
import {
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type TypedArray,
  type View,
} from "@tead/tensor";
import { around, bufferIsArray, gatherNumbers, referenceKernels } from "@tead/tensor/kernel-kit";
import { withResult, withValues } from "./indexing.ts";

const reference = referenceKernels(bufferIsArray);

type Floats = Float32Array;
type Extents = ReturnType<typeof around>;
/** y from x: both in order, from their places on. */
type Scan = (y: Floats, to: number, x: Floats, from: number, extents: Extents) => void;

const sums: Scan = (y, to, x, from, { outer, size, inner }) => {
  const totals = new Float64Array(inner);
  for (let o = 0, at = 0; o < outer; o++) {
    if (inner === 1) {
      let total = 0;
      for (const end = at + size; at < end; at++) {
        total += x[from + at] as number;
        y[to + at] = total;
      }
      continue;
    }
    totals.fill(0);
    for (let k = 0; k < size; k++)
      for (let i = 0; i < inner; i++, at++) {
        const total = (totals[i] as number) + (x[from + at] as number);
        totals[i] = total;
        y[to + at] = total;
      }
  }
};

const products: Scan = (y, to, x, from, { outer, size, inner }) => {
  const totals = new Float64Array(inner);
  for (let o = 0, at = 0; o < outer; o++) {
    totals.fill(1);
    if (inner === 1) {
      let total = 1;
      for (const end = at + size; at < end; at++) {
        total *= x[from + at] as number;
        y[to + at] = total;
      }
      continue;
    }
    for (let k = 0; k < size; k++)
      for (let i = 0; i < inner; i++, at++) {
        const total = (totals[i] as number) * (x[from + at] as number);
        totals[i] = total;
        y[to + at] = total;
      }
  }
};

const scanned =
  (scan: Scan, slow: KernelOf<typeof ops.cumsumOp>): KernelOf<typeof ops.cumsumOp> =>
  (call) => {
    const [input] = call.inputs;
    const out = call.outputs[0] as View;
    const isPlain = out.dtype === "float32" || out.dtype === "float64";
    if (!isPlain || input.dtype !== out.dtype) {
      slow(call);
      return;
    }
    const extents = around(input.shape, call.attrs.dim);
    withValues(input, ({ array, at }) =>
      withResult(out, call.inputs, (result, to) =>
        scan(result as Floats, to, array as Floats, at, extents),
      ),
    );
  };

/** The values and the places of the extremes up to each element: the last of equal ones; NaN stays. */
function extremes(
  indices: Int32Array,
  to: number,
  x: ArrayLike<number | bigint>,
  from: number,
  { outer, size, inner }: Extents,
  greatest: boolean,
): void {
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const start = o * size * inner + i;
      let top = x[from + start] as number;
      let place = 0;
      for (let k = 0, at = start; k < size; k++, at += inner) {
        const value = x[from + at] as number;
        const wins = greatest ? value >= top : value <= top;
        // biome-ignore lint/suspicious/noSelfCompare: true for NaN alone, of numbers and bigints
        if (wins || value !== value) {
          top = value;
          place = k;
        }
        indices[to + at] = place;
      }
    }
}

const running =
  (greatest: boolean): KernelOf<typeof ops.cummaxOp> =>
  ({ inputs: [input], outputs, attrs: { dim } }) => {
    const extents = around(input.shape, dim);
    const isBig = input.dtype === "int64";
    const numbers = isBig ? undefined : (gatherNumbers(input, bufferIsArray) as TypedArray);
    const run = (values: TypedArray, at: number): void =>
      withResult(outputs[0] as View, [input], (indices, to) =>
        extremes(indices as Int32Array, to, values, at, extents, greatest),
      );
    if (numelOf(input.shape) === 0) return;
    if (numbers === undefined) withValues(input, ({ array, at }) => run(array, at));
    else run(numbers, 0);
  };

export const scanKernels: Partial<Kernels> = {
  cumsum: scanned(sums, reference.cumsum),
  cumprod: scanned(products, reference.cumprod),
  cummax: running(true),
  cummin: running(false),
};
