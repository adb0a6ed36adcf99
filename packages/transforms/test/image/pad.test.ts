import { type Padding, type PaddingMode, type PadOptions, pad } from "@tead/transforms/image";
import { describe, expect, it } from "vitest";
import {
  describeLike,
  type Expected,
  inputOf,
  noiseImage,
  readFixture,
} from "../fixture-images.ts";

type PadCase = Expected & {
  readonly padding: Padding;
  readonly mode: PaddingMode;
  readonly fill: NonNullable<PadOptions["fill"]>;
};
const fixture = readFixture<{ pad: PadCase[] }>("image.json");

describe("pad()", () => {
  it("gives torchvision's pixels in all four modes", () => {
    expect(fixture.pad.length).toBeGreaterThan(40);
    for (const expected of fixture.pad) {
      const { padding, mode, fill } = expected;
      const result = pad(inputOf(expected), padding, { mode, fill });
      expect(describeLike(expected, result)).toEqual(expected);
    }
  });

  it("refuses paddings, fills and modes that make no sense", () => {
    const image = noiseImage(0, 2, 2, 3);
    expect(() => pad(image, -1)).toThrow("pad: Cannot pad by [-1]: expected integers, 0 or more");
    expect(() => pad(image, [1, 2, 3] as unknown as Padding)).toThrow(
      "pad: Cannot pad by 3 numbers: expected 1, 2 or 4",
    );
    expect(() => pad(image, 1, { fill: [1, 2] })).toThrow(
      "pad: Cannot fill 3 channels with 2 values: expected 1 or 3",
    );
    expect(() => pad(image, 1, { fill: 300 })).toThrow(
      "pad: Cannot fill with [300]: expected integers from 0 to 255",
    );
    expect(() => pad(image, 1, { mode: "wrap" as PaddingMode })).toThrow(
      'pad: Cannot use padding mode "wrap": expected constant, edge, reflect, symmetric',
    );
  });
});
