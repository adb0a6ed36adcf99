// Gradient clipping, parameters as one vector, normalization.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { functional as F, Linear, utils } from "@tead/nn";
import { manualSeed, rand, setDefaultDevice, type Tensor, tensor, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

type Nested = number | readonly Nested[];
const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/utils.json", import.meta.url), "utf8"),
) as {
  grads: Nested[];
  norms: { maxNorm: number; normType: number | "inf" | "-inf"; total: number; grads: Nested[] }[];
  normalized: Nested;
  normalizedBy1: Nested;
};
const float64 = { dtype: "float64" } as const;

function parameters(): Tensor[] {
  return fixture.grads.map((values) => {
    const grad = tensor(values, float64);
    const p = zeros(grad.shape, { ...float64, requiresGrad: true });
    p.grad = grad;
    return p;
  });
}
function expectNear(actual: Tensor | undefined, expected: Nested): void {
  const wanted = Array.from(tensor(expected, float64).dataSync(), Number);
  const found = Array.from(actual?.dataSync() ?? [], Number);
  expect(found).toHaveLength(wanted.length);
  wanted.forEach((w, i) => {
    expect(Math.abs((found[i] as number) - w)).toBeLessThanOrEqual(1e-12);
  });
}

describe("clipGradNorm_()", () => {
  test.each(fixture.norms)("with norm $normType and limit $maxNorm is PyTorch's", (c) => {
    const ps = parameters();
    const normType = Number(String(c.normType).replace("inf", "Infinity"));
    const total = utils.clipGradNorm_(ps, c.maxNorm, { normType });
    expectNear(total, c.total);
    ps.forEach((p, i) => {
      expectNear(p.grad, c.grads[i] as Nested);
    });
  });

  test("passes over parameters without a gradient, and takes a single one", () => {
    const [p] = parameters() as [Tensor];
    expect(utils.clipGradNorm_([zeros([2])], 1).itemSync()).toBe(0);
    expect(utils.clipGradNorm_(p, 1).shape).toEqual([]);
  });

  test("refuses a norm that is not finite where told to", () => {
    const p = zeros([2], { requiresGrad: true });
    p.grad = tensor([1, Number.NaN]);
    expect(() => utils.clipGradNorm_(p, 1, { errorIfNonfinite: true })).toThrow(
      "clipGradNorm_: Norm is not finite: expected finite gradients, received NaN",
    );
  });
});

test("getTotalNorm() and clipGradsWithNorm_() do in two steps what clipGradNorm_() does", () => {
  const [ps, others] = [parameters(), parameters()];
  const grads = ps.map(({ grad }) => grad as Tensor);
  const total = utils.getTotalNorm(grads, { normType: 3 });
  utils.clipGradsWithNorm_(ps, 0.5, total);
  expect(utils.clipGradNorm_(others, 0.5, { normType: 3 }).itemSync()).toBe(total.itemSync());
  for (const [i, p] of ps.entries())
    expect(p.grad?.tolistSync()).toEqual(others[i]?.grad?.tolistSync());
  expect(() =>
    utils.getTotalNorm(tensor([Number.POSITIVE_INFINITY]), { errorIfNonfinite: true }),
  ).toThrow("getTotalNorm: Norm is not finite: expected finite gradients, received Infinity");
});

test("skipInit() draws nothing and keeps options and device", () => {
  manualSeed(0);
  const next = rand([1]).itemSync();
  manualSeed(0);
  const plain = utils.skipInit(Linear, 3, 2);
  const narrow = utils.skipInit(Linear, 3, 2, { bias: false, dtype: "float64", device: cpu() });
  expect([plain.weight.device.name, narrow.weight.dtype, narrow.bias]).toEqual([
    ...["cpu", "float64", undefined],
  ]);
  expect(rand([1]).itemSync()).toBe(next);
});

test("clipGradValue_() limits every element", () => {
  const ps = parameters();
  utils.clipGradValue_(ps, 0.25);
  for (const p of ps) expect(Number(p.grad?.abs().amax().itemSync())).toBeLessThanOrEqual(0.25);
});

test("parameters become one vector and come back", () => {
  const [one, other] = [new Linear(3, 2), new Linear(3, 2)];
  const vector = utils.parametersToVector(one.parameters());
  expect(vector.shape).toEqual([8]);
  utils.vectorToParameters(vector, other.parameters());
  expect(other.weight.tolistSync()).toEqual(one.weight.tolistSync());
  expect(other.bias?.tolistSync()).toEqual(one.bias?.tolistSync());
  expect(() => utils.vectorToParameters(zeros([9]), other.parameters())).toThrow(
    "vectorToParameters: Vector does not fit: expected [8], received [9]",
  );
});

test("functional.normalize() is PyTorch's", () => {
  const x = tensor(fixture.grads[0] as Nested, float64);
  expectNear(F.normalize(x), fixture.normalized);
  expectNear(F.normalize(x, { p: 1, dim: 0 }), fixture.normalizedBy1);
  expectNear(F.softmin(x, 1), F.softmax(x.neg(), 1).tolistSync() as Nested);
});
