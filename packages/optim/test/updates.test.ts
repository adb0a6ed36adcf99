// What a step gathers: one call of an op for all parameters with equal attributes, on one device.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { Adam, type Optimizer, RMSprop, SGD } from "@tead/optim";
import { type Backend, ones, profile, setDefaultDevice, type Tensor, zeros } from "@tead/tensor";
import { afterAll, expect, test } from "vitest";

setDefaultDevice(cpu());
afterAll(() => setDefaultDevice(undefined));

const parameters = (count: number, device?: Backend): Tensor[] =>
  Array.from({ length: count }, (_, i) => ones([i + 1], { device, requiresGrad: true }));

/** The ops of a step after which each parameter has the gradient 1. */
function opsOfStep(optimizer: Optimizer, params: readonly Tensor[]): string[] {
  for (const param of params) param.grad = ones(param.shape, { device: param.device });
  return profile(() => optimizer.step()).events.map(({ name }) => name);
}

test("parameters with equal attributes are updated in one call", () => {
  const params = parameters(5);
  const optimizer = new SGD(params, { lr: 0.5 });
  expect(opsOfStep(optimizer, params)).toEqual(["sgdUpdate"]);
  for (const param of params)
    expect(param.tolistSync()).toEqual(new Array(param.numel()).fill(0.5));
});

test("each group has a call of its own, unless none of its parameters has a gradient", () => {
  const params = parameters(4);
  const groups = [{ params: params.slice(0, 2) }, { params: params.slice(2), lr: 0.25 }];
  const optimizer = new SGD(groups, { lr: 0.5 });
  expect(opsOfStep(optimizer, params)).toEqual(["sgdUpdate", "sgdUpdate"]);
  expect(params.map((param) => param.tolistSync())).toEqual([
    [0.5],
    [0.5, 0.5],
    [0.75, 0.75, 0.75],
    [0.75, 0.75, 0.75, 0.75],
  ]);
  optimizer.zeroGrad();
  expect(opsOfStep(optimizer, params.slice(0, 1))).toEqual(["sgdUpdate"]);
  expect(params[1]?.tolistSync()).toEqual([0.5, 0.5]);
});

test("a parameter that got its first gradient later takes its own step count, as alone", () => {
  const [early, late, alone] = parameters(3) as [Tensor, Tensor, Tensor];
  const optimizer = new Adam([early, late], { lr: 0.5 });
  opsOfStep(optimizer, [early]);
  const count = (names: readonly string[]): number =>
    names.filter((name) => name === "adamUpdate").length;
  expect(count(opsOfStep(optimizer, [early, late]))).toBe(2);
  opsOfStep(new Adam([alone], { lr: 0.5 }), [alone]);
  expect(late.tolistSync()).toEqual((alone.tolistSync() as number[]).slice(0, 2));
});

test("a momentum buffer is begun for each parameter when it first needs one", () => {
  const params = parameters(3);
  const optimizer = new SGD(params, { lr: 0.5 });
  opsOfStep(optimizer, params);
  for (const group of optimizer.paramGroups) group.momentum = 0.5;
  optimizer.zeroGrad();
  opsOfStep(optimizer, params.slice(0, 1));
  expect(opsOfStep(optimizer, params).filter((name) => name === "sgdUpdate")).toHaveLength(2);
  // 1 - 0.5, - 0.5, - 0.5 (1 + 0.5): the first has a step more.
  expect(params.map((param) => (param.tolistSync() as number[])[0])).toEqual([-0.75, 0, 0]);
});

test("parameters on two devices are updated each on its own", () => {
  const other: Backend = { ...cpu(), name: "other" };
  const params = [...parameters(2), ...parameters(2, other)];
  const optimizer = new RMSprop(params, { lr: 0.5, eps: 0, alpha: 0 });
  expect(opsOfStep(optimizer, params).filter((name) => name === "rmspropUpdate")).toHaveLength(2);
  for (const param of params)
    expect(param.tolistSync()).toEqual(zeros(param.shape).add(0.5).tolistSync());
});

test("a step that fails leaves nothing for the next one", () => {
  const params = parameters(2);
  const optimizer = new SGD(params, { lr: 0.5 });
  const [first, second] = params as [Tensor, Tensor];
  first.grad = ones([1]);
  Object.defineProperty(second, "grad", { value: zeros([2], { dtype: "int32" }), writable: true });
  expect(() => optimizer.step()).toThrow("Operands have several dtypes");
  expect(first.tolistSync()).toEqual([1]);
  second.grad = ones([2]);
  optimizer.step();
  expect([first.tolistSync(), second.tolistSync()]).toEqual([[0.5], [0.5, 0.5]]);
});
