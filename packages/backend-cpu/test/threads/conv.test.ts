// Convolutions on one, two and four threads: the same bits, whichever method computes them.
import { afterAll, expect, it } from "vitest";
import { setNumThreads, threadsStarted } from "../../src/threads/threads.ts";
import type { ConvSizes } from "../../src/twins/conv-columns.ts";
import { convF32, convGradInputF32, convGradWeightF32 } from "../../src/wasm/conv.ts";
import { describeBuilds, uniform } from "../wasm/support.ts";

const plain = { groups: 1, stride: [1, 1, 1], padding: [0, 1, 1], dilation: [1, 1, 1] } as const;
const cases: Readonly<Record<string, ConvSizes>> = {
  "Winograd, by tiles": {
    ...{ ...plain, batch: 3, inChannels: 20, outChannels: 24, kernel: [1, 3, 3] },
    ...{ input: [1, 50, 50], output: [1, 50, 50] },
  },
  "Winograd, by channels": {
    ...{ ...plain, batch: 2, inChannels: 180, outChannels: 170, kernel: [1, 3, 3] },
    ...{ input: [1, 7, 7], output: [1, 7, 7] },
  },
  "products of matrices": {
    ...{ ...plain, batch: 3, inChannels: 40, outChannels: 50, kernel: [1, 3, 3] },
    ...{ input: [1, 40, 41], output: [1, 20, 21], stride: [1, 2, 2] },
  },
  depthwise: {
    ...{ ...plain, batch: 3, inChannels: 64, outChannels: 64, groups: 64, kernel: [1, 3, 3] },
    ...{ input: [1, 60, 60], output: [1, 60, 60] },
  },
  "three dims": {
    ...{ ...plain, batch: 2, inChannels: 12, outChannels: 16, kernel: [3, 3, 3] },
    ...{ input: [9, 20, 20], output: [7, 20, 20] },
  },
};
const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

describeBuilds("convolution on threads", () => {
  afterAll(() => setNumThreads(1));

  it("gives the same bits with 1, 2 and 4 threads", async () => {
    const results: Record<string, Float32Array[]>[] = [];
    for (const threads of [1, 2, 4]) {
      setNumThreads(threads);
      expect(await threadsStarted()).toBe(threads);
      const run = (s: ConvSizes): Float32Array[] => {
        const input = uniform(s.batch * s.inChannels * product(s.input), 1);
        const weight = uniform(((s.outChannels * s.inChannels) / s.groups) * product(s.kernel), 2);
        const gradOut = uniform(s.batch * s.outChannels * product(s.output), 3);
        const bias = uniform(s.outChannels, 4);
        const [out, gradInput] = [new Float32Array(gradOut.length), new Float32Array(input.length)];
        const gradWeight = new Float32Array(weight.length);
        convF32(out, input, weight, bias, s);
        convGradInputF32(gradInput, gradOut, weight, s);
        convGradWeightF32(gradWeight, input, gradOut, s);
        return [out, gradInput, gradWeight];
      };
      results.push(Object.fromEntries(Object.entries(cases).map(([name, s]) => [name, run(s)])));
    }
    const [first, ...others] = results;
    for (const other of others)
      for (const [name, arrays] of Object.entries(first ?? {}))
        arrays.forEach((array, i) => {
          const bytes = (a: Float32Array | undefined) => Buffer.from(a?.buffer as ArrayBuffer);
          expect(Buffer.compare(bytes(array), bytes(other[name]?.[i])), `${name} ${i}`).toBe(0);
        });
  }, 30_000);
});
