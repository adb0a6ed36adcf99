// Rounding to the floating-point dtypes, for distributions whose steps PyTorch takes in the element's own type.
import type { DType } from "../dtype.ts";

/** The dtypes that hold real samples. */
export type FloatDType = Extract<DType, "float32" | "float64" | "float16" | "bfloat16">;

/** Where real samples go: half-precision ones are written to a `Float32Array`, rounded already. */
export type RealArray = Float32Array | Float64Array;

/** A number to the nearest one that a dtype can hold. */
export type Round = (x: number) => number;

const float16Overflow = 65520; // halfway from the greatest float16 to the next power of two
const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** To float16, nearest even. From a double it rounds to float32 first, as c10::Half does. */
export function roundToFloat16(x: number): number {
  word[0] = x;
  const single = word[0]!;
  const size = Math.abs(single);
  if (size >= float16Overflow) return single * Number.POSITIVE_INFINITY;
  // float16 counts in steps of 2^(exponent - 10), and exponents end at -14. Next to 1.5 * 2^52
  // steps, a double counts in the same steps.
  const exponent = Math.max(-14, ((bits[0]! >>> 23) & 0xff) - 127);
  const offset = 1.5 * 2 ** (exponent + 42);
  const rounded = size + offset - offset;
  return single < 0 || Object.is(single, -0) ? -rounded : rounded;
}

/** To bfloat16, nearest even. From a double it rounds to float32 first, as c10::BFloat16 does. */
export function roundToBfloat16(x: number): number {
  word[0] = x;
  const b = bits[0]!;
  if ((b & 0x7fffffff) > 0x7f800000) return Number.NaN;
  bits[0] = (b + 0x7fff + ((b >>> 16) & 1)) & 0xffff0000;
  return word[0]!;
}

/** What rounds to `dtype`. */
export function rounderOf(dtype: FloatDType): Round {
  if (dtype === "float64") return (x) => x;
  if (dtype === "float32") return Math.fround;
  return dtype === "float16" ? roundToFloat16 : roundToBfloat16;
}

/** The dtype that an array of samples stands for when none is named. */
export function floatDTypeOf(out: RealArray): FloatDType {
  return out instanceof Float64Array ? "float64" : "float32";
}
