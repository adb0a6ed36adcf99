// Runs the same computation on the CPU and on the GPU, from the same numbers.
import { cpu } from "@tead/backend-cpu";
import { type Backend, type DType, Generator, randint, randn, type Tensor } from "@tead/tensor";
import { expect } from "vitest";
import { gpu } from "../device.ts";

/** Makes tensors on one device; the numbers are the same on each. */
export interface Source {
  readonly device: Backend;
  normal(shape: readonly number[]): Tensor;
  integers(low: number, high: number, shape: readonly number[], dtype?: DType): Tensor;
}

function sourceOn(device: Backend): Source {
  const generator = new Generator().manualSeed(11);
  const options = { generator, device: cpu() };
  return {
    device,
    normal: (shape) => randn(shape, options).to(device),
    integers: (low, high, shape, dtype = "int32") =>
      randint(low, high, shape, { ...options, dtype }).to(device),
  };
}

/** Checks that both devices agree, to a part of the largest value (floats) or exactly. */
export async function expectSame(
  compute: (source: Source) => Tensor | readonly Tensor[],
  tolerance = 1e-5,
): Promise<void> {
  const run = (device: Backend): readonly Tensor[] => [compute(sourceOn(device))].flat();
  const expected = run(cpu());
  const actual = run(await gpu());
  expect(actual.length).toBe(expected.length);
  for (const [k, tensor] of actual.entries()) {
    const reference = expected[k] as Tensor;
    expect(tensor.shape).toEqual(reference.shape);
    expect(tensor.dtype).toBe(reference.dtype);
    const got = await tensor.data();
    const want = reference.dataSync();
    if (tensor.dtype !== "float32") expect(got).toEqual(want);
    else expectClose(got as Float32Array, want as Float32Array, tolerance);
  }
}

function expectClose(got: Float32Array, want: Float32Array, tolerance: number): void {
  const scale = want.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30);
  let worst = 0;
  want.forEach((x, i) => {
    worst = Math.max(worst, Math.abs(x - (got[i] as number)));
  });
  expect(worst).toBeLessThanOrEqual(tolerance * scale);
}
