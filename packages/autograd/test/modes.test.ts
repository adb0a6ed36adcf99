import {
  Function as AutogradFunction,
  detectAnomaly,
  enableGrad,
  type FunctionContext,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
} from "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { ones, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());
const leaf = (values: number[]): Tensor => tensor(values, { dtype: "float64", requiresGrad: true });

describe("modes", () => {
  test("nest, and end with their function even when it throws", () => {
    expect(noGrad(() => enableGrad(() => isGradEnabled()))).toBe(true);
    expect(() =>
      noGrad(() => {
        throw new RangeError("inside");
      }),
    ).toThrow("inside");
    expect(isGradEnabled()).toBe(true);
  });

  test("last until an asynchronous function settles", async () => {
    const states: boolean[] = [];
    await noGrad(async () => {
      await Promise.resolve();
      states.push(isGradEnabled());
    });
    states.push(isGradEnabled());
    expect(states).toEqual([false, true]);
  });

  test("that overlap are refused", async () => {
    let finishFirst = (): void => {};
    const first = noGrad(() => new Promise<void>((resolve) => (finishFirst = resolve)));
    const second = noGrad(async () => {
      await first;
    });
    finishFirst();
    await expect(Promise.all([first, second])).rejects.toThrow("Asynchronous modes overlap");
    expect(isGradEnabled()).toBe(true);
  });

  test("setGradEnabled() without a function lasts to the end of the enclosing mode", () => {
    const states = enableGrad(() => {
      setGradEnabled(false);
      const off = isGradEnabled();
      return [off, leaf([1]).mul(2).requiresGrad];
    });
    expect(states).toEqual([false, false]);
    expect(isGradEnabled()).toBe(true);
    expect(setGradEnabled(false, () => isGradEnabled())).toBe(false);
  });

  test("inferenceMode() records nothing, whatever is inside", () => {
    const x = leaf([1, 2]);
    const y = inferenceMode(() => {
      expect(isInferenceModeEnabled()).toBe(true);
      return enableGrad(() => x.mul(2));
    });
    expect(y.requiresGrad).toBe(false);
    expect(isInferenceModeEnabled()).toBe(false);
  });

  test("an inference tensor's refusals say what to do", () => {
    const y = inferenceMode(() => ones([2], { dtype: "float64" }));
    expect(() => y.add_(1)).toThrow(
      /add: Cannot write in place outside inferenceMode: expected a normal tensor, received one made in inference mode[\s\S]*Hint: write to a clone\(\)/,
    );
    expect(() => leaf([1, 2]).mul(y)).toThrow(
      /Cannot save an inference tensor for backward: expected a normal tensor, received \[2\] made in inferenceMode/,
    );
    expect(() => y.requiresGrad_()).toThrow(
      "requiresGrad_: Cannot require a gradient of an inference tensor: expected a normal tensor",
    );
  });
});

describe("detectAnomaly()", () => {
  test("names the forward call behind a NaN", () => {
    const failing = (): void =>
      detectAnomaly(() => {
        const x = leaf([-1, 4]);
        x.sqrt().sum().backward();
      });
    expect(failing).toThrow(
      /SqrtBackward: Gradient is NaN: expected numbers, received NaN in output 0/,
    );
    expect(failing).toThrow(/Forward call that made SqrtBackward:[\s\S]*modes\.test\.ts/);
  });

  test("lets NaN pass where it is told to", () => {
    const x = leaf([-1, 4]);
    detectAnomaly(() => x.sqrt().sum().backward(), { checkNan: false });
    expect(x.grad?.tolistSync()).toEqual([Number.NaN, 0.25]);
  });

  test("adds the forward call to an error in backward", () => {
    class Broken extends AutogradFunction {
      static forward(_: FunctionContext, x: Tensor): Tensor {
        return x.mul(1);
      }
      static backward(): Tensor {
        throw new RangeError("no derivative is known");
      }
    }
    expect(() =>
      detectAnomaly(() =>
        Broken.apply(leaf([1]))
          .sum()
          .backward(),
      ),
    ).toThrow(
      /no derivative is known[\s\S]*Forward call that made BrokenBackward:[\s\S]*modes\.test\.ts/,
    );
    const y = Broken.apply(leaf([1])).sum();
    expect(() => detectAnomaly(() => y.backward())).toThrow(
      "No forward call is known for BrokenBackward: run forward inside detectAnomaly() as well",
    );
  });
});
