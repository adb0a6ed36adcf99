import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { cat, dispatch, ones, ops, setDefaultDevice, tensor, zeros } from "@tead/tensor";
import { expect, test } from "vitest";

setDefaultDevice(cpu());

test("backward() fills the gradient of a leaf", () => {
  const x = tensor([1, 2, 3], { dtype: "float32", requiresGrad: true });
  x.mul(x).sum().backward();
  expect(x.grad?.tolistSync()).toEqual([2, 4, 6]);
  x.exp().log().sum().backward();
  expect(x.grad?.tolistSync()).toEqual([3, 5, 7]);
});

test("a broadcast operand gets the sum of its gradient", () => {
  const w = ones([3], { requiresGrad: true });
  const b = tensor(2.5, { requiresGrad: true });
  ones([4, 3]).mul(w).add(b).sum().backward();
  expect(w.grad?.tolistSync()).toEqual([4, 4, 4]);
  expect(b.grad?.tolistSync()).toEqual(12);
});

test("a write to a view reaches the gradient of its base", () => {
  const x = ones([3], { requiresGrad: true });
  const y = x.mul(1);
  const v = y.narrow(0, 1, 2);
  y.narrow(0, 0, 2).mul_(3);
  v.mul_(5);
  y.sum().backward();
  expect(x.grad?.tolistSync()).toEqual([3, 15, 5]);
  expect(y.gradFn?.name).toBe("CopySlices");
});

test("an overwritten tensor passes on a gradient of zeros", () => {
  const x = ones([3], { requiresGrad: true });
  const y = x.mul(2);
  y.fill_(3);
  y.sum().backward();
  expect(x.grad?.tolistSync()).toEqual([0, 0, 0]);
  const z = zeros([2, 3]);
  z.select(0, 1).copy_(x);
  cat([z, z]).sum().backward();
  expect(x.grad?.tolistSync()).toEqual([2, 2, 2]);
});

test("in place, an op saves a copy of what it overwrites", () => {
  const x = tensor([2, 3], { dtype: "float32", requiresGrad: true });
  const w = tensor([4, 5], { dtype: "float32", requiresGrad: true });
  x.add(0).mul_(w).sum().backward();
  expect(w.grad?.tolistSync()).toEqual([2, 3]);
  expect(x.grad?.tolistSync()).toEqual([4, 5]);
});

test("an op that writes its operands refuses those that are being recorded", () => {
  const param = ones([2], { requiresGrad: true });
  const [grad, momentum] = [ones([2]), zeros([2])];
  const attrs = {
    lr: 0.1,
    momentum: 0.9,
    dampening: 0,
    weightDecay: 0,
    nesterov: false,
    first: true,
  };
  const step = (): unknown =>
    dispatch(ops.sgdUpdateOp, [[param], [grad], [momentum]], attrs as never);
  expect(step).toThrow("Cannot write an operand that requires grad: expected recording to be off");
});

test("a backward inside a hook of another, through the same leaf, leaves the outer one's count intact", () => {
  const x = tensor([1, 2], { dtype: "float32", requiresGrad: true });
  const shared = x.mul(3);
  const inner = shared.exp().sum();
  const y = shared.mul(2).add(x);
  // Runs while `shared` and `x` wait for gradients in the outer backward.
  y.registerHook(() => {
    inner.backward({ retainGraph: true });
    return undefined;
  });
  y.sum().backward();
  // The rule of both paths together: 2 * 3 + 1, and 3 exp(3 x) from within.
  const expected = [1, 2].map((v) => 7 + 3 * Math.exp(3 * v));
  expect(x.grad?.sub(tensor(expected)).abs().amax().itemSync()).toBeLessThan(1e-3);
});
