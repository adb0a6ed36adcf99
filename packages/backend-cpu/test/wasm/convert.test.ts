// Conversions by SIMD against their twins: every pattern of the 16-bit floats, ties, limits, NaN, and windows at odd places.
import type { DType } from "@tead/tensor";
import { expect, it } from "vitest";
import { type Convert, converterOf } from "../../src/twins/convert.ts";
import { simdConverterOf } from "../../src/wasm/convert.ts";
import { describeBuilds, random, uniform } from "./support.ts";

const arrays = {
  ...{ float32: Float32Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array },
  ...{ float16: Uint16Array, bfloat16: Uint16Array },
} as const;
type Known = keyof typeof arrays;
type Elements = Parameters<Convert>[0];

const patterns = Uint16Array.from({ length: 65536 }, (_, i) => i);

/** Floats of random bits, and those next to where the patterns of 16 bits change. */
const floats = (): Float32Array => {
  const next = random(3);
  const bits = Uint32Array.from({ length: 70001 }, () => next() * 2 ** 32);
  const steps = [0, 1, 0xfff, 0x1000, 0x1001, 0x1fff, 0x7fff, 0x8000, 0x8001, 0x17fff, 0x18000];
  const powers = Array.from({ length: 256 }, (_, e) => steps.map((s) => (e << 23) + s)).flat();
  const all = Uint32Array.from([...bits, ...powers, ...powers.map((p) => p | 0x80000000)]);
  return new Float32Array(all.buffer);
};
const limits = [0, -0, 1.5, -1.5, 255, 256, 257.9, -1, -255.5, 2 ** 31, 2 ** 31 - 128, -(2 ** 31)];
const extremes = [2 ** 32 + 512, -(2 ** 40), 2 ** 63, 2 ** 62 + 2 ** 39, 65520, 65519.9, 1e38];
const specials = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

const cases: readonly [from: Known, to: Known, values: () => ArrayLike<number>][] = [
  ["float16", "float32", () => patterns],
  ["bfloat16", "float32", () => patterns],
  ["float32", "float16", floats],
  ["float32", "bfloat16", floats],
  ["float32", "int32", floats],
  ["float32", "uint8", floats],
  ["float32", "bool", floats],
  ["float32", "float16", () => [...limits, ...extremes, ...specials, ...uniform(90, 2)]],
  ["float32", "int32", () => [...limits, ...extremes, ...specials, ...uniform(90, 2, -9, 9)]],
  ["float32", "uint8", () => [...limits, ...extremes, ...specials, ...uniform(90, 2, -9, 9)]],
  ["float32", "bool", () => [...limits, ...specials, ...uniform(90, 2)]],
  ["int32", "float32", () => [2 ** 31 - 1, -(2 ** 31), 2 ** 24 + 1, ...uniform(99, 1, -99, 99)]],
  ["uint8", "float32", () => patterns],
  ["bool", "float32", () => uniform(4099, 5, 0, 2)],
];

describeBuilds("conversions", () => {
  it("agree with the loops for every pair of dtypes", () => {
    for (const [from, to, values] of cases) {
      const source: Elements = arrays[from].from([7, ...Array.from(values())]);
      for (const count of [source.length - 1, 65, 8192 - 3].filter((n) => n < source.length)) {
        const make = (): Elements => new arrays[to](count + 5).fill(77);
        const [expected, actual] = [make(), make()];
        converterOf(from as DType, to as DType)?.(expected, 3, source, 1, count);
        simdConverterOf(from as DType, to as DType, count)?.(actual, 3, source, 1, count);
        const wrong = Array.from(actual).findIndex((x, i) => !Object.is(x, expected[i]));
        expect(`${from} ${to} ${count}: ${wrong}`).toBe(`${from} ${to} ${count}: -1`);
        expect(actual.subarray(3, 60)).not.toEqual(make().subarray(3, 60));
      }
    }
  });

  it("leave few elements and unknown pairs to the loops", () => {
    expect(simdConverterOf("float32", "float16", 64)).toBeUndefined();
    expect(simdConverterOf("float64", "float16", 1000)).toBeUndefined();
  });
});
