// How kernels read an operand of indices: as int32 in order, each checked before it is used.
import { isContiguous, numelOf, type TypedArray, type View } from "@tead/tensor";
import { windowOf } from "@tead/tensor/kernel-kit";
import { pool } from "../buffer-pool.ts";
import { gathered } from "./strided.ts";

/** A call, as far as indices concern it. */
interface Failing {
  fail(code: "indexOutOfRange", position: number): void;
}

/** Stands for an int64 that int32 does not hold: no dim has this index. */
const NOWHERE = -2147483648;

/**
 * Calls `use` with the indices of `view`. Those in [-count, 0) count from the end and are made positive if `negative`
 * says so; all others outside [0, count) fail. The array is only there during the call.
 */
export function withIndices(
  call: Failing,
  view: View,
  count: number,
  negative: boolean,
  use: (indices: Int32Array) => void,
): void {
  const length = numelOf(view.shape);
  const dense = isContiguous(view);
  const array = dense ? (view.buffer as TypedArray) : gathered(view);
  const at = dense ? view.offset : 0;
  const plain = array instanceof Int32Array;
  let indices = plain ? windowOf(array, at, length) : integersOf(array, at, length);
  let ours = !dense || !plain;
  if (!dense && !plain) pool.give(array);
  const first = firstOutside(indices, count);
  if (first < length) {
    if (!ours) indices = copyOf(indices);
    ours = true;
    for (let i = first; i < length; i++) {
      const value = indices[i] as number;
      const found = value < 0 && negative ? value + count : value;
      if (!(found >= 0 && found < count)) call.fail("indexOutOfRange", i);
      indices[i] = found;
    }
  }
  use(indices);
  if (ours) pool.give(indices);
}

/** Where the first index stands that is not in [0, count). */
function firstOutside(indices: Int32Array, count: number): number {
  const { length } = indices;
  const last = count - 1;
  // Negative as soon as one of them is below 0 or above the last: no branch for each.
  let outside = 0;
  for (let i = 0; i < length; i++) {
    const value = indices[i] as number;
    outside |= value | (last - value);
  }
  if (outside >= 0) return length;
  return indices.findIndex((value) => value < 0 || value > last);
}

function copyOf(indices: Int32Array): Int32Array {
  const result = pool.take("int32", indices.length) as Int32Array;
  result.set(indices);
  return result;
}

/** Integers of any width as int32, in an array from the pool. int64 is read by halves: a bigint each would be slow. */
function integersOf(array: TypedArray, at: number, length: number): Int32Array {
  const result = pool.take("int32", length) as Int32Array;
  if (array instanceof BigInt64Array)
    lowWords(result, new Int32Array(array.buffer, array.byteOffset + at * 8, length * 2));
  else for (let i = 0; i < length; i++) result[i] = array[at + i] as number;
  return result;
}

/** The low words of int64, given as pairs of int32, where the high ones only repeat the sign. */
function lowWords(result: Int32Array, halves: Int32Array): void {
  for (let i = 0, at = 0; i < result.length; i++, at += 2) {
    const low = halves[at] as number;
    result[i] = halves[at + 1] === low >> 31 ? low : NOWHERE;
  }
}
