// The SIMD reductions against their twin: chunk edges in every dimension, NaN, infinities, empty dimensions.
import { expect, it } from "vitest";
import { argF32 as argTwin, type ReduceName, reduceF32 as twin } from "../../src/twins/reduce.ts";
import { argF32, reduceF32 } from "../../src/wasm/reduce.ts";
import { describeBuilds, uniform, worstError } from "./support.ts";

const names: readonly ReduceName[] = ["sum", "max", "min"];

const both = (op: ReduceName, x: Float32Array, outer: number, reduce: number, inner: number) => {
  const expected = new Float32Array(outer * inner + 7).fill(7);
  const actual = expected.slice();
  twin(op, expected, 3, x, 2, outer, reduce, inner);
  reduceF32(op, actual, 3, x, 2, outer, reduce, inner);
  return { expected, actual };
};

const sizes = [
  ...[
    [1, 1, 1],
    [1, 5, 1],
    [7, 16, 1],
    [3, 31, 1],
    [900, 10, 1],
    [3, 8192, 1],
    [2, 8193, 1],
    [2, 20000, 1],
  ],
  ...[
    [1, 64, 10],
    [1, 5, 3],
    [3, 4, 5],
    [50, 20, 30],
    [200, 7, 13],
    [2, 40, 1000],
    [2, 3, 9001],
    [1, 9000, 2],
  ],
  ...[
    [0, 4, 4],
    [3, 0, 1],
    [3, 0, 5],
    [3, 4, 0],
    [1, 2, 8192],
    [5000, 1, 3],
    [5000, 2, 1],
  ],
] as [number, number, number][];

describeBuilds("reduceF32()", () => {
  for (const [outer, reduce, inner] of sizes) {
    it(`agrees with plain loops over the middle of [${outer}, ${reduce}, ${inner}]`, () => {
      const x = uniform(2 + outer * reduce * inner, reduce);
      for (const op of names) {
        const { expected, actual } = both(op, x, outer, reduce, inner);
        // Cancelling sums: the error counts against the terms, not the result.
        const bound = op === "sum" ? 1e-7 * (1 + Math.sqrt(reduce)) : 0;
        expect(worstError(actual, expected), op).toBeLessThanOrEqual(bound);
      }
    });
  }

  it("finds the places of the first extrema, of the first NaN where there is one", () => {
    for (const [outer, reduce, inner] of sizes.filter(([, n]) => n > 0)) {
      const x = uniform(2 + outer * reduce * inner, reduce, -4, 4).map(Math.round);
      for (const spoil of [
        () => {},
        () => x.fill(Number.NaN, x.length >> 1, (x.length >> 1) + 3),
      ]) {
        spoil();
        for (const op of ["max", "min"] as const) {
          const expected = new Int32Array(outer * inner + 7).fill(7);
          const actual = expected.slice();
          argTwin(op, expected, 3, x, 2, outer, reduce, inner);
          argF32(op, actual, 3, x, 2, outer, reduce, inner);
          expect(actual, `${op} of ${outer}, ${reduce}, ${inner}`).toEqual(expected);
        }
      }
    }
    const endless = new Float32Array(70).fill(-Infinity);
    const places = new Int32Array(2).fill(7);
    argF32("max", places, 0, endless, 0, 1, 35, 2);
    argF32("max", places, 1, endless, 0, 1, 70, 1);
    expect([...places]).toEqual([0, 0]);
  });

  it("adds a million equal numbers without losing any", () => {
    const x = new Float32Array(2 + 2 ** 20).fill(0.1);
    for (const [outer, reduce, inner] of [
      [1, 2 ** 20, 1],
      [1, 2 ** 18, 4],
    ] as const) {
      const { expected, actual } = both("sum", x, outer, reduce, inner);
      expect(worstError(actual, expected)).toBeLessThan(4e-7);
    }
  });

  it("keeps NaN and infinities in their own results", () => {
    for (const [outer, reduce, inner] of [
      [9, 37, 1],
      [3, 37, 9],
    ] as const) {
      const x = uniform(2 + outer * reduce * inner, 1);
      x[2 + 40] = Number.NaN;
      x[2 + 80] = Infinity;
      x[2 + 170] = -Infinity;
      for (const op of names) {
        const { expected, actual } = both(op, x, outer, reduce, inner);
        expect(
          [...actual].map((v) => (Number.isFinite(v) ? 0 : v)),
          op,
        ).toEqual([...expected].map((v) => (Number.isFinite(v) ? 0 : v)));
      }
    }
  });
});
