import { cpu } from "@tead/backend-cpu";
import * as torch from "@tead/tensor";
import { setDefaultDevice, Tensor, tensor } from "@tead/tensor";
import { expect, test } from "vitest";
import * as elementwise from "../src/functional/elementwise.ts";
import * as methods from "../src/functional/methods.ts";

setDefaultDevice(cpu());
const x = tensor([
  [1.5, -2],
  [0.25, 3],
]);

test("every free function is the method of its name, and the package exports it", () => {
  for (const [name, f] of Object.entries({ ...elementwise, ...methods })) {
    expect(f, name).toBeTypeOf("function");
    expect((torch as Readonly<Record<string, unknown>>)[name], name).toBe(f);
    if (name !== "oneHot")
      expect(
        (Tensor.prototype as unknown as Readonly<Record<string, unknown>>)[name],
        name,
      ).toBeTypeOf("function");
  }
});

test("a free function passes its arguments on", () => {
  expect(torch.add(x, 1).tolistSync()).toEqual(x.add(1).tolistSync());
  expect(torch.sum(x, 0, { keepDim: true }).shape).toEqual([1, 2]);
  expect(torch.where(x.gt(0), x, 0).tolistSync()).toEqual([
    [1.5, 0],
    [0.25, 3],
  ]);
  expect(torch.var(x).itemSync()).toBe(x.var().itemSync());
  expect(torch.topk(x, 1).values.tolistSync()).toEqual([[1.5], [3]]);
  expect(torch.oneHot(tensor([0, 2]), 3).tolistSync()).toEqual([
    [1, 0, 0],
    [0, 0, 1],
  ]);
});

test("max(), min() and median() take a dim or another tensor", () => {
  expect(torch.max(x).itemSync()).toBe(3);
  expect(torch.max(x, 1).indices.tolistSync()).toEqual([0, 1]);
  expect(torch.max(x, x.t()).tolistSync()).toEqual([
    [1.5, 0.25],
    [0.25, 3],
  ]);
  expect(torch.min(x).itemSync()).toBe(-2);
  expect(torch.min(x, 0, { keepDim: true }).values.tolistSync()).toEqual([[0.25, -2]]);
  expect(torch.min(x, x.t()).tolistSync()).toEqual([
    [1.5, -2],
    [-2, 3],
  ]);
  expect(torch.median(x).itemSync()).toBe(0.25);
  expect(torch.median(x, 1).values.tolistSync()).toEqual([-2, 0.25]);
});
