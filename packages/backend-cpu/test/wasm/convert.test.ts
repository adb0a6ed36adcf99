// Conversions by SIMD against their twins: every pattern of the 16-bit floats, ties, limits, NaN, and windows at odd places.
import type { DType } from "@tead/tensor";
import { expect, it } from "vitest";
import { type Convert, converterOf } from "../../src/twins/convert.ts";
import { simdConverterOf } from "../../src/wasm/convert.ts";
import { describeBuilds, random, uniform } from "./support.ts";

const arrays = {
  ...{ float32: Float32Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array },
  ...{ float16: Uint16Array, bfloat16: Uint16Array, float64: Float64Array },
  int64: BigInt64Array,
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

const whole = (): number[] => [...limits, ...extremes].map(Math.trunc).filter((x) => x < 2 ** 62);

const cases: readonly [from: Known, to: Known, values: () => ArrayLike<number>][] = [
  ["int32", "int64", () => [2 ** 31 - 1, -(2 ** 31), ...uniform(999, 1, -99, 99)]],
  ["int64", "int32", () => [...whole(), 2 ** 31, ...uniform(99, 1, -99, 99).map(Math.trunc)]],
  ["int64", "float32", () => [...whole(), 2 ** 24 + 1, ...uniform(99, 1, -99, 99).map(Math.trunc)]],
  ["float32", "int64", () => [...limits, ...extremes, ...specials, ...floats()]],
  ["float32", "float64", floats],
  [
    "float64",
    "float32",
    () => [...limits, ...extremes, ...specials, 0.1, 1e300, ...uniform(90, 2)],
  ],
  ["uint8", "int32", () => patterns],
  ["bool", "int64", () => uniform(4099, 5, 0, 2)],
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
      const numbers = [7, ...Array.from(values())];
      const source: Elements =
        from === "int64" ? BigInt64Array.from(numbers, BigInt) : arrays[from].from(numbers);
      for (const count of [source.length - 1, 65, 8192 - 3].filter((n) => n < source.length)) {
        const make = (): Elements =>
          new arrays[to](count + 5).fill((to === "int64" ? 77n : 77) as never);
        const [expected, actual] = [make(), make()];
        converterOf(from as DType, to as DType)?.(expected, 3, source, 1, count);
        simdConverterOf(from as DType, to as DType, count)?.(actual, 3, source, 1, count);
        const wrong = [...actual.keys()].findIndex((i) => !Object.is(actual[i], expected[i]));
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
