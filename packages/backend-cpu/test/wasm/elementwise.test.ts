// The SIMD elementwise kernels against their twins: exactly where the operation is exact, within stated units in the last
// place for elementary functions, over the whole range of float32.
import { expect, it } from "vitest";
import * as twins from "../../src/twins/elementwise.ts";
import * as simd from "../../src/wasm/elementwise.ts";
import type { BinaryName, CompareName, ScalarName, UnaryName } from "../../src/wasm/exports.ts";
import { describeBuilds, random, uniform } from "./support.ts";

/** Position of a float on the line of all float32 numbers, so that neighbours differ by 1. */
const bits = new DataView(new ArrayBuffer(4));
const ordinal = (x: number): number => {
  bits.setFloat32(0, x);
  const i = bits.getInt32(0);
  return i < 0 ? -(i & 0x7fffffff) : i;
};

/** The largest distance in units in the last place; Infinity where NaN meets a number. */
const worstUlp = (actual: Float32Array, expected: Float32Array, lost = 0): number => {
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] as number, expected[i] as number];
    if (Number.isNaN(a) && Number.isNaN(e)) continue;
    if (Number.isNaN(a) || Number.isNaN(e)) return Number.POSITIVE_INFINITY;
    if (a === e || Math.abs(a - e) <= lost) continue;
    worst = Math.max(worst, Math.abs(ordinal(a) - ordinal(e)));
  }
  return worst;
};

const special = [
  ...[0, -0, 1, -1, Number.NaN, Infinity, -Infinity, 1e-45, -1e-45, 1.1e-38, -1.1e-38, 1.2e-38],
  ...[3.4e38, -3.4e38, 88.72283, 88.72284, -87.33, -103.97, -103.98, -150, 150, 0.625, -0.625, 10],
];

/** Special values, every binade with both signs, and uniform values of a few sizes. */
const samples = (): Float32Array => {
  const values = [...special];
  const next = random(5);
  for (let e = -149; e < 128; e++) {
    for (let i = 0; i < 8; i++) {
      const x = (1 + next()) * 2 ** e;
      values.push(x, -x);
    }
  }
  for (const size of [0.5, 1.5, 10, 110]) values.push(...uniform(3000, size * 10, -size, size));
  return Float32Array.from(values);
};

/** Units in the last place allowed; 0 where nothing is said. */
const allowed: Partial<Record<UnaryName | BinaryName, number>> = {
  ...{ exp: 1, log: 2, tanh: 2, sigmoid: 2, tanhGrad: 2, sigmoidGrad: 2 },
  ...{ erf: 4, expm1: 2, log1p: 2, log2: 2, log10: 2, exp2: 1, erfc: 7 },
  ...{ sin: 1, cos: 1, tan: 4, asin: 2, acos: 2, atan: 3, sinh: 4, cosh: 4 },
  ...{ asinh: 3, acosh: 3, atanh: 3, pow: 1, atan2: 3, hypot: 1, logaddexp: 3 },
};

/** What an angle of up to 8192 loses when turns are taken off it; it counts where the result is next to 0. */
const TURNS_LOST = 1e-9;

const counts = [0, 1, 3, 4, 5, 47, 48, 49, 4095, 4096, 4097, 9001];

describeBuilds("elementwise kernels", () => {
  for (const name of Object.keys(twins.unaryF32) as UnaryName[]) {
    it(`${name} agrees with Math over the range of float32`, () => {
      const input = samples();
      const expected = new Float32Array(input.length);
      const actual = new Float32Array(input.length);
      twins.unaryF32[name](expected, 0, input, 0, input.length);
      simd.unaryF32[name](actual, 0, input, 0, input.length);
      const lost = name === "sin" || name === "cos" || name === "tan" ? TURNS_LOST : 0;
      expect(worstUlp(actual, expected, lost)).toBeLessThanOrEqual(allowed[name] ?? 0);
    });
  }

  it("keeps NaN of any bits", () => {
    const bits = Int32Array.of(0x7fc00000, 0x7fc00001, -1, 0x7f800001, 0x7fedcba9, 0x7fffffff);
    const input = new Float32Array(bits.buffer);
    for (const name of Object.keys(twins.unaryF32) as UnaryName[]) {
      if (name === "sign") continue;
      const actual = new Float32Array(bits.length);
      simd.unaryF32[name](actual, 0, input, 0, bits.length);
      expect([...actual], name).toEqual(Array(bits.length).fill(Number.NaN));
    }
  });

  it("keeps the sign of 0 in odd functions", () => {
    const odd = ["neg", "sin", "tan", "asin", "atan", "sinh", "asinh", "atanh", "tanh", "expm1"];
    const zeros = Float32Array.of(0, -0, 0, -0, 0);
    for (const name of odd as UnaryName[]) {
      const [expected, actual] = [new Float32Array(5), new Float32Array(5)];
      twins.unaryF32[name](expected, 0, zeros, 0, 5);
      simd.unaryF32[name](actual, 0, zeros, 0, 5);
      expect(actual, name).toEqual(expected);
    }
  });

  it("keeps the sign of 0 in sin and tan beside large angles", () => {
    const input = Float32Array.of(-0, 1e4, 0, -1e30);
    for (const name of ["sin", "tan"] as const) {
      const actual = new Float32Array(4);
      simd.unaryF32[name](actual, 0, input, 0, 4);
      expect(actual[0], name).toBe(-0);
      expect(actual[2], name).toBe(0);
    }
  });

  it("atan2 is right for the largest and the smallest numbers", () => {
    const sizes = [3.4e38, 2e38, 1.7e38, 1e38, 5e37, 1e-30, 1e-38, 7e-45, 4.2e-45, 2.8e-45, 1e-45];
    const values = sizes.flatMap((x) => [x, -x]);
    const a = Float32Array.from(values.flatMap((y) => values.map(() => y)));
    const b = Float32Array.from(values.flatMap(() => values));
    const [expected, actual] = [new Float32Array(a.length), new Float32Array(a.length)];
    twins.binaryF32.atan2(expected, 0, a, 0, b, 0, a.length);
    simd.binaryF32.atan2(actual, 0, a, 0, b, 0, a.length);
    expect(worstUlp(actual, expected)).toBeLessThanOrEqual(allowed.atan2 as number);
  });

  for (const name of Object.keys(twins.binaryF32) as BinaryName[]) {
    it(`${name} of two arrays agrees with plain arithmetic`, () => {
      const isGradient = name === "tanhGrad" || name === "sigmoidGrad";
      const grid = !isGradient ? special : [0, 0.25, 1, -1, 0.999];
      const a = Float32Array.from([
        ...special.flatMap((x) => grid.map(() => x)),
        ...uniform(5000, 1),
      ]);
      const b = Float32Array.from([...special.flatMap(() => grid), ...uniform(5000, 2)]);
      const expected = new Float32Array(a.length);
      const actual = new Float32Array(a.length);
      twins.binaryF32[name](expected, 0, a, 0, b, 0, a.length);
      simd.binaryF32[name](actual, 0, a, 0, b, 0, a.length);
      const bound = allowed[name] ?? 0;
      // The logarithm of a sum is next to 0 where its terms are next to it on both sides.
      const lost = name === "logaddexp" ? 3e-7 : 0;
      if (!isGradient) expect(worstUlp(actual, expected, lost)).toBeLessThanOrEqual(bound);
      else {
        // 1 - y * y cancels near 1: the error counts in units of the gradient.
        for (let i = 0; i < a.length; i++) {
          const [x, y] = [actual[i] as number, expected[i] as number];
          if (Object.is(x, y) || x === y) continue;
          expect(Math.abs(x - y)).toBeLessThanOrEqual(5e-7 * Math.abs(a[i] as number) + 3e-45);
        }
      }
    });
  }

  for (const name of Object.keys(twins.scalarF32) as ScalarName[]) {
    it(`${name} agrees with plain arithmetic`, () => {
      const input = Float32Array.from([...special, ...uniform(5000, 3)]);
      for (const scalar of [0, 1, -2.5, 0.1, Number.NaN, Infinity]) {
        const expected = new Float32Array(input.length);
        const actual = new Float32Array(input.length);
        twins.scalarF32[name](expected, 0, input, 0, scalar, input.length);
        simd.scalarF32[name](actual, 0, input, 0, scalar, input.length);
        expect(worstUlp(actual, expected), String(scalar)).toBe(0);
      }
    });
  }

  for (const name of Object.keys(twins.compareF32) as CompareName[]) {
    it(`${name} agrees with plain comparison, at any offset and count`, () => {
      const a = Float32Array.from([...special.flatMap((x) => special.map(() => x))]);
      const b = Float32Array.from([...special.flatMap(() => special)]);
      for (const count of [1, 15, 16, 17, 48, 500]) {
        const expected = new Uint8Array(count + 9).fill(7);
        const actual = expected.slice();
        twins.compareF32[name](expected, 3, a, 5, b, 2, count);
        simd.compareF32[name](actual, 3, a, 5, b, 2, count);
        expect(actual).toEqual(expected);
      }
    });
  }

  it("touches exactly the elements asked for, at any offset and count, in place as well", () => {
    for (const count of counts) {
      const a = uniform(count + 9, count, -3, 3);
      const b = uniform(count + 9, count + 1, -3, 3);
      const expected = new Float32Array(count + 9).fill(7);
      const actual = expected.slice();
      twins.binaryF32.sub(expected, 2, a, 5, b, 3, count);
      simd.binaryF32.sub(actual, 2, a, 5, b, 3, count);
      expect(actual).toEqual(expected);
      twins.unaryF32.relu(expected, 1, a, 4, count);
      simd.unaryF32.relu(actual, 1, a, 4, count);
      expect(actual).toEqual(expected);
      twins.scalarF32.mulScalar(expected, 3, expected, 3, 2.5, count);
      simd.scalarF32.mulScalar(actual, 3, actual, 3, 2.5, count);
      expect(actual).toEqual(expected);
    }
  });
});
