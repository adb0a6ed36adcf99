// Orthogonal, sparse and truncated initial values: those of PyTorch 2.13 for the same seed.
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { init } from "@tead/nn";
import {
  type DType,
  empty,
  manualSeed,
  meta,
  rand,
  setDefaultDevice,
  type Tensor,
  zeros,
} from "@tead/tensor";
import { expect, test } from "vitest";

setDefaultDevice(cpu());

interface Run {
  readonly name: "orthogonal_" | "sparse_" | "trunc_normal_";
  readonly shape: readonly number[];
  readonly args: readonly number[];
  readonly dtype: DType;
  readonly values: readonly number[];
  readonly after: number;
}
const { seed, runs } = JSON.parse(
  readFileSync(new URL("../fixtures/init-current.json", import.meta.url), "utf8"),
) as { readonly seed: number; readonly runs: Readonly<Record<string, Run>> };

const calls: Record<Run["name"], (t: Tensor, args: readonly number[]) => Tensor> = {
  orthogonal_: (t, [gain = 1]) => init.orthogonal_(t, { gain }),
  sparse_: (t, [sparsity = 0, std = 0.01]) => init.sparse_(t, sparsity, { std }),
  trunc_normal_: (t, [mean, std, a, b]) => init.truncNormal_(t, mean, std, { a, b }),
};

test.each(Object.entries(runs))("%s draws PyTorch's values", (_, run) => {
  manualSeed(seed);
  const t = calls[run.name](empty(run.shape, { dtype: run.dtype }), run.args);
  const found = Array.from(t.dataSync(), Number);
  const tolerance = run.dtype === "float64" ? 1e-12 : 3e-6;
  expect(found).toHaveLength(run.values.length);
  for (const [i, e] of run.values.entries())
    expect(Math.abs((found[i] as number) - e)).toBeLessThanOrEqual(tolerance);
  expect(rand([1]).itemSync()).toBe(run.after);
});

test("nothing is drawn on the meta device, nor for empty tensors", () => {
  manualSeed(seed);
  const next = rand([1]).itemSync();
  manualSeed(seed);
  const t = empty([3, 3], { device: meta() });
  for (const call of Object.values(calls)) expect(call(t, [])).toBe(t);
  init.orthogonal_(zeros([0, 3]));
  expect(rand([1]).itemSync()).toBe(next);
});

test("refuses tensors of the wrong rank", () => {
  expect(() => init.orthogonal_(zeros([3]))).toThrow(
    "orthogonal_: Tensor has the wrong rank: expected at least 2 dims, received 1",
  );
  expect(() => init.sparse_(zeros([3, 3, 3]), 0.5)).toThrow(
    "sparse_: Tensor has the wrong rank: expected 2 dims, received 3",
  );
});
