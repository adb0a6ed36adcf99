// Rounding to half precision by its definition: every value, every midpoint, and both sides of each.
import { describe, expect, it } from "vitest";
import { roundToBfloat16, roundToFloat16 } from "../src/random/precision.ts";

const float16 = (bits: number): number => {
  const [exponent, fraction] = [bits >> 10, bits & 0x3ff];
  return exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
};
const bfloat16 = (bits: number): number =>
  new Float32Array(new Uint32Array([bits << 16]).buffer)[0]!;

/** The float32 before or after a positive one. */
const neighbour = (x: number, step: number): number => {
  const bits = new Int32Array(Float32Array.of(x).buffer);
  bits[0]! += step;
  return new Float32Array(bits.buffer)[0]!;
};

describe.each([
  {
    name: "roundToFloat16",
    round: roundToFloat16,
    value: float16,
    infinity: 0x7c00,
    halfStep: 2 ** -11,
  },
  {
    name: "roundToBfloat16",
    round: roundToBfloat16,
    value: bfloat16,
    infinity: 0x7f80,
    halfStep: 2 ** -8,
  },
])("$name()", ({ round, value, infinity, halfStep }) => {
  it("takes the nearest value, and of two the even one", () => {
    const wrong: string[] = [];
    const check = (x: number, expected: number): void => {
      if (!Object.is(round(x), expected)) wrong.push(`${x} to ${round(x)}, not ${expected}`);
      if (!Object.is(round(-x), -expected)) wrong.push(`${-x} to ${round(-x)}, not ${-expected}`);
    };
    for (let bits = 0; bits < infinity - 1; bits++) {
      const [low, high] = [value(bits), value(bits + 1)];
      const middle = (low + high) / 2;
      check(low, low);
      check(middle, bits % 2 === 0 ? low : high);
      check(neighbour(middle, -1), low);
      check(neighbour(middle, 1), high);
    }
    expect(wrong).toEqual([]);
  });

  it("goes to infinity from halfway past the greatest value", () => {
    const [before, greatest] = [value(infinity - 2), value(infinity - 1)];
    const halfway = greatest + (greatest - before) / 2;
    expect(round(neighbour(halfway, -1))).toBe(greatest);
    expect(round(halfway)).toBe(Number.POSITIVE_INFINITY);
    expect(round(-halfway)).toBe(Number.NEGATIVE_INFINITY);
    expect(round(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(round(Number.NaN)).toBeNaN();
  });

  it("rounds a double to float32 first", () => {
    // Just above a midpoint in double precision, on it in single precision: to the even value.
    expect(round(1 + halfStep + 2 ** -40)).toBe(1);
  });
});
