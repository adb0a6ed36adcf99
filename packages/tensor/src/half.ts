// float16 and bfloat16 as 16-bit patterns: decoding, and encoding with round-to-nearest-even.
import type { DType } from "./dtype.ts";

const word = new Float32Array(1);
const bitsOfWord = new Uint32Array(word.buffer);

function decodeBfloat16(bits: number): number {
  bitsOfWord[0] = bits << 16;
  return word[0] as number;
}

function encodeBfloat16(value: number): number {
  word[0] = value;
  const bits = bitsOfWord[0] as number;
  if (Number.isNaN(value)) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function encodeFloat16(given: number): number {
  if (Number.isNaN(given)) return 0x7e00;
  // Through float32 first, as PyTorch rounds.
  const value = Math.fround(given);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundEven(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  const low = size < 2 ** exponent ? exponent - 1 : exponent;
  // A fraction that rounds up to 1024 carries into the exponent by itself.
  return sign | (((low + 15) << 10) + roundEven((size / 2 ** low - 1) * 1024));
}

function roundEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest > 0.5 || (rest === 0.5 && floor % 2 === 1)) return floor + 1;
  return floor;
}

/** The values of 16-bit patterns. */
export function decodeHalf(bits: Uint16Array, dtype: DType): Float32Array {
  const decode = dtype === "bfloat16" ? decodeBfloat16 : decodeFloat16;
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = decode(bits[i] as number);
  return values;
}

/** The 16-bit patterns nearest to the values, ties to even. */
export function encodeHalf(values: ArrayLike<number>, dtype: DType): Uint16Array {
  const encode = dtype === "bfloat16" ? encodeBfloat16 : encodeFloat16;
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) bits[i] = encode(values[i] as number);
  return bits;
}
