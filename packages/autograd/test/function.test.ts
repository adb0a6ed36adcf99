import {
  Function as AutogradFunction,
  type FunctionContext,
  grad,
  gradcheck,
  hessian,
  jacobian,
  onceDifferentiable,
} from "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { noGrad, ones, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { expectResult, input } from "./functional-fixture.ts";

setDefaultDevice(cpu());
const leaf = (values: number[]): Tensor => tensor(values, { dtype: "float64", requiresGrad: true });

class Scaled extends AutogradFunction {
  static forward(ctx: FunctionContext, x: Tensor, y: Tensor, factor: number): Tensor {
    const out = x.mul(y).exp().mul(factor);
    ctx.saveForBackward(x, y, out);
    return out;
  }
  static backward(ctx: FunctionContext, g: Tensor): (Tensor | undefined)[] {
    const [x, y, out] = ctx.savedTensors as [Tensor, Tensor, Tensor];
    return [g.mul(out).mul(y), g.mul(out).mul(x), undefined];
  }
}

class Doubling extends AutogradFunction {
  static forward(ctx: FunctionContext, x: Tensor, mark = true): Tensor {
    if (mark) ctx.markDirty(x);
    return x.mul_(2);
  }
  static backward(_: FunctionContext, g: Tensor): (Tensor | undefined)[] {
    return [g.mul(2), undefined];
  }
}

class Identity extends AutogradFunction {
  static forward(_: FunctionContext, x: Tensor): Tensor {
    return x;
  }
  static backward(_: FunctionContext, g: Tensor): Tensor {
    return g.mul(2);
  }
}

describe("a custom Function", () => {
  test("has PyTorch's first and second derivatives", () => {
    const c = input("c");
    const custom = (x: Tensor, y: Tensor): Tensor => Scaled.apply(x, y, 1.5);
    expectResult("custom jacobian", jacobian(custom, [c, c.flip([0])]));
    expectResult(
      "custom hessian",
      hessian((x) => custom(x, x.mul(2)).sum(), c),
    );
    expect(gradcheck(custom, [leaf([0.5, 1]), leaf([1, 0.25])])).toBe(true);
  });

  test("is a node named after its class", () => {
    const y = Scaled.apply(leaf([1]), leaf([2]), 1);
    expect(y.gradFn?.name).toBe("ScaledBackward");
    expect(y.gradFn?.nextFunctions.map(([node]) => node?.name)).toEqual([
      "AccumulateGrad",
      "AccumulateGrad",
      undefined,
    ]);
  });

  test("records nothing without need", () => {
    expect(Scaled.apply(ones([2]), ones([2]), 1).requiresGrad).toBe(false);
    expect(noGrad(() => Scaled.apply(leaf([1]), leaf([1]), 1)).requiresGrad).toBe(false);
  });

  test("keeps plain values as fields of its context", () => {
    class Power extends AutogradFunction {
      static forward(ctx: FunctionContext, x: Tensor, exponent: number): Tensor {
        ctx.exponent = exponent;
        ctx.saveForBackward(x);
        return x.pow(exponent);
      }
      static backward(ctx: FunctionContext, g: Tensor): (Tensor | undefined)[] {
        const n = ctx.exponent as number;
        return [g.mul((ctx.savedTensors[0] as Tensor).pow(n - 1)).mul(n), undefined];
      }
    }
    const x = leaf([2, 3]);
    Power.apply(x, 3).sum().backward();
    expect(x.grad?.tolistSync()).toEqual([12, 27]);
  });

  test("sees which arguments need a gradient", () => {
    const seen: (readonly boolean[])[] = [];
    class Needs extends AutogradFunction {
      static forward(ctx: FunctionContext, x: Tensor, y: Tensor, _: number): Tensor {
        seen.push(ctx.needsInputGrad);
        return x.mul(y);
      }
      static backward(): undefined {
        return undefined;
      }
    }
    Needs.apply(leaf([1]), ones([1], { dtype: "float64" }), 3)
      .sum()
      .backward();
    expect(seen).toEqual([[true, false, false]]);
  });

  test("that writes an input in place rebases it", () => {
    const x = leaf([1, 2]);
    const y = x.mul(1);
    const z = Doubling.apply(y);
    expect(z).toBe(y);
    expect(y.gradFn?.name).toBe("DoublingBackward");
    y.sum().backward();
    expect(x.grad?.tolistSync()).toEqual([2, 2]);
  });

  test("that writes a view puts the write on its base", () => {
    const x = leaf([1, 2]);
    const y = x.mul(1);
    Doubling.apply(y.narrow(0, 1, 1));
    expect(y.gradFn?.name).toBe("CopySlices");
    y.sum().backward();
    expect(x.grad?.tolistSync()).toEqual([1, 2]);
  });

  test("that returns an input gives a view with a node of its own", () => {
    const x = leaf([1, 2]);
    const y = Identity.apply(x);
    expect(y).not.toBe(x);
    expect(y.storage).toBe(x.storage);
    y.sum().backward();
    expect(x.grad?.tolistSync()).toEqual([2, 2]);
    expect(() => Identity.apply(x.mul(1)).mul_(2)).toThrow(
      "A view was made inside a custom Function and is being modified in place",
    );
  });

  test("sees absent gradients as zeros, or not at all", () => {
    const seen: unknown[] = [];
    class Two extends AutogradFunction {
      static forward(ctx: FunctionContext, x: Tensor, materialize: boolean): Tensor[] {
        ctx.setMaterializeGrads(materialize);
        return [x.mul(1), x.mul(2)];
      }
      static backward(
        _: FunctionContext,
        a: Tensor,
        b: Tensor | undefined,
      ): (Tensor | undefined)[] {
        seen.push(b?.tolistSync());
        return [a, undefined];
      }
    }
    const x = leaf([1, 2]);
    for (const materialize of [true, false]) {
      const [a] = Two.apply(x, materialize) as [Tensor, Tensor];
      a.sum().backward();
    }
    expect(seen).toEqual([[0, 0], undefined]);
  });

  test("has outputs that carry no gradient", () => {
    class Sorted extends AutogradFunction {
      static forward(ctx: FunctionContext, x: Tensor): Tensor[] {
        const { values, indices } = x.max(0);
        const doubled = x.mul(2);
        ctx.markNonDifferentiable(doubled);
        return [values.clone(), indices, doubled];
      }
      static backward(_: FunctionContext, g: Tensor): Tensor {
        return g.expand([2]);
      }
    }
    const [values, indices, doubled] = Sorted.apply(leaf([1, 2])) as [Tensor, Tensor, Tensor];
    expect([values, indices, doubled].map((t) => t.requiresGrad)).toEqual([true, false, false]);
  });

  test("that is once differentiable refuses a second derivative", () => {
    class Once extends AutogradFunction {
      static forward(_: FunctionContext, x: Tensor): Tensor {
        return x.mul(2);
      }
      static backward = onceDifferentiable((_, g: Tensor) => g.mul(2));
    }
    const x = leaf([1, 2]);
    Once.apply(x).sum().backward();
    expect(x.grad?.tolistSync()).toEqual([2, 2]);
    const [g] = grad(Once.apply(x).pow(2).sum(), [x], { createGraph: true }) as [Tensor];
    expect(g.requiresGrad).toBe(true);
    expect(() => g.sum().backward()).toThrow(
      "onceDifferentiable: Cannot differentiate twice: expected a first derivative only",
    );
  });
});

describe("a custom Function's mistakes are refused", () => {
  const returning = (result: unknown): ((x: Tensor, y: unknown) => Tensor) => {
    class Wrong extends AutogradFunction {
      static forward(_: FunctionContext, x: Tensor, __: unknown): Tensor {
        return x.mul(1);
      }
      static backward(): Tensor[] {
        return result as Tensor[];
      }
    }
    return (x, y) => Wrong.apply(x, y);
  };
  const run = (result: unknown) => (): void =>
    returning(result)(leaf([1, 2]), 3)
      .sum()
      .backward();

  test("a wrong number of gradients", () => {
    expect(run([ones([2])])).toThrow(
      "WrongBackward: Number of gradients is wrong: expected 2, one an argument of apply(), received 1",
    );
    expect(run([ones([2]), undefined, ones([2])])).toThrow(
      "expected 2, one an argument of apply(), received 3",
    );
  });
  test("a gradient for what is no tensor", () => {
    expect(run([ones([2]), ones([2])])).toThrow(
      "WrongBackward: Gradient has no tensor to go to: expected undefined at 1, whose argument is no tensor, received a tensor",
    );
  });
  test("a gradient of the wrong shape", () => {
    expect(run([ones([3]), undefined])).toThrow(
      "WrongBackward: Gradient does not fit: expected a shape that sums to [2], received [3]",
    );
  });
  test("a dirty input that is not returned, or a leaf", () => {
    class Lost extends AutogradFunction {
      static forward(ctx: FunctionContext, x: Tensor, y: Tensor): Tensor {
        ctx.markDirty(y);
        return x.mul(2);
      }
      static backward(_: FunctionContext, g: Tensor): Tensor[] {
        return [g, g];
      }
    }
    expect(() => Lost.apply(leaf([1]), ones([1]))).toThrow(
      "markDirty: A written input is not returned: expected forward to return every input that it marks",
    );
    expect(() => Doubling.apply(leaf([1]))).toThrow(
      "markDirty: Cannot write in place to a leaf that requires grad: expected a result of other ops",
    );
  });
  test("a dirty view among several outputs", () => {
    class Both extends AutogradFunction {
      static forward(ctx: FunctionContext, x: Tensor): Tensor[] {
        ctx.markDirty(x);
        return [x.mul_(2), x.mul(3)];
      }
      static backward(_: FunctionContext, a: Tensor): Tensor {
        return a;
      }
    }
    expect(() => Both.apply(leaf([1, 2]).mul(1).narrow(0, 0, 1))).toThrow(
      "markDirty: Cannot write to a view and return several tensors: expected one output",
    );
  });
  test("saved tensors that were written, freed, or read too early", () => {
    const x = leaf([1, 2]).mul(1);
    const y = Scaled.apply(x, leaf([1, 1]), 1).sum();
    x.mul_(2);
    expect(() => y.backward()).toThrow(
      /ScaledBackward: .*has been modified by an inplace operation/,
    );
    const z = Scaled.apply(leaf([1]), leaf([1]), 1).sum();
    z.backward();
    expect(() => z.backward()).toThrow(
      "ScaledBackward: Cannot go backward through the graph a second time",
    );
    class Early extends AutogradFunction {
      static forward(ctx: FunctionContext, t: Tensor): Tensor {
        ctx.saveForBackward(t);
        return ctx.savedTensors[0] as Tensor;
      }
      static backward(_: FunctionContext, g: Tensor): Tensor {
        return g;
      }
    }
    expect(() => Early.apply(leaf([1]))).toThrow(
      "savedTensors: Nothing is saved yet: expected to be read in backward",
    );
  });
});
