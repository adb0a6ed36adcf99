// The SIMD batch normalization against its twins: chunks of images, of channels and of planes; offsets far from zero.
import { expect, it } from "vitest";
import * as twins from "../../src/twins/batch-norm.ts";
import * as simd from "../../src/wasm/batch-norm.ts";
import { describeBuilds, uniform, worstError } from "./support.ts";

const shapes: twins.ChannelShape[] = [
  { batch: 4, channels: 3, size: 16 },
  { batch: 5, channels: 7, size: 13 },
  { batch: 64, channels: 10, size: 1 },
  { batch: 300, channels: 40, size: 2 },
  { batch: 2, channels: 20, size: 1000 },
  { batch: 2, channels: 3, size: 9001 },
  { batch: 1, channels: 9000, size: 3 },
  { batch: 2, channels: 2, size: 30000 },
];

const slice = (data: Float32Array, offset: number): twins.F32Slice => ({ data, offset });

type Library = Pick<typeof twins, "momentsF32" | "batchNormF32" | "batchNormGradF32">;

/** Everything one library computes for a shape, in arrays whose unused ends must stay. */
const run = (lib: Library, shape: twins.ChannelShape, affine: boolean, center: number) => {
  const { batch, channels, size } = shape;
  const count = batch * channels * size;
  const x = uniform(2 + count, 1, center - 1, center + 3);
  const g = uniform(3 + count, 2);
  const weight = affine ? slice(uniform(1 + channels, 3), 1) : undefined;
  const bias = affine ? slice(uniform(2 + channels, 4), 2) : undefined;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  lib.momentsF32(mean, variance, x, 2, shape);
  const saved = {
    mean: slice(Float32Array.from([0, ...mean]), 1),
    invStd: slice(Float32Array.from([0, 0, ...variance.map((v) => 1 / Math.sqrt(v + 1e-5))]), 2),
  };
  const out = new Float32Array(count + 5).fill(7);
  lib.batchNormF32(out, 4, x, 2, saved.mean, saved.invStd, weight, bias, shape);
  const result: Record<string, ArrayLike<number>> = { mean, variance, out };
  for (const training of [true, false]) {
    const gradInput = new Float32Array(count + 5).fill(7);
    const gradWeight = new Float32Array(channels + 1).fill(7);
    const gradBias = new Float32Array(channels + 2).fill(7);
    const shared = { gradOut: slice(g, 3), input: slice(x, 2), ...saved, weight, training };
    const targets = { gradWeight: slice(gradWeight, 1), gradBias: slice(gradBias, 2) };
    lib.batchNormGradF32({ ...shared, gradInput: slice(gradInput, 3), ...targets }, shape);
    const alone = new Float32Array(count + 5).fill(7);
    lib.batchNormGradF32({ ...shared, gradInput: slice(alone, 3) }, shape);
    expect(worstError(alone, gradInput)).toBe(0);
    Object.assign(result, {
      [`gradInput ${training}`]: gradInput,
      [`gradWeight ${training}`]: gradWeight.map((v) => v / Math.sqrt(batch * size)),
      [`gradBias ${training}`]: gradBias.map((v) => v / Math.sqrt(batch * size)),
    });
  }
  return result;
};

describeBuilds("batch normalization", () => {
  for (const shape of shapes) {
    it(`agrees with the plain loops for ${JSON.stringify(shape)}`, () => {
      for (const affine of [true, false]) {
        const expected = run(twins, shape, affine, 0);
        const actual = run(simd, shape, affine, 0);
        for (const key of Object.keys(expected)) {
          expect(worstError(actual[key] ?? [], expected[key] ?? []), key).toBeLessThan(3e-6);
        }
      }
    });
  }

  it("scales and shifts channels as the plain loops do, to the bit", () => {
    for (const shape of shapes) {
      const count = shape.batch * shape.channels * shape.size;
      const input = uniform(count + 3, 11);
      input.set([Number.NaN, -0, Number.POSITIVE_INFINITY].slice(0, count), 3);
      const [scale, shift] = [uniform(shape.channels, 12), uniform(shape.channels, 13)];
      scale.set([0].slice(0, shape.channels));
      const [expected, actual] = [twins, simd].map((lib) => {
        const out = new Float32Array(count + 5).fill(7);
        lib.scaleShiftF32(out, 2, input, 3, scale, shift, shape);
        return out;
      });
      expect(actual).toEqual(expected);
    }
  });

  it("finds the variance of numbers far from zero", () => {
    const shape = { batch: 3, channels: 2, size: 5000 };
    const expected = run(twins, shape, false, 5000);
    const actual = run(simd, shape, false, 5000);
    expect(worstError(actual.mean ?? [], expected.mean ?? [])).toBeLessThan(1e-9);
    expect(worstError(actual.variance ?? [], expected.variance ?? [])).toBeLessThan(1e-6);
  });

  it("gives NaN moments over nothing", () => {
    for (const lib of [twins, simd]) {
      const [mean, variance] = [new Float64Array(2), new Float64Array(2)];
      const shape = { batch: 0, channels: 2, size: 4 };
      lib.momentsF32(mean, variance, new Float32Array(0), 0, shape);
      expect([...mean, ...variance]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    }
  });

  it("keeps NaN in its own channel", () => {
    const shape = { batch: 2, channels: 3, size: 7 };
    const x = uniform(42, 1);
    x[8] = Number.NaN;
    const [mean, variance] = [new Float64Array(3), new Float64Array(3)];
    simd.momentsF32(mean, variance, x, 0, shape);
    expect([...mean].map(Number.isNaN)).toEqual([false, true, false]);
    expect([...variance].map(Number.isNaN)).toEqual([false, true, false]);
  });
});
