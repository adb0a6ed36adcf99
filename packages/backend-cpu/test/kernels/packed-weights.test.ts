// Weights whose packed forms are kept: whatever changes a weight between two convolutions, the second sees it.
import { cpu } from "@tead/backend-cpu";
import * as t from "@tead/tensor";
import { dispatch, ops, scope, setDefaultDevice, type Tensor } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { updateKernels } from "../../src/kernels/update.ts";
import { setNumThreads, threadsStarted } from "../../src/threads/threads.ts";

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

interface Layer {
  readonly weight: readonly [number, number, number, number];
  readonly size: number;
  readonly stride: number;
}
const layers: Readonly<Record<string, Layer>> = {
  "Winograd, by tiles": { weight: [64, 64, 3, 3], size: 20, stride: 1 },
  "Winograd, by channels": { weight: [170, 180, 3, 3], size: 7, stride: 1 },
  "products of matrices": { weight: [50, 64, 3, 3], size: 25, stride: 2 },
};

const randn = (shape: readonly number[]): Tensor => t.randn([...shape]);
const bytesOf = (x: Tensor): Buffer => {
  const values = x.dataSync() as Float32Array;
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
};
const adam = {
  ...{ lr: 0.1, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 },
  ...{ decoupled: false, maximize: false, step: 1 },
};

/** The ways to change a weight. */
const changes: Readonly<Record<string, (w: Tensor) => void>> = {
  "add_()": (w) => w.add_(1),
  "mul_() by a tensor": (w) => w.mul_(randn(w.shape)),
  "relu_()": (w) => w.relu_(),
  "copy_(), as loadStateDict() does": (w) => w.copy_(randn(w.shape)),
  "copy_() of another dtype": (w) => w.copy_(randn(w.shape).to("float64")),
  "uniform_()": (w) => w.uniform_(),
  "zero_() of one channel": (w) => w.narrow(0, 1, 1).zero_(),
  "a write through a transposed view": (w) => w.permute(1, 0, 2, 3).narrow(0, 2, 1).add_(3),
  "a write through detach()": (w) => w.detach().add_(1),
  "a write through a reshaped view": (w) => w.view([-1]).narrow(0, 7, 5).fill_(9),
  "the backend's write()": (w) => cpu().write(w.buffer, 5, Float32Array.of(7, 8, 9)),
  "a step of SGD": (w) => {
    const attrs = { lr: 0.1, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false };
    const step = { ...attrs, maximize: false, first: true };
    dispatch(ops.sgdUpdateOp, [[w], [randn(w.shape)], []], step);
  },
  "a step of Adam": (w) => {
    const [m, v] = [t.zerosLike(w), t.zerosLike(w)];
    dispatch(ops.adamUpdateOp, [[w], [randn(w.shape)], [m], [v], []], adam);
  },
};

describe.each([1, 2])("on %i threads", (threads) => {
  beforeAll(async () => {
    setNumThreads(threads);
    expect(await threadsStarted()).toBe(threads);
  });
  afterAll(() => setNumThreads(1));

  describe.each(Object.entries(layers))("%s", (_, { weight, size, stride }) => {
    const x = (): Tensor => randn([1, weight[1], size, size]);
    const options = { stride: [stride, stride], padding: [1, 1], dilation: [1, 1], groups: 1 };
    const conv = (input: Tensor, w: Tensor): Tensor =>
      dispatch(ops.convOp, [input, w, undefined], options);
    /** Convolves until the packed weight is kept. */
    const warmUp = (input: Tensor, w: Tensor): void => {
      for (let i = 0; i < 3; i++) conv(input, w);
    };

    test("all calls give the same bits, whether the weight is packed, kept or there", () => {
      const [input, w] = [x(), randn(weight)];
      const [first, ...others] = [1, 2, 3].map(() => bytesOf(conv(input, w)));
      for (const other of others) expect(Buffer.compare(first as Buffer, other)).toBe(0);
    });

    test("a weight that changes behind the backend's back is not seen: it is kept indeed", () => {
      const [input, w] = [x(), randn(weight)];
      warmUp(input, w);
      const before = bytesOf(conv(input, w));
      (w.buffer as Float32Array).fill(0);
      expect(Buffer.compare(bytesOf(conv(input, w)), before)).toBe(0);
    });

    // What is noticed does not depend on threads; that the right memory is packed anew does.
    const kinds = Object.entries(changes);
    test.each(threads === 1 ? kinds : kinds.slice(0, 1))("%s is seen", (_, change) => {
      const [input, w] = [x(), randn(weight)];
      warmUp(input, w);
      const before = bytesOf(conv(input, w));
      change(w);
      const after = bytesOf(conv(input, w));
      expect(Buffer.compare(after, before)).not.toBe(0);
      expect(Buffer.compare(after, bytesOf(conv(input, w.clone())))).toBe(0);
      warmUp(input, w);
      expect(Buffer.compare(after, bytesOf(conv(input, w)))).toBe(0);
    });

    test("another weight in the buffer of one that a scope freed is seen", () => {
      const input = x();
      const buffers = new Set<unknown>();
      for (let i = 0; i < 4; i++)
        scope(() => {
          const w = t.zeros([...weight]).add_(i);
          buffers.add(w.buffer);
          warmUp(input, w);
          const expected = conv(input, t.ones([...weight])).mul(i);
          const error = conv(input, w).sub(expected).abs().amax([0, 1, 2, 3]).itemSync();
          expect(error).toBeLessThan(2e-3 * i + 1e-9);
        });
      expect(buffers.size).toBeLessThan(4);
    });

    test("two windows on one buffer are kept apart", () => {
      const input = x();
      const both = randn([2 * weight[0], ...weight.slice(1)]);
      const windows = [both.narrow(0, 0, weight[0]), both.narrow(0, weight[0], weight[0])];
      for (const w of windows) warmUp(input, w);
      for (const w of windows)
        expect(Buffer.compare(bytesOf(conv(input, w)), bytesOf(conv(input, w.clone())))).toBe(0);
    });

    test("the input's gradient sees a changed weight too", () => {
      const w = randn(weight);
      const out = Math.floor((size - 1) / stride) + 1;
      const grad = randn([1, weight[0], out, out]);
      const attrs = { ...options, inputSize: [size, size] };
      const run = (kernel: Tensor): Buffer =>
        bytesOf(dispatch(ops.convGradInputOp, [grad, kernel], attrs));
      const before = [1, 2, 3].map(() => run(w))[2] as Buffer;
      expect(Buffer.compare(run(w.clone()), before)).toBe(0);
      w.add_(1);
      expect(Buffer.compare(run(w), run(w.clone()))).toBe(0);
    });
  });
});

test("a weight of few elements that packs to many is seen to change", () => {
  const [input, w] = [randn([1, 111, 20, 20]), randn([1, 111, 3, 3])];
  const conv = (): Buffer => bytesOf(t.conv2d(input, w));
  const before = [conv(), conv(), conv()][2] as Buffer;
  w.add_(1);
  expect(Buffer.compare(conv(), before)).not.toBe(0);
});

test("the kernels known to write their inputs are those of the ops that do", () => {
  const all = Object.values(ops).filter((op) => typeof op === "object" && "mutates" in op);
  const writing = all.filter(({ mutates }) => mutates.length > 0).map(({ name }) => name);
  expect(writing.length).toBeGreaterThan(0);
  for (const name of writing) expect(Object.keys(updateKernels)).toContain(name);
});
