import { inspect } from "node:util";
import { cpu } from "@tead/backend-cpu";
import { arange, type Backend, setDefaultDevice, tensor, zeros } from "@tead/tensor";
import { expect, test } from "vitest";

setDefaultDevice(cpu());

test("a tensor prints as PyTorch prints it, by String() and by console.log", () => {
  const x = tensor([
    [1.5, -2],
    [0.25, 3],
  ]);
  const text = "tensor([[ 1.5000, -2.0000],\n        [ 0.2500,  3.0000]])";
  expect(`${x}`).toBe(text);
  expect(inspect({ x })).toContain("tensor([[ 1.5000, -2.0000]");
  expect(`${tensor(7)}`).toBe("tensor(7)");
  expect(`${tensor([true, false])}`).toBe("tensor([ True, False])");
  expect(`${zeros([0, 3])}`).toBe("tensor([], size=(0, 3))");
  expect(`${tensor([1, 2], { dtype: "float16" })}`).toBe("tensor([1., 2.], dtype=float16)");
  expect(`${tensor([1n, 2n])}`).toBe("tensor([1, 2], dtype=int64)");
});

test("a view prints its own elements", () => {
  const x = arange(6).reshape([2, 3]);
  expect(`${x.t()}`).toBe("tensor([[0, 3],\n        [1, 4],\n        [2, 5]])");
  expect(`${x.select(0, 1)}`).toBe("tensor([3, 4, 5])");
  expect(`${tensor(2).expand([3])}`).toBe("tensor([2, 2, 2])");
});

test("a large tensor prints its ends, and only they are read", () => {
  let read = 0;
  const device: Backend = {
    ...cpu(),
    readSync(buffer, offset, count) {
      read += count;
      return cpu().readSync(buffer, offset, count);
    },
  };
  expect(`${arange(100_000, { device })}`).toBe(
    "tensor([    0,     1,     2,  ..., 99997, 99998, 99999])",
  );
  expect(read).toBe(6);
  const x = arange(40_000, { device }).reshape([4, 100, 100]).transpose(0, 2);
  const lines = `${x}`.split("\n");
  expect(lines[0]).toBe("tensor([[[    0, 10000, 20000, 30000],");
  expect(lines.at(-1)).toBe("         [ 9999, 19999, 29999, 39999]]])");
  expect(read).toBe(6 + 6 * 6 * 4);
});

test("a freed tensor, and one on a device that cannot be read at once, still print", () => {
  const x = zeros([2, 2]);
  x[Symbol.dispose]();
  expect(`${x}`).toBe("tensor(..., freed, size=(2, 2))");
  const { readSync: _, ...rest } = cpu();
  const slow: Backend = { ...rest, name: "slow" };
  expect(`${zeros([2], { device: slow })}`).toBe("tensor(..., device=slow, size=(2,))");
});
