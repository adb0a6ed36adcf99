// The optimizers' updates against torch.optim, fused and decomposed, and what they refuse.
import { cpu } from "@tead/backend-cpu";
import * as tead from "@tead/tensor";
import { type Backend, ops, setDefaultDevice, type Tensor } from "@tead/tensor";
import { referenceKernels } from "@tead/tensor/kernel-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { argument, difference, type NeuralCase, neuralCases } from "./support/neural.ts";

const plain: Backend = { ...cpu(), name: "plain", kernels: referenceKernels() };

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

const defaults = { weightDecay: 0, momentum: 0, dampening: 0, nesterov: false, maximize: false };
type Options = Readonly<Record<string, number & boolean & readonly [number, number]>>;

function steps(c: NeuralCase, device: Backend, scattered: boolean): Tensor[] {
  const inputs = c.inputs.map((text) => argument(text, device) as Tensor);
  const [start, ...grads] = inputs as [Tensor, ...Tensor[]];
  // The same parameter as a window with gaps, which no dense kernel can take.
  const param = scattered ? start.newZeros([2, 6]).sliceDim(1, { step: 2 }).copy_(start) : start;
  const options = c.options as unknown as Options;
  const state = [0, 1, 2].map(() => param.zerosLike());
  return grads.map((grad, i) => {
    if (c.function === "sgd") {
      const attrs = { ...defaults, lr: 0, ...options, first: i === 0 };
      const buffers = attrs.momentum === 0 ? [] : state.slice(0, 1);
      tead.dispatch(ops.sgdUpdateOp, [[param], [grad], buffers], attrs);
    } else {
      const { betas: [beta1, beta2] = [0.9, 0.999], lr = 0, eps = 1e-8 } = options;
      const decoupled = c.function === "adamw";
      const { weightDecay = decoupled ? 0.01 : 0, maximize = false } = options;
      const attrs = { lr, eps, beta1, beta2, weightDecay, maximize, decoupled, step: i + 1 };
      const [average, square] = state as [Tensor, Tensor];
      const largest = options.amsgrad ? state.slice(2) : [];
      tead.dispatch(ops.adamUpdateOp, [[param], [grad], [average], [square], largest], attrs);
    }
    return param.clone();
  });
}

const devices = [
  ["the CPU's kernels", cpu()],
  ["the decompositions", plain],
] as const;
describe.each(devices)("on %s", (_, device) => {
  test.each(neuralCases("update"))("$name moves parameters as torch.optim does", (c) => {
    const tolerance = c.name.endsWith("float32") ? 1e-6 : 1e-12;
    for (const scattered of [false, true]) {
      const wrong = steps(c, device, scattered).map((p, i) =>
        difference(p, c.outputs[i] ?? null, tolerance),
      );
      expect(wrong).toEqual([undefined, undefined, undefined]);
    }
  });
});

test("an update raises the version of what it writes, and of nothing else", () => {
  const [param, grad, buffer] = [tead.ones([2]), tead.ones([2]), tead.zeros([2])];
  const attrs = { ...defaults, lr: 0.5, momentum: 0.9, first: true };
  tead.dispatch(ops.sgdUpdateOp, [[param], [grad], [buffer]], attrs);
  expect([param.version, grad.version, buffer.version]).toEqual([1, 0, 1]);
  expect(param.tolistSync()).toEqual([0.5, 0.5]);
});

test("an update refuses state of another shape or dtype", () => {
  const attrs = { ...defaults, lr: 0.5, first: true };
  const run =
    (...grads: Tensor[]) =>
    () =>
      tead.dispatch(ops.sgdUpdateOp, [[tead.ones([2])], grads, []], attrs);
  expect(run(tead.ones([3]))).toThrow(
    "sgdUpdate: Gradient or state does not fit: expected shape [2], received [3]",
  );
  expect(run(tead.ones([2], { dtype: "float64" }))).toThrow("Operands have several dtypes");
  expect(run(tead.ones([2]), tead.ones([2]))).toThrow(
    "sgdUpdate: Gradients or state are not those of the parameters: expected 1 tensors, received 2",
  );
});
