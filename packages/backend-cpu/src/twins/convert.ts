// Conversions between dtypes, as loops over arrays: the definitions of those that src/wasm/convert.ts does by SIMD, and some
// that it does not know.
import type { DType } from "@tead/tensor";
import { bufferIsArray, gatherNumbers, numbersAs } from "@tead/tensor/kernel-kit";

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array | Uint16Array;

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

/** 16-bit floats as the kernel kit rounds and reads them. */
const toHalf =
  (dtype: DType): Convert =>
  (to, at, from, first, count) =>
    to.set(numbersAs(from.subarray(first, first + count), dtype) as Uint16Array, at);
const fromHalf =
  (dtype: DType): Convert =>
  (to, at, from, first, count) => {
    const view = { buffer: from, dtype, shape: [count], strides: [1], offset: first };
    to.set(gatherNumbers(view, bufferIsArray), at);
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
  "float32 float16": toHalf("float16"),
  "float32 bfloat16": toHalf("bfloat16"),
  "float16 float32": fromHalf("float16"),
  "bfloat16 float32": fromHalf("bfloat16"),
};

/** The loop from one dtype to another, if there is one. */
export function converterOf(from: DType, to: DType): Convert | undefined {
  return converters[`${from} ${to}`];
}
