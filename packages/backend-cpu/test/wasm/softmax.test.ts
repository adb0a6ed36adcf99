// The SIMD softmax kernels against their twins, row lengths around vector and chunk edges, extreme and special values.
import { expect, it } from "vitest";
import * as twins from "../../src/twins/softmax.ts";
import * as simd from "../../src/wasm/softmax.ts";
import { describeBuilds, uniform, worstError } from "./support.ts";

const sizes = [
  ...[
    [1, 1],
    [5, 2],
    [7, 3],
    [64, 10],
    [3, 16],
    [2, 1001],
    [900, 10],
    [2, 8192],
    [2, 9001],
  ],
  ...[
    [0, 5],
    [5, 0],
  ],
] as [number, number][];

const forwardOf = (lib: typeof twins, x: Float32Array, rows: number, columns: number) => {
  const [y, logY] = [new Float32Array(x.length).fill(7), new Float32Array(x.length).fill(7)];
  lib.softmaxF32(y, 1, x, 3, rows, columns);
  lib.logSoftmaxF32(logY, 2, x, 3, rows, columns);
  return { y, logY };
};

describeBuilds("softmax kernels", () => {
  for (const [outer, size, inner] of [
    [1, 1, 1],
    [3, 5, 2],
    [2, 10, 49],
    [1, 700, 37],
    [2, 3, 20000],
    [2, 0, 3],
  ] as const) {
    it(`down the columns of [${outer}, ${size}, ${inner}] agree with the plain loops`, () => {
      const count = outer * size * inner;
      const x = uniform(3 + count, 1, -20, 20);
      const g = uniform(4 + count, 2);
      x[4] = Number.NaN;
      for (const [name, gradName] of [
        ["softmaxColumnsF32", "softmaxColumnsGradF32"],
        ["logSoftmaxColumnsF32", "logSoftmaxColumnsGradF32"],
      ] as const) {
        const [y, z] = [new Float32Array(x.length + 9), new Float32Array(x.length + 9)];
        twins[name](y, 1, x, 3, outer, size, inner);
        simd[name](z, 1, x, 3, outer, size, inner);
        expect(worstError(z, y)).toBeLessThan(5e-7);
        const [dy, dz] = [new Float32Array(x.length + 9), new Float32Array(x.length + 9)];
        twins[gradName](dy, 2, g, 4, y, 1, outer, size, inner);
        simd[gradName](dz, 2, g, 4, y, 1, outer, size, inner);
        expect(worstError(dz, dy)).toBeLessThan(2e-5);
      }
    });
  }

  for (const [rows, columns] of sizes) {
    it(`agree with the plain loops for [${rows}, ${columns}]`, () => {
      const x = uniform(3 + rows * columns, 1, -20, 20);
      const expected = forwardOf(twins, x, rows, columns);
      const actual = forwardOf(simd, x, rows, columns);
      expect(worstError(actual.y, expected.y)).toBeLessThan(3e-7);
      expect(worstError(actual.logY, expected.logY)).toBeLessThan(3e-7);
      const g = uniform(4 + rows * columns, 2);
      for (const [twin, kernel, y, offset] of [
        [twins.softmaxGradF32, simd.softmaxGradF32, expected.y, 1],
        [twins.logSoftmaxGradF32, simd.logSoftmaxGradF32, expected.logY, 2],
      ] as const) {
        const want = new Float32Array(g.length).fill(7);
        const got = want.slice();
        twin(want, 4, g, 3, y, offset, rows, columns);
        kernel(got, 4, g, 3, y, offset, rows, columns);
        expect(worstError(got, want)).toBeLessThan(2e-6);
      }
    });
  }

  it("stay finite for logits of 1e4, and give zeros for -Infinity", () => {
    for (const columns of [3, 6, 8]) {
      const x = new Float32Array(3 + columns).fill(-1e4);
      x[4] = 1e4;
      x[5] = -Infinity;
      const expected = forwardOf(twins, x, 1, columns);
      const actual = forwardOf(simd, x, 1, columns);
      expect(actual).toEqual(expected);
      expect(actual.y[2]).toBe(1);
      expect(actual.y[3]).toBe(0);
    }
  });

  it("give NaN for a row that holds NaN, +Infinity or only -Infinity, and leave other rows alone", () => {
    for (const columns of [3, 4, 5, 9]) {
      const x = uniform(3 + 4 * columns, 3);
      x[3] = Number.NaN;
      x[3 + columns + 1] = Infinity;
      x.fill(-Infinity, 3 + 2 * columns, 3 + 3 * columns);
      const expected = forwardOf(twins, x, 4, columns);
      const actual = forwardOf(simd, x, 4, columns);
      const kind = (a: Float32Array) => [...a].map((v) => (Number.isFinite(v) ? 0 : v));
      expect(kind(actual.y)).toEqual(kind(expected.y));
      expect(kind(actual.logY)).toEqual(kind(expected.logY));
    }
  });

  it("may write over their input", () => {
    const x = uniform(70, 4);
    const y = new Float32Array(70);
    simd.softmaxF32(y, 0, x, 0, 10, 7);
    simd.softmaxF32(x, 0, x, 0, 10, 7);
    expect(x).toEqual(y);
  });
});
