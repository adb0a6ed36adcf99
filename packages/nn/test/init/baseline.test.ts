// The program behind PyTorch's own init_baseline.h: weights of three layers, drawn one after the other.
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { init, Linear } from "@tead/nn";
import { manualSeed, setDefaultDevice, type Tensor } from "@tead/tensor";
import { expect, test } from "vitest";

setDefaultDevice(cpu());

const baseline = JSON.parse(
  readFileSync(new URL("../fixtures/init-baseline.json", import.meta.url), "utf8"),
) as {
  readonly seed: number;
  readonly layers: readonly (readonly [number, number])[];
  readonly weights: Readonly<Record<string, readonly (readonly (readonly number[])[])[]>>;
};
const initializers: Readonly<Record<string, (weight: Tensor) => Tensor>> = {
  Xavier_Uniform: init.xavierUniform_,
  Xavier_Normal: init.xavierNormal_,
  Kaiming_Normal: init.kaimingNormal_,
  Kaiming_Uniform: init.kaimingUniform_,
};

test.each(Object.entries(baseline.weights))("%s draws the header's weights", (name, weights) => {
  const initialize = initializers[name] as (weight: Tensor) => Tensor;
  manualSeed(baseline.seed);
  baseline.layers.forEach(([inputs, outputs], i) => {
    const layer = new Linear(inputs, outputs);
    initialize(layer.weight);
    const expected = weights[i]?.flat() ?? [];
    const found = Array.from(layer.weight.dataSync(), Number);
    expect(found).toHaveLength(expected.length);
    // The header prints float32 to eight digits.
    for (const [k, e] of expected.entries())
      expect(Math.abs((found[k] as number) - e)).toBeLessThan(2e-7);
  });
});

test("the baseline has every initializer of the header", () => {
  expect(Object.keys(baseline.weights).sort()).toEqual(Object.keys(initializers).sort());
});
