// What hooks do where PyTorch 2 is clearer than the 1.13 that made the fixtures.
import { grad } from "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());
const leaf = (values: number[]): Tensor => tensor(values, { dtype: "float64", requiresGrad: true });

describe("hooks", () => {
  test("on a tensor see the gradient of the value they were registered on", () => {
    const y = leaf([1, 1]).mul(2);
    const seen: unknown[] = [];
    y.registerHook((g) => void seen.push(["before", g.tolistSync()]));
    y.mul_(3);
    y.registerHook((g) => void seen.push(["after", g.tolistSync()]));
    y.sum().backward();
    expect(seen).toEqual([
      ["after", [1, 1]],
      ["before", [3, 3]],
    ]);
  });

  test("on a leaf and on a captured tensor run in grad() as well", () => {
    const x = leaf([1, 1]);
    x.registerHook((g) => g.mul(10));
    const y = x.mul(2);
    y.registerHook((g) => g.mul(5));
    const [gy, gx] = grad(y.mul(3).sum(), [y, x]) as [Tensor, Tensor];
    expect(gy.tolistSync()).toEqual([15, 15]);
    expect(gx.tolistSync()).toEqual([300, 300]);
    expect(x.grad).toBeUndefined();
  });

  test("run before prehooks of the node, and retainGrad sees what they gave", () => {
    const y = leaf([1, 1]).mul(2);
    const seen: string[] = [];
    y.retainGrad();
    y.gradFn?.registerPrehook(() => void seen.push("prehook"));
    y.registerHook((g) => {
      seen.push("hook");
      return g.mul(10);
    });
    y.sum().backward();
    expect(seen).toEqual(["hook", "prehook"]);
    expect(y.grad?.tolistSync()).toEqual([10, 10]);
  });

  test("on a node change what goes on", () => {
    const x = leaf([1, 1]);
    const y = x.mul(2);
    const handle = y.gradFn?.registerHook((inputs) => inputs.map((g) => g?.mul(7)));
    const z = y.sum();
    z.backward({ retainGraph: true });
    expect(x.grad?.tolistSync()).toEqual([14, 14]);
    handle?.remove();
    z.backward();
    expect(x.grad?.tolistSync()).toEqual([16, 16]);
  });

  test("may not change the number of gradients, nor their dtype", () => {
    const y = leaf([1, 1]).mul(2);
    const handle = y.gradFn?.registerHook(() => []);
    const z = y.sum();
    expect(() => z.backward({ retainGraph: true })).toThrow(
      "hook: Number of gradients changed: expected 2 for MulBackward, received 0",
    );
    handle?.remove();
    y.registerHook((g) => g.float());
    expect(() => z.backward()).toThrow(
      "hook: Gradient changed its type: expected float64 cpu, received float32 cpu",
    );
  });

  test("keep what they see: backward does not reuse its memory", () => {
    const x = tensor(new Float64Array(2000).fill(1), { requiresGrad: true });
    let seen: Tensor | undefined;
    const y = x.mul(2);
    y.registerHook((g) => {
      seen = g;
      return undefined;
    });
    y.mul(y).sum().backward();
    tensor(new Float64Array(2000)).add(5);
    expect(seen?.sum().itemSync()).toBe(8000);
    expect(x.grad?.sum().itemSync()).toBe(16000);
  });
});

describe("retainGrad", () => {
  test("follows its tensor through writes, also through those to its views", () => {
    const y = leaf([1, 1]).mul(2);
    y.retainGrad();
    y.mul_(3);
    y.narrow(0, 0, 1).mul_(5);
    y.mul(7).sum().backward();
    expect(y.grad?.tolistSync()).toEqual([7, 7]);
  });
});
