// Bernoulli draws by blocks, which dropout takes, against those of the host, and what they leave in the generator.
import { dropout, empty, Generator, ones } from "@tead/tensor";
import { expect, it } from "vitest";
import { cpu } from "../../src/index.ts";
import { bernoulliBlocks } from "../../src/wasm/random.ts";
import { describeBuilds } from "./support.ts";

const device = cpu();

/** A generator that has drawn `before` words. */
function generatorAt(seed: number, before: number): Generator {
  const generator = new Generator().manualSeed(seed);
  for (let i = 0; i < before; i++) generator.random();
  return generator;
}

/** Which elements stay with probability p, and the generator's state after them. */
function kept(seed: number, before: number, count: number, p: number) {
  const generator = generatorAt(seed, before);
  const y = dropout(ones([count], { device }), 1 - p, { generator });
  return {
    bytes: Array.from(y.dataSync() as Float32Array, (x) => Number(x !== 0)),
    state: generator.getState(),
  };
}

/** The same by the host's draws alone. */
function drawn(seed: number, before: number, count: number, p: number) {
  const generator = generatorAt(seed, before);
  const y = empty([count], { device }).bernoulli_(p, { generator });
  return { bytes: y.dataSync(), state: generator.getState() };
}

/** The number in [0, 1) that the draws after `before` make. */
function numberAt(seed: number, before: number): number {
  const generator = generatorAt(seed, before);
  return ((generator.random() & 0x1fffff) * 2 ** 32 + generator.random()) * 2 ** -53;
}

describeBuilds("Bernoulli draws by blocks", () => {
  for (const before of [0, 1, 2, 311, 622, 623, 624, 625])
    it(`are the host's after ${before} other draws`, () => {
      for (const count of [1, 312, 313, 1000, 66 * 312]) {
        const [ours, hosts] = [kept(3, before, count, 0.75), drawn(3, before, count, 0.75)];
        expect(ours.bytes.join("")).toBe(hosts.bytes.join(""));
        expect(ours.state.join()).toBe(hosts.state.join());
      }
    });

  it.each([0, 1])("compare all 53 bits, after %i other draws", (before) => {
    for (const place of [0, 5, 500, 1300]) {
      const u = numberAt(7, before + 2 * place);
      for (const draw of [kept, drawn]) {
        expect(draw(7, before, 2000, u).bytes[place]).toBe(0);
        expect(draw(7, before, 2000, u + 2 ** -53).bytes[place]).toBe(1);
      }
    }
  });

  it("are all 0 below 0 and all 1 below 2^53, and write nothing beside", () => {
    for (const [i, bound] of [0, 2 ** 53].entries()) {
      const words = Uint32Array.from({ length: 624 }, (_, k) => Math.imul(k + 1, 2654435761));
      const bytes = new Uint8Array(2 * 312 + 2).fill(7);
      expect(bernoulliBlocks(words, false, bytes, 1, 2, bound)).toBe(true);
      expect([...bytes]).toEqual([7, ...new Array<number>(624).fill(i), 7]);
    }
  });
});
