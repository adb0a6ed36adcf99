// The SIMD activations and their gradients against their twins: exactly where no exponential is involved, else within a few
// units in the last place of the largest of operand, result and gradient; special values and all binades included.
import { expect, it } from "vitest";
import * as twins from "../../src/twins/activation.ts";
import * as simd from "../../src/wasm/activation.ts";
import type { ActivationGradName, ActivationName } from "../../src/wasm/exports.ts";
import { describeBuilds, uniform } from "./support.ts";

const special = [
  ...[0, -0, 1, -1, 3, -3, 20, -20, 100, -100, 1e-45, -1e-45, 1e-38, 0.5, -0.5, 1e4, -1e4],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
];
const inputs = Float32Array.from([
  ...special,
  ...uniform(4000, 1, -4, 4),
  ...uniform(4000, 2, -100, 100),
  ...uniform(501, 3, -1e-3, 1e-3),
]);

/** p, q and r of the twins. */
const options: Partial<Record<string, readonly [number, number, number]>> = {
  softplus: [1.5, 20, 0],
  leakyRelu: [0.01, 0, 0],
  elu: [1.25, 0.75, 0.5],
  clamp: [-1, 2.5, 0],
  hardtanh: [-1, 2.5, 0],
  threshold: [0.5, -7, 0],
};
const optionsOf = (name: string): readonly [number, number, number] =>
  options[name.replace("Grad", "")] ?? [0, 0, 0];

/** Relative to the scale of the computation; 0 where the arithmetic is the same. */
const allowed: Partial<Record<string, number>> = {
  ...{ clamp: 0, threshold: 0, hardtanhGrad: 0, thresholdGrad: 0 },
};

function expectClose(name: string, actual: Float32Array, expected: Float32Array): void {
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] as number, expected[i] as number];
    if (Object.is(a, e) || a === e) continue;
    const scale = Math.max(Math.abs(e), Math.min(Math.abs(inputs[i] as number), 1));
    const bound = (allowed[name] ?? 1e-6) * scale + (allowed[name] === 0 ? 0 : 3e-45);
    expect(Math.abs(a - e), `${name} at ${inputs[i]}: ${a} and ${e}`).toBeLessThanOrEqual(bound);
  }
}

describeBuilds("activations", () => {
  for (const name of Object.keys(twins.activationF32) as ActivationName[]) {
    it(`${name} agrees with its formula`, () => {
      const expected = new Float32Array(inputs.length);
      const actual = new Float32Array(inputs.length);
      const [p, q, r] = optionsOf(name);
      twins.activationF32[name](expected, 0, inputs, 0, inputs.length, p, q, r);
      simd.activationF32[name](actual, 0, inputs, 0, inputs.length, p, q, r);
      expectClose(name, actual, expected);
    });
  }

  for (const name of Object.keys(twins.activationGradF32) as ActivationGradName[]) {
    it(`${name} agrees with its formula, and touches only what it should`, () => {
      const grad = uniform(inputs.length, 9, -1, 1);
      const [p, q, r] = optionsOf(name);
      for (const count of [inputs.length - 9, 1, 3, 17]) {
        const expected = new Float32Array(inputs.length).fill(7);
        const actual = expected.slice();
        const run = (kernel: twins.ActivationGradF32, out: Float32Array): void =>
          kernel(out, 0, grad, 3, inputs, 0, count, p, q, r);
        run(twins.activationGradF32[name], expected);
        run(simd.activationGradF32[name], actual);
        expectClose(name, actual, expected);
      }
    });
  }
});
