// Sums, extrema and means over dims that lie together: SIMD for float32.
import {
  isContiguous,
  type Kernel,
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type View,
} from "@tead/tensor";
import { around, bufferIsArray, referenceKernels } from "@tead/tensor/kernel-kit";
import { pool } from "../buffer-pool.ts";
import { f32Kernels, type ReduceName } from "../wasm/index.ts";
import { gathered } from "./strided.ts";

const { argF32, reduceF32 } = f32Kernels();
const reference = referenceKernels(bufferIsArray);

interface Attrs {
  readonly dims: readonly number[];
}

/** The shape as [outer, reduce, inner] if the reduced dims are neighbours. */
function neighbours(
  shape: readonly number[],
  dims: readonly number[],
): [number, number, number] | undefined {
  let [first, last] = [shape.length, -1];
  for (const dim of dims) {
    first = Math.min(first, dim);
    last = Math.max(last, dim);
  }
  // Dims do not repeat: as many as lie between the ends are all of them.
  if (dims.length > 0 && last - first >= dims.length) return undefined;
  const sizes: [number, number, number] = [1, 1, 1];
  for (let d = 0; d < shape.length; d++) {
    const part = d < first ? 0 : d <= last ? 1 : 2;
    sizes[part] *= shape[d] as number;
  }
  return sizes;
}

/** Tensors of no more elements than this are reduced in plain loops: staging would cost more. */
const FEW = 96;

function sumFew(
  to: Float32Array,
  toAt: number,
  from: Float32Array,
  fromAt: number,
  outer: number,
  reduce: number,
  inner: number,
): void {
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      let at = fromAt + o * reduce * inner + i;
      let total = from[at] as number;
      for (let r = 1; r < reduce; r++) {
        at += inner;
        total += from[at] as number;
      }
      to[toAt + o * inner + i] = total;
    }
}

function extremeFew(
  name: "max" | "min",
  to: Float32Array,
  toAt: number,
  from: Float32Array,
  fromAt: number,
  outer: number,
  reduce: number,
  inner: number,
): void {
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      let at = fromAt + o * reduce * inner + i;
      let total = from[at] as number;
      for (let r = 1; r < reduce; r++) {
        at += inner;
        const value = from[at] as number;
        total = name === "max" ? Math.max(total, value) : Math.min(total, value);
      }
      to[toAt + o * inner + i] = total;
    }
}

interface Reduction {
  readonly x: View;
  readonly dims: readonly number[];
}

/** The view with its dims in another order, and where `dims` have gone. */
function reordered(x: View, dims: readonly number[], order: readonly number[]): Reduction {
  const { buffer, dtype, offset } = x;
  const shape = order.map((d) => x.shape[d] as number);
  const strides = order.map((d) => x.strides[d] as number);
  return { x: { buffer, dtype, shape, strides, offset }, dims: dims.map((d) => order.indexOf(d)) };
}

/** A permuted view as it lies in memory, if the dims that stay keep their order. */
function unpermuted(x: View, dims: readonly number[]): Reduction | undefined {
  const order = [...x.shape.keys()].sort(
    (a, b) => (x.strides[b] as number) - (x.strides[a] as number) || a - b,
  );
  const kept = order.filter((d) => !dims.includes(d));
  if (kept.some((d, i) => i > 0 && d < (kept[i - 1] as number))) return undefined;
  const found = reordered(x, dims, order);
  return isContiguous(found.x) ? found : undefined;
}

/** Brings the elements in order, the reduced dims last. */
function inOrder(name: ReduceName, x: View, out: View, dims: readonly number[]): boolean {
  const order = [...x.shape.keys()].filter((d) => !dims.includes(d)).concat(dims);
  const last = reordered(x, dims, order);
  const values = gathered(last.x) as Float32Array;
  const rows = numelOf(out.shape);
  const columns = dims.reduce((n, d) => n * (x.shape[d] as number), 1);
  reduceF32(name, out.buffer as Float32Array, out.offset, values, 0, rows, columns, 1);
  pool.give(values);
  return true;
}

function reduces(name: ReduceName, x: View, out: View, dims: readonly number[]): boolean {
  if (x.dtype !== "float32" || out.dtype !== "float32" || x.buffer === out.buffer) return false;
  if (!isContiguous(out)) return false;
  if (!isContiguous(x)) {
    const found = unpermuted(x, dims);
    return found === undefined
      ? inOrder(name, x, out, dims)
      : reduces(name, found.x, out, found.dims);
  }
  const sizes = neighbours(x.shape, dims);
  if (sizes === undefined) return channels(name, x, out, dims) || inOrder(name, x, out, dims);
  const [outer, reduce, inner] = sizes;
  const [to, from] = [out.buffer as Float32Array, x.buffer as Float32Array];
  if (outer * reduce * inner <= FEW && reduce > 0) {
    if (name === "sum") sumFew(to, out.offset, from, x.offset, outer, reduce, inner);
    else extremeFew(name, to, out.offset, from, x.offset, outer, reduce, inner);
    return true;
  }
  reduceF32(name, to, out.offset, from, x.offset, outer, reduce, inner);
  return true;
}

/** All dims but the second of [N, C, ...]: first each image's planes, then the batch. */
function channels(name: ReduceName, x: View, out: View, dims: readonly number[]): boolean {
  const isChannels = x.shape.length > 2 && dims.length === x.shape.length - 1 && !dims.includes(1);
  if (!isChannels) return false;
  const [batch, count] = x.shape as [number, number];
  const planes = new Float32Array(batch * count);
  const size = numelOf(x.shape.slice(2));
  reduceF32(name, planes, 0, x.buffer as Float32Array, x.offset, batch * count, size, 1);
  reduceF32(name, out.buffer as Float32Array, out.offset, planes, 0, 1, batch, count);
  return true;
}

const fast =
  <A extends Attrs>(
    name: ReduceName,
    slow: Kernel<readonly [View], A>,
  ): Kernel<readonly [View], A> =>
  (call) => {
    if (!reduces(name, call.inputs[0], call.outputs[0] as View, call.attrs.dims)) slow(call);
  };

const sumOfFloats = fast("sum", reference.sum);

type Whole = Int32Array | Uint8Array;
type AddWhole = (totals: Float64Array, x: Whole, at: number, sizes: readonly number[]) => void;

// Two functions of one body, each for one type of array. Sums below 2^53 are exact.
const addIntegers: AddWhole = (totals, x, at, [outer = 0, reduce = 0, inner = 0]) => {
  for (let o = 0, from = at; o < outer; o++)
    for (let r = 0; r < reduce; r++, from += inner)
      for (let i = 0, to = o * inner; i < inner; i++)
        totals[to + i] = (totals[to + i] as number) + (x[from + i] as number);
};
const addBytes: AddWhole = (totals, x, at, [outer = 0, reduce = 0, inner = 0]) => {
  for (let o = 0, from = at; o < outer; o++)
    for (let r = 0; r < reduce; r++, from += inner)
      for (let i = 0, to = o * inner; i < inner; i++)
        totals[to + i] = (totals[to + i] as number) + (x[from + i] as number);
};
// And two for rows, each summed in a variable.
const addIntegerRows: AddWhole = (totals, x, at, [outer = 0, reduce = 0]) => {
  for (let o = 0, from = at; o < outer; o++) {
    let total = 0;
    for (const end = from + reduce; from < end; from++) total += x[from] as number;
    totals[o] = total;
  }
};
const addByteRows: AddWhole = (totals, x, at, [outer = 0, reduce = 0]) => {
  for (let o = 0, from = at; o < outer; o++) {
    let total = 0;
    for (const end = from + reduce; from < end; from++) total += x[from] as number;
    totals[o] = total;
  }
};

/** Sums of int32, and of bools, which are counted; false where a sum does not fit: the loops refuse it. */
function sumsOfWhole(x: View, out: View, dims: readonly number[]): boolean {
  if ((x.dtype !== "int32" && x.dtype !== "bool") || out.dtype !== "int32") return false;
  const sizes = neighbours(x.shape, dims);
  if (sizes === undefined || !isContiguous(x) || !isContiguous(out)) return false;
  const [outer, reduce, inner] = sizes;
  const totals = new Float64Array(outer * inner);
  const columns = x.dtype === "bool" ? addBytes : addIntegers;
  const rows = x.dtype === "bool" ? addByteRows : addIntegerRows;
  const add = inner === 1 ? rows : columns;
  add(totals, x.buffer as Whole, x.offset, [outer, reduce, inner]);
  if (totals.some((total) => (total | 0) !== total)) return false;
  (out.buffer as Int32Array).set(totals, out.offset);
  return true;
}

const sum: typeof sumOfFloats = (call) => {
  if (!sumsOfWhole(call.inputs[0], call.outputs[0] as View, call.attrs.dims)) sumOfFloats(call);
};

/** The sum, divided by the count in place. */
const mean: Kernel<readonly [View], ops.ReduceAttrs> = ({ inputs, outputs, attrs }) => {
  const out = outputs[0] as View;
  const count = attrs.dims.reduce((n, dim) => n * (inputs[0].shape[dim] as number), 1);
  sum({ inputs, outputs, attrs: { ...attrs, dtype: out.dtype }, fail });
  if (out.dtype === "float32" && isContiguous(out)) {
    const array = out.buffer as Float32Array;
    const end = out.offset + numelOf(out.shape);
    for (let i = out.offset; i < end; i++) array[i] = (array[i] as number) / count;
  } else {
    const divisor: View = { ...scalar, scalar: count };
    reference.div({ inputs: [out, divisor], outputs, attrs: {}, fail });
  }
};
const scalar: View = { buffer: undefined, dtype: "float64", shape: [], strides: [], offset: 0 };
/** A floating-point sum has no value to refuse. */
const fail = (): void => {};

const first = [0];

/** A float matrix's rows, added up. */
export function sumRows(x: View, out: View): void {
  if (reduces("sum", x, out, first)) return;
  const attrs = { dims: first, keepDim: false, dtype: out.dtype };
  reference.sum({ inputs: [x], outputs: [out], attrs, fail });
}

type Arg = KernelOf<typeof ops.argmaxOp>;

/** The place of an extremum along one dim. */
const arg =
  (op: "max" | "min", slow: Arg): Arg =>
  (call) => {
    const [x] = call.inputs;
    const out = call.outputs[0] as View;
    const { outer, size, inner } = around(x.shape, call.attrs.dim);
    const fits = x.dtype === "float32" && out.dtype === "int32" && outer * size * inner > FEW;
    if (!fits || !isContiguous(out)) {
      slow(call);
      return;
    }
    const values = isContiguous(x) ? undefined : gathered(x);
    const [from, first] = values === undefined ? [x.buffer, x.offset] : [values, 0];
    const to = out.buffer as Int32Array;
    argF32(op, to, out.offset, from as Float32Array, first, outer, size, inner);
    if (values !== undefined) pool.give(values);
  };

export const reduceKernels: Partial<Kernels> = {
  argmax: arg("max", reference.argmax),
  argmin: arg("min", reference.argmin),
  sum,
  mean,
  amax: fast("max", reference.amax),
  amin: fast("min", reference.amin),
};
