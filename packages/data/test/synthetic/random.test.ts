import { describe, expect, it } from "vitest";
import { DigitRandom } from "../../src/synthetic/random.ts";

describe("DigitRandom", () => {
  it("gives the same stream for the same three seeds and another for any other", () => {
    const draw = (...seeds: [number, number, number]): number[] => {
      const random = new DigitRandom(...seeds);
      return Array.from({ length: 4 }, () => random.uint32());
    };
    expect(draw(1, 2, 3)).toEqual(draw(1, 2, 3));
    const streams = [draw(1, 2, 3), draw(0, 2, 3), draw(1, 0, 3), draw(1, 2, 4)];
    expect(new Set(streams.map(String)).size).toBe(4);
  });

  it("draws uniform numbers within bounds and normal ones of mean 0 and variance 1", () => {
    const random = new DigitRandom(0, 0, 0);
    const count = 20_000;
    let [sum, squares] = [0, 0];
    for (let i = 0; i < count; i++) {
      const u = random.uniform(-1, 3);
      expect(u >= -1 && u < 3).toBe(true);
      const n = random.normal();
      sum += n;
      squares += n * n;
    }
    expect(Math.abs(sum / count)).toBeLessThan(0.03);
    expect(Math.abs(squares / count - 1)).toBeLessThan(0.05);
  });

  it("permutes without losing a number", () => {
    const order = new DigitRandom(5, 0, 0).permutation(10);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
    expect([...order].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
