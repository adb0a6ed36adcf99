// Reference kernels that read and write by index. Every index is checked before it is used.
import type { Kernel, KernelCall, KernelOf, View } from "../backend.ts";
import { makeArray } from "../dtype.ts";
import type { DimAttrs, gatherOp, indexSelectOp } from "../ops/indexing.ts";
import { contiguousStrides, numelOf } from "../shape.ts";
import {
  type ArrayOf,
  around,
  gatherNumbers,
  gatherRaw,
  scatterNumbers,
  scatterRaw,
} from "./access.ts";

/** The index values, each within [-size, size), made non-negative. */
function checkedIndices(
  call: KernelCall<unknown, unknown>,
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

export function indexSelectKernel(arrayOf: ArrayOf): KernelOf<typeof indexSelectOp> {
  return (call) => {
    const {
      inputs: [input, index],
      attrs: { dim },
    } = call;
    const output = call.outputs[0] as View;
    const { outer, size, inner } = around(input.shape, dim);
    const indices = checkedIndices(call, index, size, arrayOf);
    const values = gatherRaw(input, arrayOf, true);
    const result = makeArray(output.dtype, numelOf(output.shape));
    let to = 0;
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < indices.length; i++, to += inner) {
        const from = (o * size + (indices[i] as number)) * inner;
        result.set(values.subarray(from, from + inner) as never, to);
      }
    scatterRaw(result, output, arrayOf);
  };
}

/** For each position of `index`: where it points in a contiguous tensor of `shape`, along `dim`. */
function targets(
  call: KernelCall<unknown, unknown>,
  index: View,
  shape: readonly number[],
  dim: number,
  arrayOf: ArrayOf,
): Int32Array {
  const indices = checkedIndices(call, index, shape[dim] ?? 1, arrayOf);
  if (shape.length === 0) return indices;
  const strides = contiguousStrides(shape);
  const own = contiguousStrides(index.shape);
  const result = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    let at = (indices[i] as number) * (strides[dim] as number);
    for (let d = 0; d < shape.length; d++)
      if (d !== dim)
        at +=
          (Math.floor(i / (own[d] as number)) % (index.shape[d] as number)) *
          (strides[d] as number);
    result[i] = at;
  }
  return result;
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

/** The part of the source that the index covers, contiguous. */
function covered(source: View, index: View): View {
  const { buffer, dtype, strides, offset } = source;
  return { buffer, dtype, strides, offset, shape: index.shape };
}

export function scatterKernel(arrayOf: ArrayOf): Kernel<Inputs, DimAttrs> {
  return (call) => {
    const {
      inputs: [input, index, source],
      attrs: { dim },
    } = call;
    const to = targets(call, index, input.shape, dim, arrayOf);
    const values = gatherRaw(covered(source, index), arrayOf, false);
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
      const result = gatherRaw(input, arrayOf, false) as BigInt64Array;
      const added = gatherRaw(covered(source, index), arrayOf, true) as BigInt64Array;
      for (let i = 0; i < to.length; i++)
        result[to[i] as number] = (result[to[i] as number] as bigint) + (added[i] as bigint);
      scatterRaw(result, output, arrayOf);
      return;
    }
    const values = gatherNumbers(covered(source, index), arrayOf);
    const sums = Float64Array.from(gatherNumbers(input, arrayOf));
    for (let i = 0; i < to.length; i++)
      sums[to[i] as number] = (sums[to[i] as number] as number) + (values[i] as number);
    scatterNumbers(sums, output, arrayOf);
  };
}
