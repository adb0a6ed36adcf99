import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { arange, permute, reshape, setDefaultDevice, type Tensor, zeros } from "@tead/tensor";
import { expect, test } from "vitest";

setDefaultDevice(cpu());

const x = arange(6).view(2, 3);

test.each<[string, Tensor, Tensor]>([
  ["view", x.view(3, -1), x.view([3, -1])],
  ["reshape", x.reshape(-1), x.reshape([-1])],
  ["permute", x.permute(1, 0), x.permute([1, 0])],
  ["expand", x.expand(2, -1, -1), x.expand([2, -1, -1])],
  ["repeat", x.repeat(2, 1), x.repeat([2, 1])],
  ["tile", x.tile(2), x.tile([2])],
  ["the function permute", permute(x, 1, 0), permute(x, [1, 0])],
  ["the function reshape", reshape(x, 3, 2), reshape(x, [3, 2])],
])("%s takes sizes one by one or in a list", (_, apart, list) => {
  expect(apart.shape).toEqual(list.shape);
  expect(apart.tolistSync()).toEqual(list.tolistSync());
});

test("no sizes at all make a tensor of no dims", () => {
  expect(zeros([1, 1]).reshape().shape).toEqual([]);
  expect(zeros([]).permute().shape).toEqual([]);
});
