// The typed arrays that a checkpoint keeps beside tensors, and the dtype that each is stored as.
import type { DType } from "@tead/tensor";

/** A typed array that a checkpoint can hold. */
export type CheckpointArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** How one kind of array is stored. */
export interface ArrayKind {
  readonly name: string;
  /** Unsigned arrays wider than a byte are stored as the signed integers with the same bits. */
  readonly dtype: DType;
  /** A copy of the bytes, as the array that they were. */
  make(bytes: Uint8Array): CheckpointArray;
}

interface ArrayClass {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): CheckpointArray;
}

const kind = (Class: ArrayClass, dtype: DType): ArrayKind => ({
  name: Class.name,
  dtype,
  make: (bytes) => new Class(bytes.slice().buffer),
});

const kinds: readonly (readonly [ArrayClass, ArrayKind])[] = (
  [
    [Float32Array, "float32"],
    [Float64Array, "float64"],
    [Int8Array, "int8"],
    [Int16Array, "int16"],
    [Int32Array, "int32"],
    [BigInt64Array, "int64"],
    [Uint8Array, "uint8"],
    [Uint8ClampedArray, "uint8"],
    [Uint16Array, "int16"],
    [Uint32Array, "int32"],
    [BigUint64Array, "int64"],
  ] as const
).map(([Class, dtype]) => [Class, kind(Class, dtype)]);

/**
 * The kind of a typed array, subclasses such as Node's Buffer included; undefined for anything
 * else.
 */
export const arrayKindOf = (value: object): ArrayKind | undefined =>
  kinds.find(([Class]) => value instanceof Class)?.[1];

/** The kind with that name. */
export const arrayKindNamed = (name: string): ArrayKind | undefined =>
  kinds.find(([Class]) => Class.name === name)?.[1];
