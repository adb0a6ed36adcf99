// Reading and writing by index, straight from the operands to the result: whole rows where the dim's elements lie in
// rows, else element by element. What has another form (an index smaller than the tensor, sums of integers) is the kernel
// kit's.
import {
  isContiguous,
  type KernelCall,
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type TypedArray,
  type View,
} from "@tead/tensor";
import { around, bufferIsArray, referenceKernels } from "@tead/tensor/kernel-kit";
import { pool } from "../buffer-pool.ts";
import { pickWords } from "../wasm/pick.ts";
import { withIndices } from "./indices.ts";
import { isSafe } from "./runs.ts";
import { copyRun, gathered, scattered, words } from "./strided.ts";

const reference = referenceKernels(bufferIsArray);

/** Elements in order: the array and where the first stands. */
interface Dense {
  readonly array: TypedArray;
  readonly at: number;
}

/** Calls `use` with the view's elements in order, which are only there during the call. */
export function withValues(view: View, use: (values: Dense) => void): void {
  if (isContiguous(view)) {
    use({ array: view.buffer as TypedArray, at: view.offset });
    return;
  }
  const array = gathered(view);
  use({ array, at: 0 });
  pool.give(array);
}

/** Calls `fill` with an array for the result, which is then brought to where the view's elements lie. */
export function withResult(
  out: View,
  inputs: readonly View[],
  fill: (result: TypedArray, at: number) => void,
): void {
  if (isContiguous(out) && inputs.every((x) => x.buffer !== out.buffer)) {
    fill(out.buffer as TypedArray, out.offset);
    return;
  }
  const result = pool.take(out.dtype, numelOf(out.shape));
  fill(result, 0);
  scattered(result, out);
  pool.give(result);
}

/** Rows shorter than this are copied one by one: `subarray` and `set` cost as much as that many elements. */
const SHORT = 96;

/** For each of `outer` blocks of `size` rows of `inner` elements: the rows that the indices name, in their order. */
export function copyRows(
  target: TypedArray,
  to: number,
  source: TypedArray,
  from: number,
  indices: Int32Array,
  outer: number,
  size: number,
  inner: number,
): void {
  const { length } = indices;
  if (inner >= SHORT) {
    for (let o = 0; o < outer; o++, from += size * inner)
      for (let i = 0; i < length; i++, to += inner) {
        const row = from + (indices[i] as number) * inner;
        target.set(source.subarray(row, row + inner) as never, to);
      }
    return;
  }
  const [a, b] = [words(target), words(source)];
  const rows = { outer, size, inner, count: length, step: 0 };
  if (a instanceof Int32Array && pickWords(a, to, b as Int32Array, from, indices, rows)) return;
  for (let o = 0; o < outer; o++, from += size * inner)
    if (inner === 1) {
      pick(a, to, b, from, indices, 0, length);
      to += length;
    } else
      for (let i = 0; i < length; i++, to += inner)
        copyRun(a, to, b, from + (indices[i] as number) * inner, inner);
}

/** a[to + i] = b[from + indices[at + i]] */
function pick(
  a: TypedArray,
  to: number,
  b: TypedArray,
  from: number,
  indices: Int32Array,
  at: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) a[to + i] = b[from + (indices[at + i] as number)] as never;
}

const indexSelect: KernelOf<typeof ops.indexSelectOp> = (call) => {
  const [input, index] = call.inputs;
  const { outer, size, inner } = around(input.shape, call.attrs.dim);
  withIndices(call, index, size, true, (indices) =>
    withValues(input, ({ array, at }) =>
      withResult(call.outputs[0] as View, call.inputs, (result, to) =>
        copyRows(result, to, array, at, indices, outer, size, inner),
      ),
    ),
  );
};

/** Whether the shapes are equal but for `dim`. */
function fits(index: View, input: View, dim: number): boolean {
  return index.shape.every((size, d) => d === dim || size === input.shape[d]);
}

const gather: KernelOf<typeof ops.gatherOp> = (call) => {
  const [input, index] = call.inputs;
  const { dim } = call.attrs;
  if (!fits(index, input, dim)) {
    reference.gather(call);
    return;
  }
  const { outer, size, inner } = around(input.shape, dim);
  const count = index.shape[dim] ?? 1;
  withIndices(call, index, size, true, (indices) =>
    withValues(input, ({ array, at }) =>
      withResult(call.outputs[0] as View, call.inputs, (result, to) => {
        const [a, b] = [words(result), words(array)];
        const rows = { outer, size, inner, count, step: count };
        const single = a instanceof Int32Array && inner === 1;
        if (single && pickWords(a, to, b as Int32Array, at, indices, rows)) return;
        if (inner === 1)
          for (let o = 0; o < outer; o++)
            pick(a, to + o * count, b, at + o * size, indices, o * count, count);
        else
          for (let o = 0, from = at; o < outer; o++, from += size * inner)
            for (let k = o * count; k < (o + 1) * count; k++)
              pickAcross(a, to, b, from, indices, k * inner, inner);
      }),
    ),
  );
};

/** a[to + at + i] = b[from + indices[at + i] * count + i]: one index a column. */
function pickAcross(
  a: TypedArray,
  to: number,
  b: TypedArray,
  from: number,
  indices: Int32Array,
  at: number,
  count: number,
): void {
  for (let i = at; i < at + count; i++)
    a[to + i] = b[from + (indices[i] as number) * count + i - at] as never;
}

type ScatterCall = KernelCall<readonly [View, View, View], ops.DimAttrs>;

/** result[from + indices[at + i] * step + i * across] takes values[first + i] for each i below `count`. */
type Put = (
  result: Float32Array,
  from: number,
  indices: Int32Array,
  at: number,
  step: number,
  across: number,
  values: Float32Array,
  first: number,
  count: number,
) => void;

const put: Put = (result, from, indices, at, step, across, values, first, count) => {
  if (across === 0)
    for (let i = 0; i < count; i++)
      result[from + (indices[at + i] as number)] = values[first + i] as number;
  else
    for (let i = 0; i < count; i++)
      result[from + i + (indices[at + i] as number) * step] = values[first + i] as number;
};
const add: Put = (result, from, indices, at, step, across, values, first, count) => {
  if (across === 0)
    for (let i = 0; i < count; i++) {
      const place = from + (indices[at + i] as number);
      result[place] = (result[place] as number) + (values[first + i] as number);
    }
  else
    for (let i = 0; i < count; i++) {
      const place = from + i + (indices[at + i] as number) * step;
      result[place] = (result[place] as number) + (values[first + i] as number);
    }
};

/** The input in the output's place; false, with nothing done, where an operand would be written before it is read. */
function copied(input: View, others: readonly View[], out: View): boolean {
  if (!isContiguous(out) || others.some((x) => x.buffer === out.buffer)) return false;
  if (input.buffer === out.buffer) return isSafe(input, out);
  const target = out.buffer as TypedArray;
  withValues(input, ({ array, at }) => {
    const count = numelOf(out.shape);
    target.set(array.subarray(at, at + count) as never, out.offset);
  });
  return true;
}

/** Scatters by `each`; false, with nothing done, where the operands have another form than it takes. */
function scatters(call: ScatterCall, each: Put): boolean {
  const [input, index, source] = call.inputs;
  const { dim } = call.attrs;
  const out = call.outputs[0] as View;
  if (!fits(index, input, dim)) return false;
  const { outer, size, inner } = around(input.shape, dim);
  const count = index.shape[dim] ?? 1;
  let done = true;
  withIndices(call, index, size, true, (indices) => {
    done = copied(input, [index, source], out);
    if (!done) return;
    const { buffer, dtype, strides, offset } = source;
    withValues({ buffer, dtype, strides, offset, shape: index.shape }, ({ array, at }) => {
      const result = out.buffer as Float32Array;
      const values = array as Float32Array;
      const along = inner === 1 ? count : inner;
      const parts = inner === 1 ? outer : outer * count;
      for (let p = 0; p < parts; p++) {
        const from = out.offset + (inner === 1 ? p : Math.floor(p / count)) * size * inner;
        const across = inner === 1 ? 0 : 1;
        each(result, from, indices, p * along, inner, across, values, at + p * along, along);
      }
    });
  });
  return done;
}

const scatter: KernelOf<typeof ops.scatterOp> = (call) => {
  if (!scatters(call, put)) reference.scatter(call);
};

const isFloats = ({ dtype }: View): boolean => dtype === "float32" || dtype === "float64";

const scatterAdd: KernelOf<typeof ops.scatterAddOp> = (call) => {
  if (!isFloats(call.inputs[0]) || !scatters(call, add)) reference.scatterAdd(call);
};

/** target[to + i] += source[from + i] */
export function addRun(
  target: Float32Array,
  to: number,
  source: Float32Array,
  from: number,
  count: number,
): void {
  for (let i = 0; i < count; i++)
    target[to + i] = (target[to + i] as number) + (source[from + i] as number);
}

/** Checked indices, repeated over the other dims of `like` for scatterAdd. */
function repeated(indices: Int32Array, { shape }: View, dim: number): View {
  const strides = shape.map((_, d) => (d === dim ? 1 : 0));
  return { buffer: indices, dtype: "int32", offset: 0, shape, strides };
}

const indexAdd: KernelOf<typeof ops.indexAddOp> = (call) => {
  const [input, index, source] = call.inputs;
  const { attrs, outputs } = call;
  const out = outputs[0] as View;
  const { outer, size, inner } = around(input.shape, attrs.dim);
  withIndices(call, index, size, true, (indices) => {
    if (!isFloats(input) || !copied(input, [index, source], out)) {
      const inputs = [input, repeated(indices, source, attrs.dim), source] as const;
      reference.scatterAdd({ inputs, outputs, attrs, fail: (code, at) => call.fail(code, at) });
      return;
    }
    withValues(source, ({ array, at }) => {
      const result = out.buffer as Float32Array;
      let from = at;
      for (let o = 0, block = out.offset; o < outer; o++, block += size * inner)
        for (let i = 0; i < indices.length; i++, from += inner)
          addRun(
            result,
            block + (indices[i] as number) * inner,
            array as Float32Array,
            from,
            inner,
          );
    });
  });
};

export const indexingKernels: Partial<Kernels> = {
  indexSelect,
  gather,
  scatter,
  scatterAdd,
  indexAdd,
};
