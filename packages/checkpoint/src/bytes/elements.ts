// Elements as backends take them, from the bytes of files.
import { byteLengthOf, type DType, makeArray, type TypedArray } from "@tead/tensor";

/** The memory of an array, not copied. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/**
 * Aligned elements of the platform's byte order: a copy, because a backend may keep what it is
 * given.
 */
export function elementsOf(dtype: DType, bytes: Uint8Array, bigEndian: boolean): TypedArray {
  const width = byteLengthOf(dtype);
  const elements = makeArray(dtype, bytes.length / width);
  const target = bytesOf(elements);
  target.set(bytes);
  if (bigEndian && width > 1)
    for (let i = 0; i < target.length; i += width) target.subarray(i, i + width).reverse();
  return elements;
}
