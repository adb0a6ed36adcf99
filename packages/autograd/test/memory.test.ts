// What the graph keeps, for how long, and how deep it may be.
import {
  Function as AutogradFunction,
  checkpoint,
  checkpointWith,
  type FunctionContext,
  grad,
  savedTensorsHooks,
} from "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import {
  type Backend,
  keep,
  manualSeed,
  noGrad,
  ones,
  scope,
  setDefaultDevice,
  type Tensor,
  tensor,
  zeros,
} from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());
const leaf = (values: number[]): Tensor => tensor(values, { dtype: "float64", requiresGrad: true });

/** The CPU, counting its buffers. */
function counting(): { readonly device: Backend; readonly live: () => number } {
  let live = 0;
  const base = cpu();
  const device: Backend = {
    ...base,
    allocate: (dtype, count) => {
      live++;
      return base.allocate(dtype, count);
    },
    free: (buffer) => {
      live--;
      base.free(buffer);
    },
  };
  return { device, live: () => live };
}

describe("the graph", () => {
  test("may be a chain of 100,000 ops", () => {
    const x = leaf([1]);
    let y = x;
    for (let i = 0; i < 100_000; i++) y = y.add(1e-6);
    y.sum().backward();
    expect(x.grad?.tolistSync()).toEqual([1]);
    const [g] = grad(y.sum(), [x], { retainGraph: true }) as [Tensor];
    expect(g.tolistSync()).toEqual([1]);
  });

  test("frees what it saved after backward, unless retainGraph is set", () => {
    const { device, live } = counting();
    const x = ones([1000], { device, requiresGrad: true });
    const before = live();
    const loss = scope(() => x.exp().mul(x.sin()).sum());
    const kept = live();
    expect(kept - before).toBe(3);
    loss.backward({ retainGraph: true });
    loss.backward();
    // The gradient is all that came with backward: what it made on its way is gone.
    expect(live() - kept).toBe(1);
  });

  test("10,000 steps keep memory flat", () => {
    const w1 = leaf([0.1, 0.2, 0.3]);
    const x = tensor([[1, 2, 3]], { dtype: "float64" });
    const step = (): void => {
      w1.grad = undefined;
      const loss = x.mul(w1).tanh().sum().pow(2);
      loss.backward();
      noGrad(() => w1.sub_((w1.grad as Tensor).mul(1e-3)));
    };
    const used = (): number => {
      globalThis.gc?.();
      return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    };
    for (let i = 0; i < 1000; i++) step();
    const early = used();
    for (let i = 0; i < 9000; i++) step();
    expect(used() - early).toBeLessThan(30 * 2 ** 20);
  });

  test("lets go of the outputs of its ops", async () => {
    const { gc } = globalThis;
    const x = leaf([1, 2]);
    const references: WeakRef<Tensor>[] = [];
    const build = (): Tensor => {
      const middle = x.exp().exp();
      references.push(new WeakRef(middle));
      return middle.sum();
    };
    const y = build();
    if (gc !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      gc();
      expect(references[0]?.deref()).toBeUndefined();
    }
    y.backward();
    expect(x.grad).toBeDefined();
  });
});

describe("scope()", () => {
  test("frees what was made inside and spares what is returned, nested in plain values", () => {
    const { device, live } = counting();
    const before = live();
    const made: Tensor[] = [];
    const result = scope(() => {
      const a = ones([4], { device });
      const b = a.add(1);
      made.push(a, b);
      return { b, more: new Map([["c", [b.mul(2)]]]), set: new Set([b.view([2, 2])]) };
    });
    expect(live() - before).toBe(2);
    expect(result.more.get("c")?.[0]?.tolistSync()).toEqual([4, 4, 4, 4]);
    expect(() => made[0]?.tolistSync()).toThrow(
      /Tensor was freed: expected one that is still alive[\s\S]*Hint: return it from its scope/,
    );
  });

  test("spares gradients, and what the returned graph saved", () => {
    const x = ones([3], { requiresGrad: true });
    const loss = scope(() => x.exp().mul(x.sin()).sum());
    scope(() => loss.backward());
    expect(x.grad?.shape).toEqual([3]);
    expect(x.grad?.tolistSync()).toEqual(
      Array(3)
        .fill(Math.fround(Math.E * (Math.sin(1) + Math.cos(1))))
        .map((v) => expect.closeTo(v, 5)),
    );
  });

  test("frees the gradient that an earlier scope spared, once another takes its place", () => {
    const { device, live } = counting();
    const x = ones([4], { device, requiresGrad: true });
    const step = (): void => {
      x.grad = undefined;
      x.mul(2).sum().backward();
    };
    scope(step);
    const held = live();
    for (let i = 0; i < 5; i++) scope(step);
    expect(live()).toBe(held);
    expect(x.grad?.tolistSync()).toEqual([2, 2, 2, 2]);
  });

  test("leaves the gradients that were made outside of scopes alone", () => {
    const x = leaf([3]);
    x.square().sum().backward();
    const before = x.grad as Tensor;
    scope(() => {
      x.grad = undefined;
      x.mul(2).sum().backward();
    });
    expect([before.tolistSync(), x.grad?.tolistSync()]).toEqual([[6], [2]]);
  });

  test("spares what the graph of an outer tensor saved inside", () => {
    const w = leaf([2, 3]);
    const total = zeros([2], { dtype: "float64" });
    scope(() => {
      total.add_(w.mul(w.exp()));
    });
    total.sum().backward();
    expect(w.grad?.tolistSync()).toEqual(
      [3 * Math.E ** 2, 4 * Math.E ** 3].map((v) => expect.closeTo(v, 10)),
    );
  });

  test("hands what an inner scope returns to the outer one", () => {
    const { device, live } = counting();
    const before = live();
    let inner: Tensor | undefined;
    scope(() => {
      inner = scope(() => ones([2], { device }).add(1));
      expect(inner.tolistSync()).toEqual([2, 2]);
    });
    expect(live()).toBe(before);
    expect(() => inner?.add(1)).toThrow("Tensor was freed");
  });

  test("spares what keep() marks", () => {
    const state: Tensor[] = [];
    scope(() => {
      state.push(keep(ones([2])));
    });
    expect(state[0]?.tolistSync()).toEqual([1, 1]);
  });

  test("ends with a promise, and frees when its body throws", async () => {
    const made: Tensor[] = [];
    const result = await scope(async () => {
      const a = ones([2]);
      made.push(a);
      await Promise.resolve();
      return a.add(1);
    });
    expect(result.tolistSync()).toEqual([2, 2]);
    expect(() => made[0]?.add(1)).toThrow("Tensor was freed");
    const failing = (): never =>
      scope(() => {
        made.push(ones([2]));
        throw new RangeError("inside");
      });
    expect(failing).toThrow("inside");
    expect(() => made[1]?.add(1)).toThrow("Tensor was freed");
    await expect(
      scope(async () => {
        made.push(ones([2]));
        throw new RangeError("later");
      }),
    ).rejects.toThrow("later");
    expect(() => made[2]?.add(1)).toThrow("Tensor was freed");
  });
});

describe("user code in backward keeps what it sees", () => {
  test("a custom Function's gradients", () => {
    const seen: Tensor[] = [];
    class Watching extends AutogradFunction {
      static forward(_: FunctionContext, x: Tensor): Tensor {
        return x.mul(1);
      }
      static backward(_: FunctionContext, g: Tensor): Tensor {
        const result = g.mul(2);
        seen.push(g, result);
        return result;
      }
    }
    const x = leaf([1, 2]);
    Watching.apply(x.exp()).mul(3).sum().backward();
    expect(seen.map((t) => t.tolistSync())).toEqual([
      [3, 3],
      [6, 6],
    ]);
  });
});

describe("savedTensorsHooks()", () => {
  test("sees every saved tensor, and gives it back in backward", () => {
    const packed: number[][] = [];
    const x = leaf([1, 2]);
    const hooks = {
      pack: (t: Tensor): number => packed.push(t.tolistSync() as number[]) - 1,
      unpack: (i: unknown): Tensor => tensor(packed[i as number] as number[], { dtype: "float64" }),
    };
    const y = savedTensorsHooks(hooks, () => x.mul(x).exp());
    expect(packed.length).toBe(3);
    const [g] = grad(y.sum(), [x], { createGraph: true }) as [Tensor];
    g.sum().backward();
    const expected = [1, 2].map((v) => (2 + 4 * v * v) * Math.exp(v * v));
    expect(x.grad?.tolistSync()).toEqual(expected.map((v) => expect.closeTo(v, 8)));
  });
});

describe("checkpoint()", () => {
  const block = (x: Tensor, w: Tensor): Tensor => x.mul(w).tanh().mul(w).exp();

  test("gives the same gradients, of first and second order", () => {
    const run = (part: (x: Tensor, w: Tensor) => Tensor): unknown[] => {
      const [x, w] = [leaf([0.5, 1]), leaf([0.25, 2])];
      const [gx, gw] = grad(part(x, w).sum(), [x, w], { createGraph: true }) as [Tensor, Tensor];
      gx.mul(gw).sum().backward();
      return [gx, gw, x.grad as Tensor, w.grad as Tensor].map((t) => t.tolistSync());
    };
    expect(run((x, w) => checkpoint(block, x, w))).toEqual(run(block));
  });

  test("keeps nothing between, and computes again in backward", () => {
    let runs = 0;
    const x = leaf([0.5, 1]);
    const kept: WeakRef<Tensor>[] = [];
    const y = checkpoint((t: Tensor) => {
      runs++;
      const middle = t.exp();
      kept.push(new WeakRef(middle));
      return middle.mul(middle);
    }, x);
    const loss = y.sum();
    loss.backward({ retainGraph: true });
    loss.backward();
    expect(runs).toBe(3);
    expect(() => loss.backward()).toThrow("Cannot go backward through the graph a second time");
  });

  test("draws the same random numbers again, and leaves the generator as it was", () => {
    const noisy = (t: Tensor): Tensor => {
      const noise = t.detach().clone().uniform_(0, 1);
      return t.mul(noise).exp();
    };
    const run = (part: (x: Tensor) => Tensor): unknown[] => {
      manualSeed(3);
      const x = leaf([1, 2]);
      part(x).sum().backward();
      return [x.grad?.tolistSync(), ones([2]).uniform_(0, 1).tolistSync()];
    };
    expect(run((x) => checkpoint(noisy, x))).toEqual(run(noisy));
    expect(run((x) => checkpointWith({ preserveRngState: false }, noisy, x))).not.toEqual(
      run(noisy),
    );
  });

  test("runs plainly under noGrad", () => {
    expect(noGrad(() => checkpoint(block, leaf([1]), leaf([1]))).requiresGrad).toBe(false);
  });

  test("refuses a second run that differs", () => {
    let first = true;
    const y = checkpoint(
      (t: Tensor) => {
        const result = first ? t.exp().exp() : t.exp();
        first = false;
        return result;
      },
      leaf([1]),
    );
    expect(() => y.sum().backward()).toThrow(
      "checkpoint: The second run differs from the first: expected 2 saved tensors, received 1",
    );
  });

  test("refuses a write to what it saved", () => {
    const y = checkpoint(
      (t: Tensor) => {
        const a = t.mul(1);
        const b = a.sin();
        a.add_(1);
        return b;
      },
      leaf([1]),
    );
    expect(() => y.sum().backward()).toThrow(
      "checkpoint: A tensor needed for the gradient has been modified by an inplace operation: expected version 0, received 1",
    );
  });

  test("refuses backward inside the second run", () => {
    let again = false;
    const y = checkpoint(
      (t: Tensor) => {
        const result = t.exp();
        if (again) result.sum().backward();
        again = true;
        return result;
      },
      leaf([1]),
    );
    expect(() => y.sum().backward()).toThrow(
      "checkpoint: Backward inside the second run: expected fn to only run forward",
    );
  });
});
