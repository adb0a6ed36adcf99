// Bernoulli draws by blocks against those of the host, and what they leave in the generator.
import { Generator } from "@tead/tensor";
import { expect, it } from "vitest";
import { fillBernoulli } from "../../../tensor/src/random/bernoulli.ts";
import { bernoulliBlocks } from "../../src/wasm/random.ts";
import { describeBuilds } from "./support.ts";

/** Draws `before` words, then `count` bytes; the bytes and the state after them. */
function drawn(seed: number, before: number, count: number, p: number, blocks?: boolean) {
  const generator = new Generator().manualSeed(seed);
  for (let i = 0; i < before; i++) generator.random();
  const bytes = new Uint8Array(count);
  fillBernoulli(bytes, generator, p, blocks ? bernoulliBlocks : undefined);
  return { bytes, state: generator.getState() };
}

/** The number in [0, 1) that draws `before` and `before + 1` make. */
function numberAt(seed: number, before: number): number {
  const generator = new Generator().manualSeed(seed);
  for (let i = 0; i < before; i++) generator.random();
  return ((generator.random() & 0x1fffff) * 2 ** 32 + generator.random()) * 2 ** -53;
}

describeBuilds("Bernoulli draws by blocks", () => {
  for (const before of [0, 1, 2, 311, 622, 623, 624, 625])
    it(`are the host's after ${before} other draws`, () => {
      for (const count of [0, 1, 311, 312, 313, 624, 1000, 64 * 312 + 5, 70 * 312])
        for (const p of [0.9, 0.25])
          expect(drawn(3, before, count, p, true)).toEqual(drawn(3, before, count, p));
    });

  it("are all 0 for p = 0 and all 1 for p = 1", () => {
    expect(drawn(1, 0, 3120, 0, true).bytes.every((byte) => byte === 0)).toBe(true);
    expect(drawn(1, 0, 3120, 1, true).bytes.every((byte) => byte === 1)).toBe(true);
  });

  it.each([0, 1])("compare all 53 bits, after %i other draws", (before) => {
    for (const place of [0, 5, 500, 1300]) {
      const u = numberAt(7, before + 2 * place);
      for (const blocks of [true, false]) {
        expect(drawn(7, before, 2000, u, blocks).bytes[place]).toBe(0);
        expect(drawn(7, before, 2000, u + 2 ** -53, blocks).bytes[place]).toBe(1);
      }
    }
  });
});
