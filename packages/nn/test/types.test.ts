// What the types let through and what they refuse: the compiler checks this file.
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { ones, setDefaultDevice, type Tensor, type ValuesAndIndices } from "@tead/tensor";
import { expect, expectTypeOf, test } from "vitest";

setDefaultDevice(cpu());

class Pair extends nn.Module<[a: Tensor, b: Tensor], readonly [Tensor, Tensor]> {
  override forward(a: Tensor, b: Tensor): readonly [Tensor, Tensor] {
    return [b, a];
  }
}

test("forward's types are those that the class says", () => {
  expectTypeOf(new Pair().forward).parameters.toEqualTypeOf<[a: Tensor, b: Tensor]>();
  expectTypeOf(new nn.MaxPool2d(2).forward).returns.toEqualTypeOf<Tensor>();
  const both = new nn.MaxPool2d(2, { returnIndices: true });
  expectTypeOf(both.forward).returns.toEqualTypeOf<ValuesAndIndices>();
  expect(both.forward(ones([1, 2, 2])).indices.shape).toEqual([1, 1, 1]);
});

test("any module is an AnyModule; only those from tensor to tensor are layers", () => {
  const modules: nn.AnyModule[] = [new Pair(), new nn.Linear(1, 1), new nn.MSELoss()];
  const layers: nn.Layer[] = [new nn.Linear(1, 1), new nn.Sequential()];
  // @ts-expect-error a loss takes two tensors
  layers.push(new nn.MSELoss());
  // @ts-expect-error this one gives two
  layers.push(new nn.MaxPool2d(2, { returnIndices: true }));
  expect([modules.length, layers.length]).toEqual([3, 4]);
});

test("hooks know the module that they hang on", () => {
  const pair = new Pair();
  pair.registerForwardHook((module, [a], [first]) => {
    expectTypeOf(module).toEqualTypeOf<Pair>();
    expectTypeOf(a).toEqualTypeOf<Tensor>();
    expectTypeOf(first).toEqualTypeOf<Tensor>();
    return undefined;
  });
  expect(pair.forward(ones([1]), ones([2]))[0].shape).toEqual([2]);
});

test("what PyTorch requires is required, and words are PyTorch's", () => {
  // @ts-expect-error a convolution has a kernel
  expect(() => new nn.Conv2d(1, 1)).toThrow("kernelSize");
  // @ts-expect-error no such mode
  expect(() => new nn.Conv2d(1, 1, 1, { paddingMode: "same" })).toThrow("paddingMode");
});
