import { cpu } from "@tead/backend-cpu";
import { dispatch, ones, ops, setDefaultDevice } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { fixture, replay, scattered, titleOf } from "./support/cases.ts";

setDefaultDevice(cpu());

describe("a product of tensors gives what PyTorch gives", () => {
  test.each(fixture("products").cases.map((c) => [titleOf(c), c] as const))("%s", (_, c) => {
    replay(c);
    replay(c, scattered);
  });
});

test("a linear layer's gradient is refused where it has not the input's rows", () => {
  expect(() => dispatch(ops.linearGradWeightOp, [ones([3, 4]), ones([2, 4])], {})).toThrow(
    "linearGradWeight: Gradient does not fit: expected two matrices of as many rows, " +
      "received [3, 4] and [2, 4]",
  );
});
