import {
  Function as AutogradFunction,
  type FunctionContext,
  gradcheck,
  gradgradcheck,
} from "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { ones, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());
const leaf = (values: number[]): Tensor => tensor(values, { dtype: "float64", requiresGrad: true });

/** x^2 with a derivative of the caller's. */
const squareWith = (derivative: (x: Tensor, g: Tensor) => Tensor): ((x: Tensor) => Tensor) => {
  class Square extends AutogradFunction {
    static forward(ctx: FunctionContext, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.mul(x);
    }
    static backward(ctx: FunctionContext, g: Tensor): Tensor {
      return derivative(ctx.savedTensors[0] as Tensor, g);
    }
  }
  return (x) => Square.apply(x);
};

describe("gradcheck", () => {
  test("accepts right derivatives, of several inputs and outputs", () => {
    const fn = (a: Tensor, b: Tensor): Tensor[] => [a.mul(b).sum(0), a.exp(), b.argmax(0)];
    expect(gradcheck(fn, [leaf([1, 2]), leaf([3, 4])])).toBe(true);
    expect(gradgradcheck(fn, [leaf([1, 2]), leaf([3, 4])])).toBe(true);
  });

  test("shows the worst entry of wrong ones", () => {
    const wrong = squareWith((x, g) => g.mul(x).mul(tensor([2, 2.5], { dtype: "float64" })));
    expect(() => gradcheck(wrong, [leaf([1, 2])])).toThrow(
      /gradcheck: Derivatives disagree, output 0 by input 0: worst at input element 1, output element 1: expected (4|3\.99\d*|4\.00\d*) \(finite differences\), received 5 \(backward\)/,
    );
  });

  test("finds a gradient that is missing, NaN, or not the same twice", () => {
    expect(() => gradcheck((x) => x.mul(x.detach()), [leaf([1, 2])])).toThrow(
      "Derivatives disagree",
    );
    expect(() =>
      gradcheck(
        squareWith((_, g) => g.mul(Number.NaN)),
        [leaf([1])],
      ),
    ).toThrow("received NaN");
    let calls = 0;
    const drifting = squareWith((x, g) => g.mul(x).mul(2 + 1e-9 * calls++));
    expect(() => gradcheck(drifting, [leaf([1])])).toThrow(
      "gradcheck: Backward is not deterministic, output 0 by input 0",
    );
    expect(gradcheck(drifting, [leaf([1])], { nondetTol: 1e-6 })).toBe(true);
  });

  test("finds an output that hides its dependence", () => {
    const hidden = (x: Tensor): Tensor => x.detach().mul(3);
    expect(() => gradcheck(hidden, [leaf([1])])).toThrow(
      "gradcheck: Output 0 requires no grad: expected it not to depend on input 0",
    );
  });

  test("keeps to its tolerances", () => {
    const close = squareWith((x, g) => g.mul(x).mul(2.01));
    expect(() => gradcheck(close, [leaf([1])])).toThrow("Derivatives disagree");
    expect(gradcheck(close, [leaf([1])], { rtol: 0.1 })).toBe(true);
    expect(gradcheck(close, [leaf([1])], { atol: 0.1 })).toBe(true);
    expect(() => gradcheck((x) => x.pow(3), [leaf([1])], { eps: 1 })).toThrow(
      "Derivatives disagree",
    );
  });

  test("asks for float64 and for an input that requires grad", () => {
    expect(() => gradcheck((x) => x, [ones([2], { requiresGrad: true })])).toThrow(
      /gradcheck: Input 0 is not precise enough: expected float64, received float32[\s\S]*Hint: make it with/,
    );
    expect(() => gradcheck((x) => x, [ones([2])])).toThrow(
      "gradcheck: No input requires grad: expected at least one that does",
    );
  });
});

describe("gradgradcheck", () => {
  test("finds a first derivative that is right and a second that is not", () => {
    const fn = squareWith((x, g) => g.mul(x.detach()).mul(2));
    expect(gradcheck(fn, [leaf([1, 2])])).toBe(true);
    expect(() => gradgradcheck(fn, [leaf([1, 2])])).toThrow(
      /gradgradcheck: Derivatives disagree, output 0 by input 0/,
    );
  });
  test("takes the gradients to differentiate", () => {
    expect(gradgradcheck((x) => x.exp(), [leaf([1, 2])], { gradOutputs: [leaf([3, 4])] })).toBe(
      true,
    );
  });
});
