// The SIMD convolutions against their twins: options in all combinations that matter, blocks and bands, special values, and
// the bound on scratch memory.
import { expect, it } from "vitest";
import * as twins from "../../src/twins/conv.ts";
import * as simd from "../../src/wasm/conv.ts";
import type { Conv2dShape } from "../../src/wasm/conv-shape.ts";
import { setWasmBuild, wasmScratchBytes } from "../../src/wasm/engine.ts";
import { describeBuilds, uniform, worstError } from "./support.ts";

interface Case {
  readonly input: readonly [n: number, c: number, h: number, w: number];
  readonly out: number;
  readonly kernel: readonly [number, number];
  readonly stride?: readonly [number, number];
  readonly pad?: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly groups?: number;
}

const shapeOf = (c: Case): Conv2dShape => {
  const [kernelHeight, kernelWidth] = c.kernel;
  const [strideHeight, strideWidth] = c.stride ?? [1, 1];
  const [padHeight, padWidth] = c.pad ?? [0, 0];
  const [dilationHeight, dilationWidth] = c.dilation ?? [1, 1];
  const [batch, inChannels, inHeight, inWidth] = c.input;
  const size = (i: number, k: number, s: number, p: number, d: number): number =>
    Math.max(0, Math.floor((i + 2 * p - d * (k - 1) - 1) / s) + 1);
  return {
    ...{ batch, inChannels, inHeight, inWidth, outChannels: c.out, groups: c.groups ?? 1 },
    outHeight: size(inHeight, kernelHeight, strideHeight, padHeight, dilationHeight),
    outWidth: size(inWidth, kernelWidth, strideWidth, padWidth, dilationWidth),
    ...{ kernelHeight, kernelWidth, strideHeight, strideWidth },
    ...{ padHeight, padWidth, dilationHeight, dilationWidth },
  };
};

const arrays = (s: Conv2dShape, make: (count: number, seed: number) => Float32Array = uniform) => ({
  input: make(2 + s.batch * s.inChannels * s.inHeight * s.inWidth, 1),
  weight: make(3 + ((s.outChannels * s.inChannels) / s.groups) * s.kernelHeight * s.kernelWidth, 2),
  bias: make(1 + s.outChannels, 3),
  gradOut: make(4 + s.batch * s.outChannels * s.outHeight * s.outWidth, 4),
});

const run = (lib: typeof twins, s: Conv2dShape, data: ReturnType<typeof arrays>) => {
  const { input, weight, bias, gradOut } = data;
  const out = new Float32Array(gradOut.length).fill(7);
  const plainOut = new Float32Array(gradOut.length).fill(7);
  const gradInput = new Float32Array(input.length).fill(7);
  const gradWeight = new Float32Array(weight.length).fill(7);
  lib.conv2dF32(out, 4, input, 2, weight, 3, bias, 1, s);
  lib.conv2dF32(plainOut, 4, input, 2, weight, 3, undefined, 0, s);
  lib.conv2dGradInputF32(gradInput, 2, gradOut, 4, weight, 3, s);
  lib.conv2dGradWeightF32(gradWeight, 3, input, 2, gradOut, 4, s);
  return { out, plainOut, gradInput, gradWeight };
};

const compare = (c: Case): void => {
  const shape = shapeOf(c);
  const data = arrays(shape);
  const expected = run(twins, shape, data);
  const actual = run(simd, shape, data);
  for (const key of Object.keys(expected) as (keyof typeof expected)[]) {
    expect(worstError(actual[key], expected[key]), key).toBeLessThan(3e-5);
  }
};

/** An image with its padding, its result, the weights (as they are and packed), and 24 MB for all else. */
const scratchLimit = (s: Conv2dShape): number => {
  const rows = s.inHeight + 2 * s.padHeight;
  const image = s.inChannels * (s.inHeight * s.inWidth + rows * (s.inWidth + 2 * s.padWidth));
  const weight = (s.outChannels * s.inChannels * s.kernelHeight * s.kernelWidth) / s.groups;
  const floats = image + s.outChannels * s.outHeight * s.outWidth + 3 * weight;
  return 4 * floats + 24 * 2 ** 20;
};

const cases: Case[] = [
  { input: [1, 1, 1, 1], out: 1, kernel: [1, 1] },
  { input: [2, 3, 8, 8], out: 5, kernel: [3, 3], pad: [1, 1] },
  { input: [3, 3, 9, 13], out: 6, kernel: [5, 5], pad: [2, 2] },
  { input: [2, 4, 7, 7], out: 8, kernel: [3, 3], stride: [2, 2], pad: [1, 1] },
  { input: [2, 3, 15, 14], out: 9, kernel: [7, 7], stride: [2, 2], pad: [3, 3] },
  { input: [1, 5, 12, 11], out: 4, kernel: [1, 1], stride: [2, 2] },
  { input: [2, 2, 10, 17], out: 3, kernel: [3, 2], stride: [3, 1], pad: [2, 0], dilation: [1, 2] },
  { input: [2, 2, 12, 19], out: 3, kernel: [2, 3], stride: [1, 3], pad: [0, 4], dilation: [3, 2] },
  { input: [1, 2, 9, 9], out: 2, kernel: [3, 3], stride: [2, 2], dilation: [2, 2] },
  { input: [2, 6, 8, 8], out: 4, kernel: [3, 3], pad: [1, 1], groups: 2 },
  { input: [2, 6, 8, 10], out: 6, kernel: [3, 3], pad: [1, 1], groups: 6 },
  { input: [1, 3, 6, 6], out: 6, kernel: [3, 3], stride: [2, 2], groups: 3 },
  { input: [1, 2, 3, 3], out: 3, kernel: [3, 3], pad: [4, 4] },
  { input: [1, 2, 5, 5], out: 3, kernel: [1, 1], pad: [2, 2] },
  { input: [1, 1, 1, 40], out: 2, kernel: [1, 9], pad: [0, 4] },
  { input: [2, 1, 40, 1], out: 2, kernel: [5, 1], stride: [4, 1] },
  { input: [1, 2, 6, 6], out: 2, kernel: [2, 2], stride: [5, 5] },
];

/** Large enough that channels, weights, bands of rows or of columns are done in several blocks. */
const blocked: Case[] = [
  { input: [1, 130, 6, 6], out: 7, kernel: [3, 3], pad: [1, 1] },
  { input: [1, 300, 3, 3], out: 270, kernel: [2, 2] },
  { input: [1, 40, 50, 50], out: 3, kernel: [3, 3], stride: [2, 2], pad: [1, 1] },
  { input: [1, 1, 300, 310], out: 2, kernel: [3, 3], pad: [1, 1] },
  { input: [1, 40, 1, 9000], out: 1, kernel: [1, 3], pad: [0, 1] },
  { input: [1, 1, 2, 50000], out: 2, kernel: [2, 2], stride: [1, 2] },
  { input: [2, 3, 4, 4], out: 530, kernel: [1, 1] },
];

describeBuilds("conv2d", () => {
  for (const c of [...cases, ...blocked]) {
    it(`agrees with the plain loops for ${JSON.stringify(c)}`, () => compare(c), 30_000);
  }

  it("gives the bias, zeros or nothing when there is nothing to sum", () => {
    compare({ input: [0, 3, 5, 5], out: 4, kernel: [3, 3] });
    compare({ input: [2, 3, 2, 5], out: 4, kernel: [3, 3] });
    compare({ input: [2, 0, 5, 5], out: 4, kernel: [3, 3] });
    compare({ input: [2, 3, 5, 5], out: 0, kernel: [3, 3] });
  });

  it("keeps NaN within the outputs that read it", () => {
    const shape = shapeOf({ input: [1, 2, 6, 7], out: 5, kernel: [3, 3] });
    const data = arrays(shape);
    data.input[2 + 3 * 7 + 6] = Number.NaN;
    data.gradOut[4 + 2 * 20 + 4] = Number.NaN;
    const expected = run(twins, shape, data);
    const actual = run(simd, shape, data);
    for (const key of Object.keys(expected) as (keyof typeof expected)[]) {
      const nans = (a: Float32Array) => [...a].map(Number.isNaN);
      expect(nans(actual[key]), key).toEqual(nans(expected[key]));
    }
  });

  it("needs scratch memory for one image and its weights at most, large in any dimension", () => {
    const large: Case[] = [
      { input: [1, 64, 224, 224], out: 1, kernel: [3, 3], pad: [1, 1] },
      { input: [1, 512, 7, 7], out: 512, kernel: [3, 3], pad: [1, 1] },
      { input: [1, 1, 224, 224], out: 64, kernel: [7, 7], stride: [2, 2], pad: [3, 3] },
      { input: [1, 2048, 7, 7], out: 512, kernel: [1, 1] },
      { input: [1, 1024, 28, 28], out: 512, kernel: [1, 1] },
      { input: [1, 1, 80, 80], out: 120, kernel: [79, 79] },
      { input: [1, 64, 1, 20000], out: 4, kernel: [1, 9], pad: [0, 4] },
      { input: [1, 2, 300, 300], out: 1, kernel: [11, 11], dilation: [3, 3] },
      { input: [1, 4, 130, 130], out: 1300, kernel: [3, 3], stride: [3, 3] },
    ];
    for (const c of large) {
      setWasmBuild("plain");
      const shape = shapeOf(c);
      run(
        simd,
        shape,
        arrays(shape, (count) => new Float32Array(count)),
      );
      expect(wasmScratchBytes(), JSON.stringify(c)).toBeLessThan(scratchLimit(shape));
    }
  }, 30_000);
});
