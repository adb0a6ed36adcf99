import { resize } from "@tead/transforms/image";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  describeLike,
  type Expected,
  inputOf,
  noiseImage,
  readFixture,
} from "../fixture-images.ts";

const fixture = readFixture<{ resize: Expected[] }>("image.json");

describe("resize()", () => {
  it.each([1, 2, 3, 4])("gives Pillow's bytes for images of %i channels", (channels) => {
    const cases = fixture.resize.filter(({ input }) => input[2] === channels);
    expect(cases.length).toBeGreaterThan(50);
    for (const expected of cases) {
      const result = resize(inputOf(expected), expected.height, expected.width);
      expect(describeLike(expected, result)).toEqual(expected);
    }
  });

  it("keeps a constant image constant at any size", () => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(size, size, size, size, fc.integer({ min: 0, max: 255 }), (h, w, oh, ow, v) => {
        const image = noiseImage(0, h, w);
        image.data.fill(v);
        expect(resize(image, oh, ow).data.every((sample) => sample === v)).toBe(true);
      }),
    );
  });

  it("returns a copy when the size stays", () => {
    const image = noiseImage(1, 3, 3);
    const same = resize(image, 3, 3);
    expect(same.data).toEqual(image.data);
    expect(same.data).not.toBe(image.data);
  });

  it("refuses sizes that are not positive integers", () => {
    for (const [h, w] of [
      [0, 2],
      [2, 1.5],
      [Number.NaN, 1],
    ] as const) {
      expect(() => resize(noiseImage(0, 2, 2), h, w)).toThrow(
        `resize: Cannot resize to ${h} x ${w}: expected positive integers`,
      );
    }
  });
});
