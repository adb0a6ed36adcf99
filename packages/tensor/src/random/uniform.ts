// Uniform real numbers in each floating-point dtype, and the doubles that other distributions draw.
import { type Generator, temper } from "../generator.ts";
import { type FloatDType, floatDTypeOf, type RealArray, rounderOf } from "./precision.ts";

// Bits of a draw that reach the result: as many as the significand has.
const significandBits: Record<FloatDType, number> = {
  float64: 53,
  float32: 24,
  float16: 11,
  bfloat16: 8,
};

/** A double in [0, 1): the low 53 of 64 random bits. */
export function uniformDouble(generator: Generator): number {
  const high = generator.random() & 0x1fffff;
  return (high * 2 ** 32 + generator.random()) * 2 ** -53;
}

/**
 * Fills `out` with uniform numbers in [from, to), as `torch.Tensor.uniform_` does:
 * the low bits of a draw, as many as the dtype's significand has, scaled by `to - from` in the dtype.
 * Rounding can give `to` itself, as in PyTorch.
 *
 * float64 takes 64 random bits an element, every other dtype 32. float16 and bfloat16 are written
 * to a `Float32Array` as values that these types hold exactly.
 *
 * @param dtype - the element type; by default the one of `out`
 * @throws RangeError if `from > to`, or if the range or its length is beyond the dtype
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.uniform_.html
 */
export function fillUniform(
  out: RealArray,
  generator: Generator,
  from = 0,
  to = 1,
  dtype: FloatDType = floatDTypeOf(out),
): void {
  const round = rounderOf(dtype);
  const base = round(from);
  const length = round(round(to) - base);
  if (!(from <= to) || !Number.isFinite(length)) {
    throw new RangeError(
      `uniform: Cannot draw ${dtype} numbers: expected from <= to, both and their distance in the ` +
        `dtype's range, received from=${from} to=${to}`,
    );
  }
  if (dtype === "float64") {
    for (let i = 0; i < out.length; i++) out[i] = uniformDouble(generator) * length + base;
    return;
  }
  const bits = significandBits[dtype];
  const mask = 2 ** bits - 1;
  const scale = 2 ** -bits;
  if (dtype === "float32") {
    const single = out as Float32Array;
    for (let i = 0; i < single.length; ) {
      const words = generator.take(single.length - i);
      for (let k = 0; k < words.length; k++)
        single[i + k] = Math.fround((temper(words[k]!) & mask) * scale * length) + base;
      i += words.length;
    }
    return;
  }
  // x * length and x + base are rounded to float32 even for the half types, then once to the dtype.
  for (let i = 0; i < out.length; i++) {
    out[i] = round(Math.fround((generator.random() & mask) * scale * length) + base);
  }
}
