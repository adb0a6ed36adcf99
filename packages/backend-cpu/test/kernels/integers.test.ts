// Integer, logic and half-precision ops of many elements, which SIMD computes, against the kernel kit's loops.
import {
  add,
  manualSeed,
  rand,
  randint,
  setDefaultDevice,
  type Tensor,
  tensor,
} from "@tead/tensor";
import { elementwiseRules, fusedRules } from "@tead/tensor/kernel-kit";
import { beforeAll, describe, expect, it } from "vitest";
import { cpu } from "../../src/index.ts";

beforeAll(() => {
  setDefaultDevice(cpu());
  manualSeed(0);
});

type Name = "add" | "sub" | "mul" | "maximum" | "minimum" | "floorDivide" | "remainder";
const arithmetic: readonly Name[] = [
  ...(["add", "sub", "mul", "maximum", "minimum", "floorDivide", "remainder"] as const),
];
const bits = ["bitwiseAnd", "bitwiseOr", "bitwiseXor"] as const;
const comparisons = ["eq", "ne", "lt", "le", "gt", "ge"] as const;
const ruleOf = (name: string) => {
  const rule = fusedRules[name] ?? elementwiseRules[name];
  return (rule?.integer ?? rule?.f) as (a: number, b: number) => number;
};
/** Numbers of both signs, none of them 0. */
const whole = (shape: number[], dtype: "int32" | "int64"): Tensor => {
  const x = randint(-50, 50, shape);
  return x.add(x.ge(0).to("int32")).to(dtype);
};
const numbers = (x: Tensor): number[] => x.to("float64").flatten().tolistSync() as number[];

describe.each(["int32", "int64"] as const)("%s by SIMD", (dtype) => {
  it.each([...arithmetic, ...bits, ...comparisons])("%s agrees with its rule", (name) => {
    for (const [a, b] of [
      [whole([1001], dtype), whole([1001], dtype)],
      [whole([41, 33], dtype), whole([33], dtype)],
      [whole([41, 33], dtype), whole([41, 1], dtype)],
    ] as const) {
      const [x, y] = [numbers(a), numbers(b.expand(a.shape))];
      const expected = x.map((value, i) => Number(ruleOf(name)(value, y[i] as number)));
      expect(numbers(a[name](b))).toEqual(expected.map((value) => value + 0));
      expect(numbers(a[name](7))).toEqual(x.map((value) => Number(ruleOf(name)(value, 7)) + 0));
    }
  });

  it("negates, takes sizes and turns bits", () => {
    const x = whole([999], dtype);
    expect(numbers(x.neg())).toEqual(numbers(x).map((value) => -value));
    expect(numbers(x.abs())).toEqual(numbers(x).map(Math.abs));
    expect(numbers(x.bitwiseNot())).toEqual(numbers(x).map((value) => ~value));
  });

  it("refuses a division by 0 and leaves an operand as it was", () => {
    const x = whole([500], dtype);
    const before = x.tolistSync();
    const zeros = tensor(
      Array.from({ length: 500 }, (_, i) => Number(i !== 400)),
      { dtype },
    );
    expect(() => x.floorDivide_(zeros)).toThrow("Integer is divided by 0");
    expect(x.tolistSync()).toEqual(before);
  });
});

it("refuses what leaves int32, at any place, and leaves an operand as it was", () => {
  for (const at of [0, 77, 202]) {
    const values = Array.from({ length: 203 }, (_, i) => (i === at ? 2 ** 31 - 1 : i));
    const x = tensor(values, { dtype: "int32" });
    expect(() => x.add_(1)).toThrow("Integer overflows");
    expect(() => add(x, x)).toThrow("Integer overflows");
    expect(() => x.mul(2)).toThrow("Integer overflows");
    expect(() => x.neg().sub(2)).toThrow("Integer overflows");
    expect(x.tolistSync()).toEqual(values);
  }
  const least = tensor(Array<number>(100).fill(-(2 ** 31)), { dtype: "int32" });
  expect(() => least.neg()).toThrow("Integer overflows");
  expect(() => least.abs()).toThrow("Integer overflows");
});

it("wraps int64 around", () => {
  const x = tensor(Array<number>(100).fill(2 ** 62), { dtype: "int64" });
  expect(x.mul(2).flatten().tolistSync()).toEqual(Array(100).fill(-(2n ** 63n)));
});

it("counts and tests many elements", () => {
  const x = rand([300, 7]).sub(0.5);
  const values = numbers(x);
  const positive = x.gt(0);
  expect(positive.sum().itemSync()).toBe(values.filter((value) => value > 0).length);
  expect(positive.logicalNot().sum().itemSync()).toBe(values.filter((v) => v <= 0).length);
  expect(positive.logicalXor(x.lt(0.2)).sum().itemSync()).toBe(
    values.filter((value) => value > 0 !== value < 0.2).length,
  );
  expect(positive.any(1).tolistSync()).toEqual(
    Array.from({ length: 300 }, (_, r) => values.slice(r * 7, r * 7 + 7).some((v) => v > 0)),
  );
  expect(positive.all(1).tolistSync()).toEqual(
    Array.from({ length: 300 }, (_, r) => values.slice(r * 7, r * 7 + 7).every((v) => v > 0)),
  );
  const odd = x.clone();
  odd.indexPut_([tensor([3], { dtype: "int32" })], tensor(Number.NaN));
  odd.indexPut_([tensor([9], { dtype: "int32" })], tensor(Number.NEGATIVE_INFINITY));
  expect(odd.isfinite().logicalNot().sum().itemSync()).toBe(14);
  expect(odd.isinf().sum().itemSync()).toBe(7);
  expect(odd.logicalAnd(1).all().itemSync()).toBe(true);
});

it.each(["float16", "bfloat16"] as const)("computes %s in float32 and rounds once", (dtype) => {
  const a = rand([37, 29]).to(dtype);
  const b = rand([29]).to(dtype);
  for (const f of [
    (x: Tensor, y: Tensor) => x.add(y),
    (x: Tensor, y: Tensor) => x.div(y.add(1)),
    (x: Tensor) => x.exp(),
    (x: Tensor) => x.mul(3),
  ]) {
    const expected = f(a.to("float32"), b.to("float32")).to(dtype);
    const error = f(a, b).sub(expected).abs().to("float32").max().itemSync() as number;
    expect(error).toBeLessThan(dtype === "float16" ? 0.004 : 0.03);
    expect(f(a, b).dtype).toBe(dtype);
  }
  expect(a.gt(b).tolistSync()).toEqual(a.to("float32").gt(b.to("float32")).tolistSync());
  const c = a.clone().mul_(b);
  expect(c.tolistSync()).toEqual(a.mul(b).tolistSync());
});
