import "../cpu.ts";
import { Generator } from "@tead/tensor";
import { RandomHorizontalFlip } from "@tead/transforms";
import { Image } from "@tead/transforms/image";
import { describe, expect, it } from "vitest";
import { casesOf, expectSame } from "../pipeline-fixture.ts";

describe("RandomHorizontalFlip", () => {
  it("flips when torchvision does for the same seed", () => {
    for (const expected of casesOf("RandomHorizontalFlip")) {
      expectSame(expected, new RandomHorizontalFlip(expected.size));
    }
  });

  it("draws from its own generator if it has one", () => {
    const image = new Image(Uint8Array.of(1, 2), 1, 2);
    const flips = (): number[] => {
      const generator = new Generator().manualSeed(1);
      const flip = new RandomHorizontalFlip(0.5, { generator });
      return Array.from({ length: 20 }, () => flip.forward(image).at(0, 0));
    };
    expect(flips()).toEqual(flips());
    expect(new Set(flips())).toEqual(new Set([1, 2]));
  });

  it("refuses what is no probability, and inputs that are no picture", () => {
    for (const p of [-0.1, 1.1, Number.NaN]) {
      expect(() => new RandomHorizontalFlip(p)).toThrow(
        `RandomHorizontalFlip: Cannot use p=${p}: expected 0 to 1`,
      );
    }
    expect(() => new RandomHorizontalFlip().forward(1 as never)).toThrow(
      "RandomHorizontalFlip: Cannot transform this input: expected an Image or a Tensor",
    );
  });
});
