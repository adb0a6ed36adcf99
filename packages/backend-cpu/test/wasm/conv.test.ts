// The SIMD convolutions against their twins: options in all combinations that matter, blocks and bands, special values, and
// the bound on scratch memory.
import { expect, it } from "vitest";
import * as twins from "../../src/twins/conv.ts";
import type { ConvSizes } from "../../src/twins/conv-columns.ts";
import * as simd from "../../src/wasm/conv.ts";
import { setWasmBuild, wasmScratchBytes } from "../../src/wasm/engine.ts";
import { setWinogradEnabled } from "../../src/wasm/winograd-choice.ts";
import { describeBuilds, uniform, worstError } from "./support.ts";

type Triple = readonly [number, number, number];
interface Case {
  /** [n, c, h, w], or [n, c, d, h, w]. */
  readonly input: readonly number[];
  readonly out: number;
  readonly kernel: readonly number[];
  readonly stride?: readonly number[];
  readonly pad?: readonly number[];
  readonly dilation?: readonly number[];
  readonly groups?: number;
}

const triple = (values: readonly number[], missing: number): Triple => {
  const [c = missing, b = missing, a = missing] = [...values].reverse();
  return [a, b, c];
};

const sizesOf = (c: Case): ConvSizes => {
  const [input, kernel] = [triple(c.input.slice(2), 1), triple(c.kernel, 1)];
  const [stride, padding] = [triple(c.stride ?? [], 1), triple(c.pad ?? [], 0)];
  const dilation = triple(c.dilation ?? [], 1);
  const size = (i: 0 | 1 | 2): number => {
    const room = input[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1;
    return Math.max(0, Math.floor(room / stride[i]) + 1);
  };
  const output = [size(0), size(1), size(2)] as const;
  const [batch = 0, inChannels = 0] = c.input;
  const channels = { batch, inChannels, outChannels: c.out, groups: c.groups ?? 1 };
  return { ...channels, input, output, kernel, stride, padding, dilation };
};

const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

const arrays = (s: ConvSizes, make: (count: number, seed: number) => Float32Array = uniform) => ({
  input: make(s.batch * s.inChannels * product(s.input), 1),
  weight: make(((s.outChannels * s.inChannels) / s.groups) * product(s.kernel), 2),
  bias: make(s.outChannels, 3),
  gradOut: make(s.batch * s.outChannels * product(s.output), 4),
});

const run = (lib: typeof twins, s: ConvSizes, data: ReturnType<typeof arrays>) => {
  const { input, weight, bias, gradOut } = data;
  const out = new Float32Array(gradOut.length).fill(7);
  const plainOut = new Float32Array(gradOut.length).fill(7);
  const gradInput = new Float32Array(input.length).fill(7);
  const gradWeight = new Float32Array(weight.length).fill(7);
  lib.convF32(out, input, weight, bias, s);
  lib.convF32(plainOut, input, weight, undefined, s);
  lib.convGradInputF32(gradInput, gradOut, weight, s);
  lib.convGradWeightF32(gradWeight, input, gradOut, s);
  return { out, plainOut, gradInput, gradWeight };
};

const compare = (c: Case): void => {
  const sizes = sizesOf(c);
  const data = arrays(sizes);
  const expected = run(twins, sizes, data);
  for (const winograd of [true, false]) {
    setWinogradEnabled(winograd);
    const actual = run(simd, sizes, data);
    setWinogradEnabled(true);
    for (const key of Object.keys(expected) as (keyof typeof expected)[]) {
      expect(worstError(actual[key], expected[key]), key).toBeLessThan(5e-5);
    }
  }
};

/** An image with its padding, its result, the weights (as they are and packed), and 24 MB for all else. */
const scratchLimit = (s: ConvSizes): number => {
  const full = product(s.input.map((size, i) => size + 2 * (s.padding[i] as number)));
  const image = s.inChannels * (product(s.input) + full) + s.outChannels * product(s.output);
  const weight = (s.outChannels * s.inChannels * product(s.kernel)) / s.groups;
  return 4 * (image + 3 * weight) + 24 * 2 ** 20;
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
  { input: [2, 5, 21], out: 7, kernel: [5], stride: [2], pad: [3], dilation: [2] },
  { input: [2, 3, 5, 6, 7], out: 5, kernel: [3, 2, 3], pad: [1, 0, 1] },
  {
    input: [2, 4, 7, 8, 9],
    out: 6,
    kernel: [3, 3, 2],
    stride: [2, 1, 2],
    pad: [2, 1, 0],
    groups: 2,
  },
  { input: [1, 2, 7, 9, 8], out: 2, kernel: [2, 3, 3], stride: [1, 2, 3], dilation: [3, 2, 1] },
  { input: [2, 3, 4, 4, 4], out: 3, kernel: [1, 3, 3], pad: [0, 1, 1] },
  { input: [2, 7, 17, 18], out: 7, kernel: [3, 3], pad: [1, 1], groups: 7 },
  // Depthwise, lines joined: with and without padding, dilated, several outputs a channel, in one and three dims, many planes.
  { input: [2, 40, 14, 14], out: 40, kernel: [3, 3], pad: [1, 1], groups: 40 },
  { input: [1, 5, 9, 13], out: 10, kernel: [3, 3], groups: 5 },
  { input: [1, 5, 9, 13], out: 5, kernel: [3, 3], pad: [2, 2], dilation: [2, 2], groups: 5 },
  { input: [1, 3, 12, 11], out: 6, kernel: [5, 2], pad: [2, 1], groups: 3 },
  { input: [2, 3, 31], out: 3, kernel: [7], pad: [3], groups: 3 },
  { input: [1, 3, 5, 6, 7], out: 3, kernel: [2, 3, 3], pad: [1, 1, 1], groups: 3 },
  // Depthwise, line by line: long lines, and planes too large for scratch memory.
  { input: [1, 2, 5, 70], out: 2, kernel: [3, 3], pad: [1, 1], groups: 2 },
  { input: [1, 2, 300, 500], out: 2, kernel: [3, 3], pad: [1, 1], groups: 2 },
  { input: [2, 4, 9, 19], out: 8, kernel: [5, 3], stride: [2, 2], pad: [2, 1], groups: 4 },
  { input: [1, 3, 11, 10], out: 3, kernel: [3, 3], stride: [3, 3], pad: [1, 2], groups: 3 },
  {
    input: [2, 2, 4, 6, 5],
    out: 4,
    kernel: [2, 3, 3],
    stride: [1, 1, 2],
    pad: [1, 1, 1],
    groups: 2,
  },
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
  { input: [2, 140, 5, 6], out: 150, kernel: [3, 3], stride: [2, 2], pad: [1, 1] },
  { input: [2, 1, 20, 33], out: 70, kernel: [7, 7], stride: [2, 2], pad: [3, 3] },
  { input: [1, 1, 80, 80], out: 2, kernel: [79, 79] },
];

describeBuilds("convolution", () => {
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
    const shape = sizesOf({ input: [1, 2, 6, 7], out: 5, kernel: [3, 3] });
    const data = arrays(shape);
    data.input[3 * 7 + 6] = Number.NaN;
    data.gradOut[2 * 20 + 4] = Number.NaN;
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
      const shape = sizesOf(c);
      run(
        simd,
        shape,
        arrays(shape, (count) => new Float32Array(count)),
      );
      expect(wasmScratchBytes(), JSON.stringify(c)).toBeLessThan(scratchLimit(shape));
    }
  }, 30_000);
});
