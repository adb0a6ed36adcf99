import "../cpu.ts";
import { Generator, manualSeed, ShapeError, tensor } from "@tead/tensor";
import { CenterCrop, RandomCrop } from "@tead/transforms";
import type { Padding, PaddingMode } from "@tead/transforms/image";
import { describe, expect, it } from "vitest";
import { noiseImage } from "../fixture-images.ts";
import { casesOf, expectSame } from "../pipeline-fixture.ts";

describe("CenterCrop", () => {
  it("crops and pads images and tensors as torchvision does", () => {
    for (const expected of casesOf("CenterCrop")) {
      expectSame(expected, new CenterCrop(expected.size));
    }
  });

  it("refuses sizes that are not positive, and inputs that are no picture", () => {
    expect(() => new CenterCrop(0)).toThrow(
      "CenterCrop: Cannot use size=0: expected positive integers",
    );
    expect(() => new CenterCrop([2, 1.5])).toThrow("CenterCrop: Cannot use size=[2, 1.5]");
    expect(() => new CenterCrop(2).forward("cat" as never)).toThrow(
      "CenterCrop: Cannot transform this input: expected an Image or a Tensor",
    );
    expect(() => new CenterCrop(2).forward(tensor([1]))).toThrow(
      "CenterCrop: Cannot transform a tensor of shape [1]: expected [..., H, W]",
    );
  });
});

describe("RandomCrop", () => {
  it("crops where torchvision does for the same seed, with every kind of border", () => {
    for (const expected of casesOf("RandomCrop")) {
      expectSame(expected, new RandomCrop(expected.size, expected.options));
    }
  });

  it("draws from its own generator if it has one", () => {
    const image = noiseImage(1, 30, 30);
    const crops = [1, 2].map((seed) => {
      manualSeed(seed);
      const generator = new Generator().manualSeed(5);
      return new RandomCrop(9, { generator }).forward(image);
    });
    expect(crops[0]).toEqual(crops[1]);
  });

  it("pads a tensor with one value a channel", async () => {
    const x = tensor([[[1]], [[2]]], { dtype: "float32" });
    const crop = new RandomCrop([1, 3], { padding: [1, 0], fill: [8, 9] });
    expect(await crop.forward(x).tolist()).toEqual([[[8, 1, 8]], [[9, 2, 9]]]);
  });

  it("refuses inputs smaller than the crop, and says what to do", () => {
    const crop = (): unknown => new RandomCrop([5, 4]).forward(noiseImage(0, 4, 4));
    expect(crop).toThrow(ShapeError);
    expect(crop).toThrow(
      "RandomCrop: Cannot crop 5 x 4 out of 4 x 4: expected a size that fits\nHint: pass { padIfNeeded: true }",
    );
  });

  it("refuses paddings and modes that make no sense, at once", () => {
    expect(() => new RandomCrop(2, { padding: [1, 2, 3] as unknown as Padding })).toThrow(
      "RandomCrop: Cannot pad by 3 numbers: expected 1, 2 or 4",
    );
    expect(() => new RandomCrop(2, { paddingMode: "wrap" as PaddingMode })).toThrow(
      'RandomCrop: Cannot use padding mode "wrap"',
    );
  });
});
