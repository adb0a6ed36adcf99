// Reading views into contiguous arrays and writing results back: strides, broadcasting, 16-bit
// floats and shared buffers are dealt with here, once, for every kernel.
import type { View } from "../backend.ts";
import { type DType, isHalf, makeArray, type TypedArray } from "../dtype.ts";
import { decodeHalf, encodeHalf } from "../half.ts";
import { contiguousStrides, isContiguous, numelOf, type Shape } from "../shape.ts";

/** An array of numbers that kernels compute in. */
export type Values = Float32Array | Float64Array | Int32Array | Uint8Array | Int8Array | Int16Array;

/** How the kit finds the typed array behind a backend's buffer. */
export type ArrayOf = (view: View) => TypedArray;

/** The usual case: the buffer is the typed array. */
export const bufferIsArray: ArrayOf = (view) => view.buffer as TypedArray;

/** Calls `visit(from, count, step)` for each run along the last dim, in row-major order. */
export function eachRow(
  { shape, strides, offset }: Pick<View, "shape" | "strides" | "offset">,
  visit: (start: number, count: number, step: number) => void,
): void {
  const rank = shape.length;
  if (rank === 0) {
    visit(offset, 1, 1);
    return;
  }
  const count = shape[rank - 1] as number;
  const step = strides[rank - 1] as number;
  const outer = shape.slice(0, -1);
  const rows = numelOf(outer);
  if (count === 0 || rows === 0) return;
  const index = new Array<number>(rank - 1).fill(0);
  let start = offset;
  for (let row = 0; row < rows; row++) {
    visit(start, count, step);
    for (let d = rank - 2; d >= 0; d--) {
      start += strides[d] as number;
      index[d] = (index[d] as number) + 1;
      if ((index[d] as number) < (shape[d] as number)) break;
      start -= (strides[d] as number) * (shape[d] as number);
      index[d] = 0;
    }
  }
}

/** `count` elements of an array: the array itself where these are all, since a window costs more. */
export function windowOf<A extends TypedArray>(array: A, offset: number, count: number): A {
  if (offset === 0 && count === array.length) return array;
  return array.subarray(offset, offset + count) as A;
}

/** The view's elements in row-major order, as they are stored: the array, a window on it, or a copy. */
export function gatherRaw(view: View, arrayOf: ArrayOf, mayAlias: boolean): TypedArray {
  const array = arrayOf(view);
  const count = numelOf(view.shape);
  if (isContiguous(view)) {
    if (!mayAlias) return array.slice(view.offset, view.offset + count) as TypedArray;
    return windowOf(array, view.offset, count);
  }
  const result = makeArray(view.dtype, count);
  let position = 0;
  eachRow(view, (start, size, step) => {
    for (let i = 0; i < size; i++) result[position++] = array[start + i * step] as never;
  });
  return result;
}

/** Writes values in row-major order to where the view's elements lie. */
export function scatterRaw(values: TypedArray, view: View, arrayOf: ArrayOf): void {
  if (values.length === 0) return;
  const array = arrayOf(view);
  if (isContiguous(view)) {
    array.set(values as never, view.offset);
    return;
  }
  let position = 0;
  eachRow(view, (start, size, step) => {
    for (let i = 0; i < size; i++) array[start + i * step] = values[position++] as never;
  });
}

/** The view's elements as numbers: 16-bit floats decoded, int64 as float64. */
export function gatherNumbers(view: View, arrayOf: ArrayOf, mayAlias = true): Values {
  if (view.scalar !== undefined) return Float64Array.of(view.scalar);
  const raw = gatherRaw(view, arrayOf, mayAlias && !isHalf(view.dtype));
  if (isHalf(view.dtype)) return decodeHalf(raw as Uint16Array, view.dtype);
  if (raw instanceof BigInt64Array) return Float64Array.from(raw, Number);
  return raw as Values;
}

/** Writes numbers to a view of any dtype, rounding as its dtype does. */
export function scatterNumbers(values: ArrayLike<number>, view: View, arrayOf: ArrayOf): void {
  const { dtype } = view;
  if (values.length === 1 && (dtype === "float32" || dtype === "float64")) {
    arrayOf(view)[view.offset] = values[0] as number;
    return;
  }
  scatterRaw(numbersAs(values, view.dtype), view, arrayOf);
}

/** Numbers as the array that holds `dtype`; floats become integers by truncation, as C casts. */
export function numbersAs(values: ArrayLike<number>, dtype: DType): TypedArray {
  if (isHalf(dtype)) return encodeHalf(values, dtype);
  const result = makeArray(dtype, values.length);
  if (result instanceof BigInt64Array)
    for (let i = 0; i < result.length; i++) result[i] = toBigInt(values[i] as number);
  else if (dtype === "bool")
    for (let i = 0; i < result.length; i++) result[i] = values[i] !== 0 ? 1 : 0;
  else result.set(values as ArrayLike<number> as never);
  return result;
}

function toBigInt(value: number): bigint {
  return Number.isFinite(value) ? BigInt.asIntN(64, BigInt(Math.trunc(value))) : -(2n ** 63n);
}

/** An array to compute a result of this dtype in. */
export function resultArray(dtype: DType, count: number): Values {
  if (isHalf(dtype)) return new Float32Array(count);
  if (dtype === "int64") return new Float64Array(count);
  return makeArray(dtype, count) as Values;
}

/** The shape as [outer, size, inner] around one dim. */
export function around(shape: Shape, dim: number): { outer: number; size: number; inner: number } {
  if (shape.length === 0) return { outer: 1, size: 1, inner: 1 };
  return {
    outer: numelOf(shape.slice(0, dim)),
    size: shape[dim] as number,
    inner: numelOf(shape.slice(dim + 1)),
  };
}

/** A contiguous view's geometry. */
export function plainView(view: View, shape: Shape): View {
  return { ...view, shape, strides: contiguousStrides(shape) };
}
