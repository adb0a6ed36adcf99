// float16 and bfloat16 as 16-bit patterns: decoding, and encoding with round-to-nearest-even.
import type { DType } from "./dtype.ts";

const word = new Float32Array(1);
const bitsOfWord = new Uint32Array(word.buffer);

let table: Float32Array | undefined;

/** The value of each of the 65,536 patterns of float16, made at first use. */
function float16Values(): Float32Array {
  if (table === undefined) {
    table = new Float32Array(65536);
    for (let bits = 0; bits < 65536; bits++) table[bits] = decodeFloat16(bits);
  }
  return table;
}

function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The pattern of float16 nearest to the float32 of these bits. */
function encodeFloat16(single: number): number {
  const sign = (single >>> 16) & 0x8000;
  const size = single & 0x7fffffff;
  if (size > 0x7f800000) return 0x7e00;
  // 65520 is halfway from the greatest float16 to the next power of two.
  if (size >= 0x477ff000) return sign | 0x7c00;
  if (size < 0x38800000) {
    // Below 2^-14 float16 counts in steps of 2^-24: next to 0.5 so does float32.
    bitsOfWord[0] = size;
    word[0] = (word[0] as number) + 0.5;
    return sign | ((bitsOfWord[0] as number) - 0x3f000000);
  }
  // The exponent moves from a bias of 127 to one of 15; a fraction that rounds up carries into it by itself.
  return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
}

/** The pattern of bfloat16 nearest to the float32 of these bits. */
function encodeBfloat16(single: number): number {
  if ((single & 0x7fffffff) > 0x7f800000) return 0x7fc0;
  return ((single + 0x7fff + ((single >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The values of 16-bit patterns. */
export function decodeHalf(bits: Uint16Array, dtype: DType): Float32Array {
  const values = new Float32Array(bits.length);
  if (dtype === "bfloat16") {
    const patterns = new Int32Array(values.buffer);
    for (let i = 0; i < bits.length; i++) patterns[i] = (bits[i] as number) << 16;
  } else {
    const known = float16Values();
    for (let i = 0; i < bits.length; i++) values[i] = known[bits[i] as number] as number;
  }
  return values;
}

/** The 16-bit patterns nearest to the values, which round to float32 first, ties to even. */
export function encodeHalf(values: ArrayLike<number>, dtype: DType): Uint16Array {
  const singles = values instanceof Float32Array ? values : Float32Array.from(values);
  const { buffer, byteOffset, length } = singles;
  const patterns = new Uint32Array(buffer, byteOffset, length);
  const bits = new Uint16Array(length);
  if (dtype === "bfloat16")
    for (let i = 0; i < length; i++) bits[i] = encodeBfloat16(patterns[i] as number);
  else for (let i = 0; i < length; i++) bits[i] = encodeFloat16(patterns[i] as number);
  return bits;
}
