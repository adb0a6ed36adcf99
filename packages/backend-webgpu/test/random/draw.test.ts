import "@tead/autograd";
import { createHash } from "node:crypto";
import { cpu } from "@tead/backend-cpu";
import { type WebGpuBackend, webgpu } from "@tead/backend-webgpu";
import { runConformance } from "@tead/conformance";
import {
  bernoulli,
  dropout,
  full,
  Generator,
  manualSeed,
  ones,
  rand,
  randint,
  randn,
  zeros,
} from "@tead/tensor";
import { beforeAll, expect, it } from "vitest";
import { requestDevice } from "../../src/adapter.ts";
import { Gpu } from "../../src/gpu/gpu.ts";
import { drawOn } from "../../src/random/draw.ts";
import { describeGpu } from "../device.ts";
import { normalsOf, philox, uniformOf, wordsOf } from "./twin.ts";

// The known answers that come with the authors' Random123 library (kat_vectors, philox4x32 10).
it.each([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
])("the twin gives the known answer for counter %j and key %j", (counter, key, words) => {
  expect(philox(counter, key)).toEqual(words);
});

/** The two draws of a generator that name a stream. */
function keyOf(seed: number): [number, number] {
  const generator = new Generator().manualSeed(seed);
  return [generator.random(), generator.random()];
}

describeGpu("philox", () => {
  let device: WebGpuBackend;
  beforeAll(async () => {
    device = await webgpu({ generator: "philox" });
  });

  it("is what the device says that it draws", async () => {
    expect(device.capabilities.generator).toBe("philox");
    const report = await runConformance({
      create: () => device,
      ops: ["backend"],
      checks: ["random stream", "contract"],
    });
    expect(report.results.map(({ status }) => status)).toEqual(["passed", "passed"]);
  });

  it("uniform numbers are Philox's words, bit by bit", async () => {
    const x = rand([3, 7], { device, generator: new Generator().manualSeed(5) });
    const expected = wordsOf(21, keyOf(5)).map(uniformOf);
    expect(Array.from((await x.data()) as Float32Array)).toEqual(expected);
  });

  it("a range is applied as float32 does, with two roundings", async () => {
    const x = zeros([64], { device }).uniform_(-0.3, 1.7, {
      generator: new Generator().manualSeed(6),
    });
    const [from, to] = [Math.fround(-0.3), Math.fround(1.7)];
    const length = Math.fround(to - from);
    const expected = wordsOf(64, keyOf(6)).map((word) =>
      Math.fround(Math.fround(uniformOf(word) * length) + from),
    );
    expect(Array.from((await x.data()) as Float32Array)).toEqual(expected);
  });

  it("normal numbers are those of the textbook to 2^-22, from the smallest word to the largest", async () => {
    const count = 4096;
    const x = randn([count], { device, generator: new Generator().manualSeed(8) });
    const words = wordsOf(count, keyOf(8));
    const got = (await x.data()) as Float32Array;
    for (let i = 0; i < count; i += 2) {
      const wanted = normalsOf(words[i] as number, words[i + 1] as number);
      expect(Math.abs((got[i] as number) - wanted[0])).toBeLessThan(2 ** -22);
      expect(Math.abs((got[i + 1] as number) - wanted[1])).toBeLessThan(2 ** -22);
    }
    const mean = got.reduce((sum, value) => sum + value / count, 0);
    const variance = got.reduce((sum, value) => sum + (value - mean) ** 2 / count, 0);
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
  });

  it("every adapter draws the same bits", async () => {
    const x = randn([10_000], { device, generator: new Generator().manualSeed(1) });
    const digest = createHash("sha256").update((await x.data()) as Float32Array);
    expect(digest.digest("hex")).toBe(
      "f82ef2b8c657e37a462984daba6c4f0d418cbbba4ef18a8aea8be6506e182827",
    );
  });

  it("writes its view and nothing else", async () => {
    const raw = await requestDevice({});
    const gpu = new Gpu(raw, { memoryLimit: 2 ** 20 });
    const buffer = gpu.allocate("float32", 12);
    gpu.transfer.write(buffer, 0, new Float32Array(12).fill(9));
    const view = { buffer, dtype: "float32", shape: [6], strides: [1], offset: 3 } as const;
    drawOn(gpu, view, { kind: "uniform", from: 0, to: 1 }, keyOf(2));
    const expected = wordsOf(6, keyOf(2)).map(uniformOf);
    const read = await gpu.transfer.read(buffer, 0, 12);
    expect(Array.from(read as Float32Array)).toEqual([9, 9, 9, ...expected, 9, 9, 9]);
    gpu.destroy();
    raw.destroy();
  });

  it("masks drop the words below the probability; what is kept is scaled", async () => {
    manualSeed(3);
    const mask = ((await dropout(ones([1000], { device }), 0.25).data()) as Float32Array).slice();
    const kept = wordsOf(1000, keyOf(3)).map((word) =>
      uniformOf(word) < 0.75 ? Math.fround(4 / 3) : 0,
    );
    expect(Array.from(mask)).toEqual(kept);
    manualSeed(3);
    const each = bernoulli(full([1000], 0.75, { device }));
    expect(Array.from((await each.data()) as Float32Array)).toEqual(
      kept.map((value) => Number(value > 0)),
    );
  });

  it("fills what is strided, and other dtypes", async () => {
    manualSeed(4);
    const x = zeros([4, 6], { device });
    x.t().uniform_();
    expect(await x.gt(0).sum().item()).toBe(24);
    const bools = zeros([50], { device, dtype: "bool" }).bernoulli_(0.5);
    const ones = Number(await bools.sum().item());
    expect(ones).toBeGreaterThan(10);
    expect(ones).toBeLessThan(40);
  });

  it("a state that is set back repeats the draws", async () => {
    const generator = new Generator().manualSeed(9);
    const state = generator.getState();
    const first = await rand([8], { device, generator }).tolist();
    const second = await rand([8], { device, generator }).tolist();
    generator.setState(state);
    expect(await rand([8], { device, generator }).tolist()).toEqual(first);
    expect(second).not.toEqual(first);
  });

  it("checks its arguments as the host does", () => {
    expect(() => zeros([4], { device }).uniform_(1, 0)).toThrow("uniform: Cannot draw float32");
    expect(() => zeros([4], { device }).normal_(0, -1)).toThrow("expected std >= 0, received -1");
    expect(() => zeros([4], { device }).bernoulli_(2)).toThrow("probabilities in [0, 1]");
  });

  it("leaves whole numbers and permutations to the host: they are the CPU's", async () => {
    const draw = (on: typeof device | ReturnType<typeof cpu>) =>
      randint(100, [20], { device: on, generator: new Generator().manualSeed(1) });
    expect(await draw(device).tolist()).toEqual(await draw(cpu()).tolist());
  });
});
