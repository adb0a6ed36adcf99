import { cpu } from "@tead/backend-cpu";
import { arange, cat, setDefaultDevice, tensor, zeros } from "@tead/tensor";
import { expect, test } from "vitest";

setDefaultDevice(cpu());

test("a tensor adds, reduces and indexes", () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  expect(x.add(0.5).tolistSync()).toEqual([[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]);
  expect(x.sum(1).tolistSync()).toEqual([6, 15]);
  expect(x.t().float().matmul(x.float()).shape).toEqual([3, 3]);
  expect(x.max(1).indices.tolistSync()).toEqual([2, 2]);
  expect(cat([x, x], 1).flip([1]).tolistSync()).toEqual([[3, 2, 1, 3, 2, 1], [6, 5, 4, 6, 5, 4]]);
  const z = zeros([2, 3]);
  z.select(0, 1).add_(arange(3));
  expect(z.tolistSync()).toEqual([[0, 0, 0], [0, 1, 2]]);
  expect(x.float().softmax(1).sum().itemSync()).toBeCloseTo(2);
  expect(() => x.add(zeros([4]))).toThrow(/add: Cannot broadcast/);
});
