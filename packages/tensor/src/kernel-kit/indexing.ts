// Reference kernels that read and write by index. Every index is checked before it is used.
import type { Kernel, KernelCall, KernelOf, View } from "../backend.ts";
import { makeArray, type TypedArray } from "../dtype.ts";
import type { DimAttrs, gatherOp, indexSelectOp } from "../ops/indexing.ts";
import { contiguousStrides, numelOf, type Shape } from "../shape.ts";
import {
  type ArrayOf,
  around,
  eachRow,
  gatherNumbers,
  gatherRaw,
  scatterNumbers,
  scatterRaw,
} from "./access.ts";
import { bigs } from "./elementwise.ts";

type AnyCall = KernelCall<unknown, unknown>;

/** The index values, each within [-size, size), made non-negative. */
export function checkedIndices(
  call: AnyCall,
  index: View,
  size: number,
  arrayOf: ArrayOf,
): Int32Array {
  const values = gatherNumbers(index, arrayOf);
  const result = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < -size || value >= size) call.fail("indexOutOfRange", i);
    else result[i] = value < 0 ? value + size : value;
  }
  return result;
}

// Below this many elements, a loop is faster than subarray() and set().
const shortRun = 256;

/** The same bits in one array type for each size, so that one loop copies all dtypes fast. */
function words(array: TypedArray): TypedArray {
  const { BYTES_PER_ELEMENT, buffer, byteOffset, length } = array;
  if (BYTES_PER_ELEMENT === 4) return new Int32Array(buffer, byteOffset, length);
  if (BYTES_PER_ELEMENT === 2) return new Uint16Array(buffer, byteOffset, length);
  if (BYTES_PER_ELEMENT === 1) return new Uint8Array(buffer, byteOffset, length);
  return array;
}

export function indexSelectKernel(arrayOf: ArrayOf): KernelOf<typeof indexSelectOp> {
  return (call) => {
    const {
      inputs: [input, index],
      attrs: { dim },
    } = call;
    const output = call.outputs[0] as View;
    const { outer, size, inner } = around(input.shape, dim);
    const indices = checkedIndices(call, index, size, arrayOf);
    const values = words(gatherRaw(input, arrayOf, true));
    const result = makeArray(output.dtype, numelOf(output.shape));
    const target = words(result);
    let to = 0;
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < indices.length; i++, to += inner)
        copyRun(values, (o * size + (indices[i] as number)) * inner, target, to, inner);
    scatterRaw(result, output, arrayOf);
  };
}

function copyRun(
  source: TypedArray,
  from: number,
  target: TypedArray,
  to: number,
  count: number,
): void {
  if (count > shortRun) target.set(source.subarray(from, from + count) as never, to);
  else for (let k = 0; k < count; k++) target[to + k] = source[from + k] as never;
}

/**
 * For each position of `index`: where it points in a contiguous tensor of `shape`, along `dim`. The
 * index may be smaller than the tensor in the other dims.
 */
function targets(
  call: AnyCall,
  index: View,
  shape: Shape,
  dim: number,
  arrayOf: ArrayOf,
): Int32Array {
  const places = checkedIndices(call, index, shape[dim] ?? 1, arrayOf);
  if (shape.length === 0) return places;
  const strides = contiguousStrides(shape);
  const step = strides[dim] as number;
  // The position of [.., 0, ..]: `dim` itself counts for nothing, the index says where.
  const others = { shape: index.shape, strides: strides.with(dim, 0), offset: 0 };
  let i = 0;
  eachRow(others, (start, count, along) => {
    for (let k = 0, at = start; k < count; k++, at += along, i++)
      places[i] = at + (places[i] as number) * step;
  });
  return places;
}

export function gatherKernel(arrayOf: ArrayOf): KernelOf<typeof gatherOp> {
  return (call) => {
    const {
      inputs: [input, index],
      attrs: { dim },
    } = call;
    const output = call.outputs[0] as View;
    const from = targets(call, index, input.shape, dim, arrayOf);
    const values = gatherRaw(input, arrayOf, true);
    const result = makeArray(output.dtype, from.length);
    for (let i = 0; i < from.length; i++) result[i] = values[from[i] as number] as never;
    scatterRaw(result, output, arrayOf);
  };
}

type Inputs = readonly [View, View, View];

/** The part of the source that the index covers. */
function covered({ buffer, dtype, strides, offset }: View, index: View): View {
  return { buffer, dtype, strides, offset, shape: index.shape };
}

export function scatterKernel(arrayOf: ArrayOf): Kernel<Inputs, DimAttrs> {
  return (call) => {
    const {
      inputs: [input, index, source],
      attrs: { dim },
    } = call;
    const to = targets(call, index, input.shape, dim, arrayOf);
    const values = gatherRaw(covered(source, index), arrayOf, true);
    const result = gatherRaw(input, arrayOf, false);
    for (let i = 0; i < to.length; i++) result[to[i] as number] = values[i] as never;
    scatterRaw(result, call.outputs[0] as View, arrayOf);
  };
}

export function scatterAddKernel(arrayOf: ArrayOf): Kernel<Inputs, DimAttrs> {
  return (call) => {
    const {
      inputs: [input, index, source],
      attrs: { dim },
    } = call;
    const output = call.outputs[0] as View;
    const to = targets(call, index, input.shape, dim, arrayOf);
    if (input.dtype === "int64") {
      const result = bigs(input, arrayOf).slice();
      const added = bigs(covered(source, index), arrayOf);
      for (let i = 0; i < to.length; i++)
        result[to[i] as number] = (result[to[i] as number] as bigint) + (added[i] as bigint);
      scatterRaw(result, output, arrayOf);
      return;
    }
    const values = gatherNumbers(covered(source, index), arrayOf);
    const sums = new Float64Array(gatherNumbers(input, arrayOf));
    for (let i = 0; i < to.length; i++) {
      const at = to[i] as number;
      sums[at] = (sums[at] as number) + (values[i] as number);
    }
    checkInt32(sums, output, call);
    scatterNumbers(sums, output, arrayOf);
  };
}

/** Sums and products that leave int32 are refused, not wrapped: where PyTorch has int64. */
export function checkInt32(
  values: ArrayLike<number>,
  { dtype }: View,
  call: Pick<AnyCall, "fail">,
): void {
  if (dtype !== "int32") return;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < -2147483648 || value > 2147483647) call.fail("integerOverflow", i);
  }
}
