import { LabeledImages } from "@tead/data";
import { Image } from "@tead/transforms/image";
import { describe, expect, it } from "vitest";

const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
const parts = { data, targets: Uint8Array.of(1, 0), height: 1, width: 3, classes: ["a", "b"] };

describe("LabeledImages", () => {
  it("gives images and class indices without transforms", () => {
    const item: [Image, number] = new LabeledImages(parts).getItem(1);
    expect(item).toEqual([new Image(Uint8Array.of(4, 5, 6), 1, 3), 0]);
  });

  it("hands out copies, so that nobody can change the data set by an image", () => {
    const set = new LabeledImages(parts);
    set.image(0).data[0] = 99;
    expect(set.image(0).at(0, 0)).toBe(1);
  });

  it("refuses parts that do not fit each other", () => {
    expect(() => new LabeledImages({ ...parts, width: 4 })).toThrow(
      "LabeledImages: Cannot pair 2 labels with images of 1 x 4: expected 8 pixels, received 6",
    );
    expect(() => new LabeledImages({ ...parts, classes: ["a"] })).toThrow(
      "LabeledImages: Cannot use label 1 of sample 0: expected an index below 1",
    );
  });

  it("refuses indices that are no sample", () => {
    const set = new LabeledImages(parts);
    for (const index of [-1, 2, 0.5]) {
      expect(() => set.getItem(index)).toThrow(
        `LabeledImages: Cannot read sample ${index}: expected an integer from 0 to 1`,
      );
    }
    const none = new LabeledImages({ ...parts, data: data.slice(0, 0), targets: data.slice(0, 0) });
    expect(() => none.getItem(0)).toThrow("Cannot read sample 0: expected none, it is empty");
  });
});
