import { cpu } from "@tead/backend-cpu";
import type { WebGpuBackend } from "@tead/backend-webgpu";
import { type Tensor, tensor } from "@tead/tensor";
import { beforeAll, expect, it } from "vitest";
import { mathSource } from "../../src/wgsl/math.ts";
import { describeGpu, gpu } from "../device.ts";

it("mathSource() gives what an expression calls, and what that calls, before it", () => {
  const source = mathSource("hyperbolicTangent(a) + b");
  const order = ["fn expm1Core", "fn exponential", "fn hyperbolicTangent"];
  const places = order.map((name) => source.indexOf(`${name}(`));
  expect(places.every((place) => place >= 0)).toBe(true);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(mathSource("a + b")).toBe("");
});

const special = [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
/** Numbers of every size from 10^-low to 10^high, of both signs, without a pattern. */
const spread = (low: number, high: number): number[] =>
  Array.from({ length: 240 }, (_, i) => {
    const size = 10 ** (-low + ((low + high) * i) / 239) * (1 + 0.37 * Math.sin(i * 12.9898));
    return i % 2 === 0 ? size : -size;
  });

describeGpu("functions of floats", () => {
  let device: WebGpuBackend;
  beforeAll(async () => {
    device = await gpu();
  });

  /** The largest error, in units of the last place of the float32 nearest to the true value. */
  async function worst(f: (x: Tensor) => Tensor, values: readonly number[]): Promise<number> {
    const rounded = values.map(Math.fround);
    const exact = f(tensor(rounded, { device: cpu(), dtype: "float64" })).dataSync();
    const actual = await f(tensor(rounded, { device, dtype: "float32" })).data();
    let largest = 0;
    for (const [i, got] of actual.entries()) {
      const want = Math.fround(Number(exact[i]));
      if (Object.is(want, got) || (want === 0 && got === 0)) continue;
      if (!Number.isFinite(want) || !Number.isFinite(got as number))
        throw new Error(`at ${rounded[i]}: expected ${want}, received ${got}`);
      const unit = 2 ** Math.max(Math.floor(Math.log2(Math.abs(want))) - 23, -149);
      // Results below the smallest normal number may be flushed to 0.
      if (Math.abs(want) < 2 ** -126) continue;
      largest = Math.max(largest, Math.abs(Number(exact[i]) - Number(got)) / unit);
    }
    return largest;
  }

  it.each<[string, number, (x: Tensor) => Tensor, readonly number[]]>([
    ["exp", 2, (x) => x.exp(), spread(6, 2)],
    ["expm1", 3, (x) => x.expm1(), spread(6, 2)],
    ["log", 2, (x) => x.log(), spread(37, 38)],
    ["log1p", 3, (x) => x.log1p(), spread(6, 6)],
    ["sqrt", 3, (x) => x.sqrt(), spread(30, 38)],
    ["sin", 3, (x) => x.sin(), spread(6, 38)],
    ["cos", 4, (x) => x.cos(), spread(6, 38)],
    ["tanh", 3, (x) => x.tanh(), spread(6, 3)],
    ["erf", 3, (x) => x.erf(), spread(6, 2)],
    ["atan2", 4, (x) => x.atan2(0.7), spread(6, 6)],
    ["atan2 of a negative x", 4, (x) => x.atan2(-2.5), spread(6, 6)],
    ["a power", 3, (x) => x.pow(2.5), spread(8, 8)],
    ["a whole power", 8, (x) => x.pow(7), spread(5, 5)],
    ["a whole negative power", 4, (x) => x.pow(-3), spread(8, 8)],
    ["a power of e", 8, (x) => x.newFull([], Math.fround(Math.E)).pow(x), spread(4, 1.9)],
    ["a remainder", 0.5, (x) => x.remainder(0.7109375), spread(3, 30)],
    ["a remainder of a negative", 0.5, (x) => x.remainder(-3.25), spread(3, 30)],
    ["a rounding", 0, (x) => x.round(), spread(2, 9)],
    ["a floor", 0, (x) => x.floor(), spread(2, 9)],
  ])("%s is right to %d units in the last place", async (_, units, f, values) => {
    const halves = [0.5, 1.5, 2.5, -0.5, -1.5, 3.5];
    expect(await worst(f, [...values, ...special, ...halves])).toBeLessThanOrEqual(units);
  });

  it("a floored quotient is right where the division rounds up to a whole number", async () => {
    const [a, b] = [
      [1, 0.3, 6, -7, 7, 5, -5],
      [0.1, 0.1, 0.1, 2, -2, 0, 0],
    ] as const;
    const quotient = (on: WebGpuBackend | ReturnType<typeof cpu>): Tensor =>
      tensor(a, { device: on, dtype: "float32" }).floorDivide(
        tensor(b, { device: on, dtype: "float32" }),
      );
    expect([...(await quotient(device).data())]).toEqual([...quotient(cpu()).dataSync()]);
  });
});
