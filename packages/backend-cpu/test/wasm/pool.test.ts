// The SIMD pooling kernels against their twins: windows of all kinds, clipped and empty ones, bands of large planes, NaN.
import { expect, it } from "vitest";
import * as twins from "../../src/twins/pool.ts";
import * as simd from "../../src/wasm/pool.ts";
import type { AvgPool2dShape, MaxPool2dShape } from "../../src/wasm/pool-shape.ts";
import { describeBuilds, uniform, worstError } from "./support.ts";

interface Case {
  readonly input: readonly [planes: number, h: number, w: number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad?: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly ceil?: boolean;
}

const shapeOf = (c: Case): MaxPool2dShape => {
  const [planes, inHeight, inWidth] = c.input;
  const size = (i: number, d: 0 | 1): number => {
    const [k, s, p] = [c.kernel[d], c.stride[d], c.pad?.[d] ?? 0];
    const free = i + 2 * p - (c.dilation?.[d] ?? 1) * (k - 1) - 1;
    const count = (c.ceil ? Math.ceil(free / s) : Math.floor(free / s)) + 1;
    // The last window starts inside the input or its left padding.
    return c.ceil && (count - 1) * s >= i + p ? count - 1 : count;
  };
  return {
    ...{ planes, inHeight, inWidth, outHeight: size(inHeight, 0), outWidth: size(inWidth, 1) },
    ...{ kernelHeight: c.kernel[0], kernelWidth: c.kernel[1] },
    ...{ strideHeight: c.stride[0], strideWidth: c.stride[1] },
    ...{ padHeight: c.pad?.[0] ?? 0, padWidth: c.pad?.[1] ?? 0 },
    ...{ dilationHeight: c.dilation?.[0] ?? 1, dilationWidth: c.dilation?.[1] ?? 1 },
  };
};

const cases: Case[] = [
  { input: [3, 8, 8], kernel: [2, 2], stride: [2, 2] },
  { input: [70, 32, 32], kernel: [2, 2], stride: [2, 2] },
  { input: [3, 7, 9], kernel: [2, 2], stride: [2, 2] },
  { input: [3, 7, 9], kernel: [2, 2], stride: [2, 2], ceil: true },
  { input: [2, 11, 12], kernel: [3, 3], stride: [2, 2], pad: [1, 1] },
  { input: [2, 11, 12], kernel: [3, 2], stride: [1, 3], pad: [1, 0], ceil: true },
  { input: [2, 13, 14], kernel: [3, 3], stride: [1, 2], pad: [1, 1], dilation: [3, 2] },
  { input: [1, 5, 5], kernel: [5, 5], stride: [1, 1] },
  { input: [1, 1, 1], kernel: [1, 1], stride: [1, 1] },
  { input: [0, 4, 4], kernel: [2, 2], stride: [2, 2] },
  { input: [2, 300, 260], kernel: [3, 3], stride: [2, 2], pad: [1, 1] },
  { input: [2, 300, 260], kernel: [2, 2], stride: [2, 2] },
  { input: [3, 20, 37], kernel: [3, 3], stride: [1, 1], pad: [1, 1] },
  { input: [3, 20, 37], kernel: [3, 3], stride: [2, 2], pad: [1, 1], dilation: [2, 1] },
  { input: [5, 1, 300], kernel: [1, 2], stride: [1, 2] },
  { input: [5, 1, 301], kernel: [1, 5], stride: [1, 2], pad: [0, 2], ceil: true },
  { input: [1, 4, 40000], kernel: [2, 2], stride: [2, 2] },
  { input: [1, 40000, 2], kernel: [4, 2], stride: [3, 1], pad: [2, 1] },
];

/** Few distinct values, so that ties are common. */
const coarse = (count: number, seed: number): Float32Array =>
  uniform(count, seed, -3, 3).map((x) => Math.round(x));

const maxPool = (lib: typeof twins, shape: MaxPool2dShape, input: Float32Array) => {
  const count = shape.planes * shape.outHeight * shape.outWidth;
  const out = new Float32Array(count + 6).fill(7);
  const indices = new Int32Array(count + 6).fill(7);
  lib.maxPool2dF32(out, 4, indices, 3, input, 2, shape);
  return { out: [...out], indices: [...indices] };
};

describeBuilds("pooling", () => {
  for (const c of cases) {
    const shape = shapeOf(c);
    const inputs = 2 + shape.planes * shape.inHeight * shape.inWidth;
    const outputs = 5 + shape.planes * shape.outHeight * shape.outWidth;

    it(`max pooling agrees with the plain loops for ${JSON.stringify(c)}`, () => {
      for (const input of [uniform(inputs, 1), coarse(inputs, 2)]) {
        expect(maxPool(simd, shape, input)).toEqual(maxPool(twins, shape, input));
      }
    });

    if (c.dilation) continue;
    it(`average pooling and its gradient agree with the plain loops for ${JSON.stringify(c)}`, () => {
      const input = uniform(inputs, 3);
      const gradOut = uniform(outputs, 4);
      for (const option of [{}, { divisorOverride: 3 }, { divisorOverride: -8 }]) {
        for (const countIncludePad of [true, false]) {
          const full: AvgPool2dShape = { ...shape, ...option, countIncludePad };
          const results = [twins, simd].map((lib) => {
            const out = new Float32Array(outputs).fill(7);
            const gradInput = new Float32Array(inputs).fill(7);
            lib.avgPool2dF32(out, 4, input, 2, full);
            lib.avgPool2dGradF32(gradInput, 2, gradOut, 4, full);
            return [out, gradInput] as const;
          });
          for (const i of [0, 1] as const) {
            expect(worstError(results[1]?.[i] ?? [], results[0]?.[i] ?? [])).toBeLessThan(1e-6);
          }
        }
      }
    });
  }

  it("max pooling lets NaN win, and points at -Infinity when nothing is larger", () => {
    for (const c of cases.slice(1, 6)) {
      const shape = shapeOf(c);
      const input = coarse(2 + shape.planes * shape.inHeight * shape.inWidth, 5);
      for (let i = 0; i < input.length; i += 7) input[i] = Number.NaN;
      input.fill(-Infinity, 20, 60);
      expect(maxPool(simd, shape, input)).toEqual(maxPool(twins, shape, input));
    }
  });

  it("the gradient of max pooling goes to the winners", () => {
    const shape = shapeOf({ input: [2, 4, 4], kernel: [3, 3], stride: [1, 1] });
    const input = uniform(2 + 32, 1);
    const { indices } = maxPool(simd, shape, input);
    const gradInput = new Float32Array(33).fill(7);
    const gradOut = Float32Array.from([0, 1, 2, 4, 8, 16, 32, 64, 128]);
    simd.maxPool2dGradF32(gradInput, 1, gradOut, 1, Int32Array.from(indices), 3, 2, 16, 4);
    const expected = new Float32Array(33).fill(0);
    expected[0] = 7;
    for (let i = 0; i < 8; i++) {
      const at = 1 + (i < 4 ? 0 : 16) + (indices[3 + i] as number);
      expected[at] = (expected[at] as number) + 2 ** i;
    }
    expect(gradInput).toEqual(expected);
  });

  it("the gradient of max pooling agrees with the plain loop, whatever the planes and the indices", () => {
    const sizes = [
      [3, 49, 12],
      [1, 1, 1],
      [0, 4, 1],
      [7, 0, 0],
      [2, 5, 9],
      [5, 12 * 1024 + 1, 3001],
      [1, 1 << 20, 1 << 10],
      [1, (1 << 20) + 4, 1 << 10],
      [600, 33, 33],
    ] as const;
    for (const [planes, inPlane, outPlane] of sizes) {
      const count = planes * outPlane;
      const indices = Int32Array.from(uniform(count, 7, 0, inPlane), Math.floor);
      const gradOut = uniform(count, 8);
      gradOut.set([Number.NaN, -0, Number.POSITIVE_INFINITY].slice(0, count));
      for (const wrong of [[], [-1], [inPlane, -(2 ** 31), 2 ** 31 - 1]]) {
        if (count < wrong.length) continue;
        wrong.forEach((index, i) => {
          indices[count - 1 - i] = index;
        });
        const [plain, fast] = [twins, simd].map((lib) => {
          const gradInput = new Float32Array(planes * inPlane + 2).fill(7);
          const [from, at] = [Float32Array.of(7, ...gradOut), Int32Array.of(0, 0, ...indices)];
          return [
            lib.maxPool2dGradF32(gradInput, 1, from, 1, at, 2, planes, inPlane, outPlane),
            gradInput,
          ] as const;
        });
        expect(fast?.[0]).toBe(plain?.[0]);
        expect(plain?.[0]).toBe(wrong.length === 0 ? -1 : count - wrong.length);
        const different = fast?.[1].findIndex((x, i) => !Object.is(x, plain?.[1][i]));
        expect(different).toBe(-1);
      }
    }
  });
});
