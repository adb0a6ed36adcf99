import { cpu } from "@tead/backend-cpu";
import { cdist, combinations, setDefaultDevice, tensor, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { fixture, replay, scattered, titleOf } from "./support/cases.ts";

setDefaultDevice(cpu());

describe("a statistic is PyTorch's", () => {
  test.each(fixture("statistics").cases.map((c) => [titleOf(c), c] as const))("%s", (_, c) => {
    replay(c);
    replay(c, scattered);
  });
});

test("bincount() awaited counts what bincountSync() counts", async () => {
  const x = tensor([2, 0, 2]);
  expect(await (await x.bincount()).tolist()).toEqual([1, 0, 2]);
  expect(x.bincountSync().tolistSync()).toEqual([1, 0, 2]);
});

test("what has no statistic is refused in words", () => {
  expect(() => zeros([2, 2]).bincountSync()).toThrow(
    "bincount: Tensor is no vector: expected 1 dim, received [2, 2]",
  );
  expect(() => zeros([2]).quantile(tensor([0.5], { dtype: "float64" }))).toThrow(
    "quantile: Shares have another dtype: expected float32, received float64",
  );
  expect(() => zeros([0]).quantile(0.5)).toThrow(
    "quantile: Cannot reduce an empty dim: expected at least one element",
  );
  expect(() => tensor([1]).quantile(0.5)).toThrow("quantile: Input is not floating-point");
  expect(() => zeros([1, 1, 1]).cov()).toThrow(
    "cov: Observations do not fit: expected at most 2 dims, received 3",
  );
  expect(() => cdist(zeros([2, 3]), zeros([2, 2]))).toThrow(
    "cdist: Rows do not fit: expected 3 columns on both sides, received 2",
  );
  expect(() => combinations(zeros([1, 1]))).toThrow(
    "combinations: Tensor is no vector: expected 1 dim, received 2",
  );
});
