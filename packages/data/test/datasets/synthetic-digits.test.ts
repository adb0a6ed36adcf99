import { createHash } from "node:crypto";
import { SyntheticDigits } from "@tead/data";
import { describe, expect, it } from "vitest";

const PIXELS = 28 * 28;
const train = new SyntheticDigits();
const test = new SyntheticDigits({ train: false, size: 500 });
const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

describe("SyntheticDigits", () => {
  it("draws the same bytes on every platform", () => {
    expect([train.length, train.data.length, train.height, train.width]).toEqual([
      12_000,
      12_000 * PIXELS,
      28,
      28,
    ]);
    expect(sha256(train.data)).toBe(
      "ac7e3a07bada3389bdf56fb60b88e88e9b0994036d05089011ca8bd68ba1e750",
    );
    expect(sha256(train.targets)).toBe(
      "b76736f117c82fe86001ff2bc36c7ee4454a61e58c739acfd6ddf12bbaaab8d4",
    );
  });

  it("draws image i from nothing but seed, train and i", () => {
    const few = new SyntheticDigits({ size: 7 });
    expect(few.data).toEqual(train.data.slice(0, 7 * PIXELS));
    expect(few.targets).toEqual(train.targets.slice(0, 7));
    expect(new SyntheticDigits({ size: 7, seed: 1 }).data).not.toEqual(few.data);
    expect(new SyntheticDigits({ size: 7, train: false }).data).not.toEqual(few.data);
  });

  it("holds every digit once in every ten images", () => {
    for (const { targets } of [train, test]) {
      for (let i = 0; i < targets.length; i += 10) {
        expect(new Set(targets.subarray(i, i + 10)).size).toBe(10);
      }
    }
    expect(train.classes).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  });

  it("repeats no image and shares none between training and test", () => {
    const seen = new Set<string>();
    for (const set of [train, test]) {
      for (let i = 0; i < set.length; i++) seen.add(sha256(set.image(i).data));
    }
    expect(seen.size).toBe(train.length + test.length);
  });

  it("is too hard for the nearest neighbour by pixels", () => {
    let right = 0;
    const count = 200;
    for (let i = 0; i < count; i++) {
      const image = test.data.subarray(i * PIXELS, (i + 1) * PIXELS);
      if (train.targets[nearest(image, train.data)] === test.targets[i]) right++;
    }
    expect(right / count).toBeLessThan(0.95);
    expect(right / count).toBeGreaterThan(0.8); // and yet these are digits
  }, 60_000);

  it("is too hard for a linear model", () => {
    const accuracy = linearAccuracy(train, test);
    expect(accuracy).toBeLessThan(0.95);
    expect(accuracy).toBeGreaterThan(0.6);
  }, 60_000);

  it("applies its transforms to image and label", () => {
    const mapped = new SyntheticDigits({
      size: 3,
      transform: (image) => image.at(14, 14),
      targetTransform: { forward: (digit) => `digit ${digit}` },
    });
    const item: [number, string] = mapped.getItem(2);
    expect(item).toEqual([mapped.image(2).at(14, 14), `digit ${mapped.targets[2]}`]);
  });

  it("refuses sizes and seeds that make no sense", () => {
    expect(() => new SyntheticDigits({ size: 0 })).toThrow(
      "SyntheticDigits: Cannot draw 0 images: expected a positive integer",
    );
    expect(() => new SyntheticDigits({ seed: 0.5 })).toThrow(
      "SyntheticDigits: Cannot use seed 0.5: expected an integer from 0 to 4294967295",
    );
    expect(() => test.getItem(500)).toThrow(
      "SyntheticDigits: Cannot read sample 500: expected an integer from 0 to 499",
    );
  });
});

/** The index of the image in `data` with the least squared distance; gives up on a candidate row by row. */
function nearest(image: Uint8Array, data: Uint8Array): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let start = 0; start < data.length; start += PIXELS) {
    let distance = 0;
    for (let i = 0; i < PIXELS && distance < least; ) {
      for (const end = i + 28; i < end; i++) {
        const difference = image[i]! - data[start + i]!;
        distance += difference * difference;
      }
    }
    if (distance < least) {
      least = distance;
      best = start / PIXELS;
    }
  }
  return best;
}

/** Test accuracy of softmax regression after two passes of stochastic gradient descent. */
function linearAccuracy(training: SyntheticDigits, testing: SyntheticDigits): number {
  const weights = new Float64Array(10 * (PIXELS + 1));
  const scores = new Float64Array(10);
  const score = ({ data }: SyntheticDigits, index: number): number => {
    for (let k = 0; k < 10; k++) {
      const row = k * (PIXELS + 1);
      let sum = weights[row + PIXELS]!;
      for (let i = 0; i < PIXELS; i++) sum += weights[row + i]! * (data[index * PIXELS + i]! / 255);
      scores[k] = sum;
    }
    return scores.indexOf(Math.max(...scores));
  };
  for (let step = 0; step < 2 * training.length; step++) {
    const index = step % training.length;
    const most = scores[score(training, index)]!;
    const total = scores.reduce((sum, value) => sum + Math.exp(value - most), 0);
    const rate = 0.01 * (1 - step / (2 * training.length));
    for (let k = 0; k < 10; k++) {
      const truth = training.targets[index] === k ? 1 : 0;
      const slope = rate * (Math.exp(scores[k]! - most) / total - truth);
      const row = k * (PIXELS + 1);
      for (let i = 0; i < PIXELS; i++) {
        weights[row + i]! -= slope * (training.data[index * PIXELS + i]! / 255);
      }
      weights[row + PIXELS]! -= slope;
    }
  }
  let right = 0;
  for (let i = 0; i < testing.length; i++) {
    if (score(testing, i) === testing.targets[i]) right++;
  }
  return right / testing.length;
}
