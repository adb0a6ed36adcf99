import { type Channels, convertChannels } from "@tead/transforms/image";
import { describe, expect, it } from "vitest";
import {
  describeLike,
  type Expected,
  inputOf,
  noiseImage,
  readFixture,
} from "../fixture-images.ts";

const fixture = readFixture<{ convert: (Expected & { channels: Channels })[] }>("image.json");

describe("convertChannels()", () => {
  it("gives Pillow's bytes between all modes", () => {
    expect(fixture.convert).toHaveLength(16);
    for (const expected of fixture.convert) {
      const result = convertChannels(inputOf(expected), expected.channels);
      expect(describeLike(expected, result)).toEqual(expected);
    }
  });

  it("refuses a number of channels that no mode has", () => {
    expect(() => convertChannels(noiseImage(0, 1, 1), 5 as 4)).toThrow(
      "convertChannels: Cannot use channels=5: expected 1, 2, 3 or 4",
    );
  });
});
