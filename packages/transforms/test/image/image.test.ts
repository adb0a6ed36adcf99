import { inspect } from "node:util";
import { Image } from "@tead/transforms/image";
import { describe, expect, it } from "vitest";

describe("Image", () => {
  it("reads samples by row, column and channel", () => {
    const image = new Image(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), 2, 2, 3);
    expect(image.at(1, 0, 2)).toBe(8);
    expect(image.at(0, 1)).toBe(3);
  });

  it("says its size when printed, not its samples", () => {
    const image = new Image(new Uint8Array(12), 2, 2, 3);
    expect(String(image)).toBe("Image(2 x 2, 3 channels)");
    expect(inspect(image)).toBe("Image(2 x 2, 3 channels)");
    expect(String(new Image(new Uint8Array(4), 2, 2))).toBe("Image(2 x 2, 1 channel)");
  });

  it("clones without sharing samples", () => {
    const image = new Image(Uint8Array.of(1), 1, 1);
    image.clone().data[0] = 9;
    expect(image.at(0, 0)).toBe(1);
  });

  it("refuses sizes that do not fit the samples", () => {
    expect(() => new Image(new Uint8Array(5), 2, 3)).toThrow(
      "Image: Cannot wrap data: expected 6 samples (2 x 3 x 1), received 5",
    );
    expect(() => new Image(new Uint8Array(0), 0, 3)).toThrow(
      "Image: Cannot use height=0: expected a positive integer",
    );
    expect(() => new Image(new Uint8Array(0), 2, 1.5)).toThrow("Image: Cannot use width=1.5");
    expect(() => new Image(new Uint8Array(5), 1, 1, 5 as 4)).toThrow(
      "Image: Cannot use channels=5: expected 1, 2, 3 or 4",
    );
    expect(() => new Image([1] as unknown as Uint8Array, 1, 1)).toThrow("expected a Uint8Array");
  });

  it("refuses a position outside of the image", () => {
    const image = new Image(new Uint8Array(4), 2, 2);
    for (const [y, x, c] of [
      [2, 0, 0],
      [0, -1, 0],
      [0, 0, 1],
    ] as const) {
      expect(() => image.at(y, x, c)).toThrow(
        `Image.at: Cannot read (${y}, ${x}, ${c}) of an image of 2 x 2 x 1`,
      );
    }
  });
});
