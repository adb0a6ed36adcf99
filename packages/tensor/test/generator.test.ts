// The generator against states and draws that PyTorch recorded.
import { readFileSync } from "node:fs";
import { crc32, inflateSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { Generator } from "../src/generator.ts";
import { fillNormal, randomOrder } from "../src/random/index.ts";

interface Fixture {
  readonly states: readonly {
    readonly seed: string | null;
    readonly initialSeed: string;
    readonly steps: readonly { readonly step: string; readonly crc32: number }[];
  }[];
  readonly spare: { readonly base64: string; readonly normal: number[]; readonly next: number };
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL("./fixtures/generator-state.json", import.meta.url), "utf8"),
);

const seeded = (seed: string | null): Generator =>
  seed === null ? new Generator() : new Generator().manualSeed(BigInt(seed));

const steps: Record<string, (generator: Generator) => unknown> = {
  none: () => undefined,
  normal3: (generator) => fillNormal(new Float32Array(3), generator),
  draw700: (generator) => randomOrder(701, generator),
  draw542: (generator) => randomOrder(543, generator),
};

describe("Generator", () => {
  it.each(fixture.states)("has PyTorch's seed and state bytes for seed $seed", (entry) => {
    const generator = seeded(entry.seed);
    expect(BigInt(generator.initialSeed())).toBe(BigInt(entry.initialSeed));
    for (const { step, crc32: expected } of entry.steps) {
      steps[step]!(generator);
      expect(crc32(generator.getState()), step).toBe(expected);
    }
  });

  it("reads a state of PyTorch that carries both spare normal samples", () => {
    const state = new Uint8Array(inflateSync(Buffer.from(fixture.spare.base64, "base64")));
    const generator = new Generator();
    generator.setState(state);
    expect(generator.nextFloatNormalSample).toBe(0.75);
    expect(generator.getState()).toEqual(state);
    const normals = new Float64Array(2);
    fillNormal(normals, generator);
    expect(normals[0]).toBe(fixture.spare.normal[0]);
    expect(normals[1]).toBeCloseTo(fixture.spare.normal[1]!, 14);
    expect(generator.random()).toBe(fixture.spare.next);
  });

  it("reads a state at an odd byte offset", () => {
    const source = new Generator().manualSeed(3);
    const padded = new Uint8Array(5057);
    padded.set(source.getState(), 1);
    const generator = new Generator();
    generator.setState(padded.subarray(1));
    expect(generator.random()).toBe(source.random());
  });

  it("forgets spare normal samples when it is seeded", () => {
    const generator = new Generator();
    fillNormal(new Float32Array(1), generator);
    expect(generator.nextDoubleNormalSample).toBeDefined();
    generator.manualSeed(0);
    expect(generator.getState()).toEqual(new Generator().manualSeed(0).getState());
  });

  it("clones into an independent copy", () => {
    const generator = new Generator().manualSeed(5);
    fillNormal(new Float32Array(1), generator);
    const copy = generator.clone();
    expect(copy.getState()).toEqual(generator.getState());
    const next = copy.random();
    expect(copy.getState()).not.toEqual(generator.getState());
    expect(generator.random()).toBe(next);
  });

  it("puts the first draw of random64() into the high half", () => {
    const generator = new Generator().manualSeed(5);
    const copy = generator.clone();
    const [high, low] = [copy.random(), copy.random()];
    expect(generator.random64()).toBe(BigInt(high) * 2n ** 32n + BigInt(low));
  });

  it("seed() takes 53 bits from the platform and reports them", () => {
    const spy = vi.spyOn(globalThis.crypto, "getRandomValues").mockImplementation((words) => {
      (words as unknown as Uint32Array).set([0xffffffff, 7]);
      return words;
    });
    const generator = new Generator();
    expect(generator.seed()).toBe(0x1fffff * 2 ** 32 + 7);
    spy.mockRestore();
    expect(generator.initialSeed()).toBe(0x1fffff * 2 ** 32 + 7);
    expect(generator.random()).toBe(new Generator().manualSeed(7).random());
    expect(generator.seed()).not.toBe(generator.seed());
  });

  it.each([1.5, Number.NaN, 2 ** 53, 2n ** 64n, -(2n ** 63n) - 1n])(
    "refuses the seed %s",
    (seed) => {
      expect(() => new Generator().manualSeed(seed)).toThrow(
        `manualSeed: Cannot seed the generator: expected an integer in [-2^63, 2^64), received ${seed}`,
      );
    },
  );

  it("says how to write a large seed", () => {
    expect(() => new Generator().manualSeed(2 ** 60)).toThrow(
      "Hint: pass integers beyond 2^53 as a bigint",
    );
  });

  it("refuses bytes that are no state and stays as it was", () => {
    const generator = new Generator().manualSeed(1);
    const before = generator.getState();
    expect(() => generator.setState(new Uint8Array(10))).toThrow(
      "setState: Cannot restore the generator: expected 5056 bytes, received 10",
    );
    expect(() => generator.setState(new Uint8Array(5056))).toThrow(
      "setState: Cannot restore the generator: expected a seeded mt19937 state, " +
        "received seeded=false left=0 next=0",
    );
    const overrun = generator.getState();
    new DataView(overrun.buffer).setInt32(8, 600, true);
    new DataView(overrun.buffer).setUint32(16, 100, true);
    expect(() => generator.setState(overrun)).toThrow("received seeded=true left=600 next=100");
    expect(generator.getState()).toEqual(before);
  });
});
