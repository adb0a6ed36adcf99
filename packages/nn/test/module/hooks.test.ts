// Hooks around forward.
import { cpu } from "@tead/backend-cpu";
import { Identity, Module } from "@tead/nn";
import { ones, setDefaultDevice, type Tensor } from "@tead/tensor";
import { expect, test } from "vitest";

setDefaultDevice(cpu());

class Add extends Module<[a: Tensor, b: Tensor]> {
  override forward(a: Tensor, b: Tensor): Tensor {
    return a.add(b);
  }
}

test("forward hooks see and may replace arguments and output, in order of registration", () => {
  const module = new Add();
  const seen: string[] = [];
  module.registerForwardPreHook((m, [a, b]) => {
    seen.push(m === module ? "pre" : "other");
    return [a.mul(10), b];
  });
  module.registerForwardHook((_, [a, b], output) => {
    seen.push(`first ${a.itemSync()} ${b.itemSync()} ${output.itemSync()}`);
    return output.neg();
  });
  module.registerForwardHook((_, __, output) => {
    seen.push(`second ${output.itemSync()}`);
    return undefined;
  });
  expect(module.forward(ones([]), ones([])).itemSync()).toBe(-11);
  expect(seen).toEqual(["pre", "first 10 1 11", "second -11"]);
});

test("only the instance with hooks is wrapped, and the last handle removed gives back the plain forward", () => {
  const [hooked, plain] = [new Identity(), new Identity()];
  const a = hooked.registerForwardHook((_, __, y) => y.add(1));
  const b = hooked.registerForwardPreHook((_, [x]) => [x.mul(2)]);
  expect(Object.hasOwn(hooked, "forward")).toBe(true);
  expect(Object.keys(hooked)).toEqual(["training"]);
  expect([hooked, plain].map((m) => m.forward(ones([])).itemSync())).toEqual([3, 1]);
  a.remove();
  a.remove();
  expect(hooked.forward(ones([])).itemSync()).toBe(2);
  b.remove();
  expect(Object.hasOwn(hooked, "forward")).toBe(false);
  hooked.registerForwardHook((_, __, y) => y.add(1));
  expect(hooked.forward(ones([])).itemSync()).toBe(2);
});

test("a forward that the instance has of its own is wrapped and given back", () => {
  const module = new Identity();
  const own = (x: Tensor): Tensor => x.add(5);
  module.forward = own;
  const handle = module.registerForwardHook((_, __, y) => y.mul(2));
  expect(module.forward(ones([])).itemSync()).toBe(12);
  handle.remove();
  expect(module.forward).toBe(own);
});
