import { cpu } from "@tead/backend-cpu";
import { type DType, promoteTypes, resultType, setDefaultDevice } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { fixture, replay, scattered, titleOf } from "./support/cases.ts";

setDefaultDevice(cpu());

interface Promotion {
  /** Two dtypes; promoteTypes; resultType of tensors with dims; with the second one 0-d. */
  readonly promotion: readonly (readonly [DType, DType, DType, DType, DType])[];
  /** A dtype, its rank, the dtype of a number, the result. */
  readonly weak: readonly (readonly [DType, number, DType, DType])[];
}
const { cases, promotion, weak } = fixture<Promotion>("elementwise");
const spec = (dtype: DType, rank: number) => ({ dtype, shape: new Array<number>(rank).fill(2) });

test("every pair of dtypes promotes as in PyTorch, with dims and 0-d", () => {
  expect(promotion.length).toBe(100);
  for (const [a, b, promoted, dims, zero] of promotion) {
    expect(promoteTypes(a, b), `${a} ${b}`).toBe(promoted);
    expect(resultType([spec(a, 1), spec(b, 1)]), `${a} ${b}`).toBe(dims);
    expect(resultType([spec(a, 1), spec(b, 0)]), `${a} 0-d ${b}`).toBe(zero);
    expect(resultType([spec(b, 0), spec(a, 1)]), `0-d ${b} ${a}`).toBe(zero);
  }
});

test("a number takes part in promotion by its category only", () => {
  for (const [a, rank, dtype, result] of weak)
    expect(resultType([spec(a, rank), { dtype, shape: [], weak: true }]), `${a} ${dtype}`).toBe(
      result,
    );
});

describe("an elementwise op gives what PyTorch gives", () => {
  test.each(cases.map((c) => [titleOf(c), c] as const))("%s", (_, c) => {
    replay(c);
    replay(c, scattered);
  });
});
