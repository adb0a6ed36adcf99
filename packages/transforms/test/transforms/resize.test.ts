import { Resize } from "@tead/transforms";
import { describe, expect, it } from "vitest";
import { noiseImage } from "../fixture-images.ts";
import { casesOf, expectSame } from "../pipeline-fixture.ts";

describe("Resize", () => {
  it("gives torchvision's sizes and pixels", () => {
    for (const expected of casesOf("Resize")) {
      expectSame(expected, new Resize(expected.size, expected.options));
    }
  });

  it("refuses sizes that make no sense", () => {
    expect(() => new Resize([3, 0])).toThrow(
      "Resize: Cannot use size=[3, 0]: expected positive integers",
    );
    expect(() => new Resize(8, { maxSize: 8 })).toThrow(
      "Resize: Cannot use maxSize=8 with size=8: expected one size and an integer above it",
    );
    expect(() => new Resize([4, 4], { maxSize: 8 })).toThrow(
      "Resize: Cannot use maxSize=8 with size=[4, 4]",
    );
  });

  it("refuses what is no image, and says where it belongs", () => {
    expect(() => new Resize(3).forward([] as never)).toThrow(
      "Resize: Cannot resize this input: expected an Image\nHint: put Resize before ToTensor",
    );
    expect(new Resize(3).forward(noiseImage(0, 3, 3)).width).toBe(3);
  });
});
