// Conversions between dtypes, as loops over arrays: the definitions of those that src/wasm/convert.ts does by SIMD, and some
// that it does not know.
import type { DType } from "@tead/tensor";
import { bufferIsArray, gatherNumbers, numbersAs } from "@tead/tensor/kernel-kit";

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array | Uint16Array | BigInt64Array;

/** to[at + i] = from[first + i] as the other dtype, for i below `count`. */
export type Convert = (
  to: Numbers,
  at: number,
  from: Numbers,
  first: number,
  count: number,
) => void;

// One function for each pair, so that the engine compiles each for its two types of array.
const toDouble: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const fromDouble: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const toInteger: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const fromInteger: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const fromByte: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const integerFromByte: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const toByte: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const toBool: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] !== 0 ? 1 : 0;
};

const toLong: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = longOf(from[first + i] as number) as never;
};
const fromLong: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = Number(from[first + i]);
};
const integerFromLong: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++)
    to[at + i] = Number(BigInt.asIntN(32, from[first + i] as never as bigint));
};

/** The low 64 bits of the whole part; the least int64 for NaN and the infinities. */
const longOf = (x: number): bigint =>
  Number.isFinite(x) ? BigInt.asIntN(64, BigInt(Math.trunc(x))) : -(2n ** 63n);

/** 16-bit floats as the kernel kit rounds and reads them. */
const toHalf =
  (dtype: DType): Convert =>
  (to, at, from, first, count) =>
    (to as Uint16Array).set(
      numbersAs((from as Float32Array).subarray(first, first + count), dtype) as Uint16Array,
      at,
    );
const fromHalf =
  (dtype: DType): Convert =>
  (to, at, from, first, count) => {
    const view = { buffer: from, dtype, shape: [count], strides: [1], offset: first };
    (to as Float32Array).set(gatherNumbers(view, bufferIsArray), at);
  };

/** By "from to". */
export const converters: Readonly<Record<string, Convert>> = {
  "float32 float64": toDouble,
  "float64 float32": fromDouble,
  "float32 int32": toInteger,
  "int32 float32": fromInteger,
  "bool float32": fromByte,
  "uint8 float32": fromByte,
  "bool int32": integerFromByte,
  "uint8 int32": integerFromByte,
  "float32 uint8": toByte,
  "float32 bool": toBool,
  "int32 int64": toLong,
  "float32 int64": toLong,
  "bool int64": toLong,
  "uint8 int64": toLong,
  "int64 float32": fromLong,
  "int64 int32": integerFromLong,
  "float32 float16": toHalf("float16"),
  "float32 bfloat16": toHalf("bfloat16"),
  "float16 float32": fromHalf("float16"),
  "bfloat16 float32": fromHalf("bfloat16"),
};

/** The loop from one dtype to another, if there is one. */
export function converterOf(from: DType, to: DType): Convert | undefined {
  return converters[`${from} ${to}`];
}
