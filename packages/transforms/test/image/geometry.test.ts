import { crop, hflip, vflip } from "@tead/transforms/image";
import { describe, expect, it } from "vitest";
import {
  describeLike,
  type Expected,
  inputOf,
  noiseImage,
  readFixture,
} from "../fixture-images.ts";

type CropCase = Expected & { readonly box: [number, number, number, number] };
const fixture = readFixture<{ crop: CropCase[]; hflip: Expected; vflip: Expected }>("image.json");

describe("crop()", () => {
  it("gives torchvision's pixels, zero outside of the image", () => {
    for (const expected of fixture.crop) {
      const result = crop(inputOf(expected), ...expected.box);
      expect(describeLike(expected, result)).toEqual(expected);
    }
  });

  it("refuses fractional offsets and empty sizes", () => {
    const image = noiseImage(0, 2, 2);
    expect(() => crop(image, 0.5, 0, 1, 1)).toThrow(
      "crop: Cannot crop at (0.5, 0): expected integers",
    );
    expect(() => crop(image, 0, 0, 0, 1)).toThrow(
      "crop: Cannot crop to 0 x 1: expected positive integers",
    );
  });
});

describe("hflip() and vflip()", () => {
  it("give torchvision's pixels", () => {
    expect(describeLike(fixture.hflip, hflip(inputOf(fixture.hflip)))).toEqual(fixture.hflip);
    expect(describeLike(fixture.vflip, vflip(inputOf(fixture.vflip)))).toEqual(fixture.vflip);
  });

  it("give the image back when applied twice", () => {
    const image = noiseImage(5, 3, 4, 3);
    expect(hflip(hflip(image)).data).toEqual(image.data);
    expect(vflip(vflip(image)).data).toEqual(image.data);
  });
});
