// Convolution, pooling, normalization, losses, activations, dropout and embedding against PyTorch's
// numbers, on the CPU's kernels and on the decompositions alone.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { type Backend, makeArray, manualSeed, setDefaultDevice } from "@tead/tensor";
import { referenceKernels } from "@tead/tensor/kernel-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, difference, type NeuralCase, neuralCases, seed } from "./support/neural.ts";

/** The CPU with primitives only: everything else decomposes. */
const plain: Backend = { ...cpu(), name: "plain", kernels: referenceKernels() };
/** The CPU where new memory holds old numbers: what a kernel leaves unwritten shows. */
const dirty: Backend = {
  ...cpu(),
  name: "dirty",
  allocate: (dtype, count) => {
    const array = makeArray(dtype, count);
    new Uint8Array(array.buffer).fill(0x7b);
    return array;
  },
};

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

function replay(c: NeuralCase, device: Backend): string[] {
  manualSeed(7);
  const { outputs, leaves } = call(c, device);
  const single = c.outputs.some(({ tensor }) => tensor[0] === "float32");
  const wrong = outputs.map((output, i) => {
    const text = difference(output, c.outputs[i] ?? null, single ? 1e-6 : 1e-10);
    return text === undefined ? undefined : `output ${i}: ${text}`;
  });
  if (leaves.length > 0) {
    const root = outputs.find(({ requiresGrad }) => requiresGrad);
    root?.backward({ gradient: seed(root) });
    leaves.forEach((leaf, i) => {
      const text = difference(leaf.grad, c.grads[i] ?? null, 1e-8);
      if (text !== undefined) wrong.push(`gradient ${i}: ${text}`);
    });
  }
  return wrong.filter((text) => text !== undefined);
}

const families = ["conv", "pool", "norm", "loss", "activation", "embedding", "dropout"];
describe.each(families)("%s gives PyTorch's numbers", (family) => {
  const cases = neuralCases(family);
  test.each(cases)("$name, on the CPU's kernels", (c) => {
    expect(replay(c, cpu())).toEqual([]);
  });
  test.each(cases)("$name, on the CPU's kernels in recycled memory", (c) => {
    expect(replay(c, dirty)).toEqual([]);
  });
  test.each(cases)("$name, decomposed into primitives", (c) => {
    expect(replay(c, plain)).toEqual([]);
  });
});
