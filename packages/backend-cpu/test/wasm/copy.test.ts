// The kernel that copies words between layouts, against the loops that run without it.
import { afterEach, describe, expect, it } from "vitest";
import { copyStrided, type Layout } from "../../src/kernels/strided.ts";
import { copyWords } from "../../src/wasm/copy.ts";
import { setWasmBuild } from "../../src/wasm/engine.ts";

afterEach(() => setWasmBuild("auto"));

const stridesOf = (shape: readonly number[]): number[] =>
  shape.map((_, i) => shape.slice(i + 1).reduce((product, size) => product * size, 1));

/** The last element of a layout, and with it the length of an array that holds it. */
const lengthOf = (shape: readonly number[], { offset, strides }: Layout): number =>
  shape.reduce((last, size, i) => last + (size - 1) * (strides[i] as number), offset) + 1;

interface Case {
  readonly title: string;
  readonly shape: readonly number[];
  readonly from: readonly number[];
  readonly to?: readonly number[];
}

const heads = [3, 4, 33, 20];
const cases: readonly Case[] = [
  { title: "heads", shape: heads, from: [33 * 80, 20, 80, 1] },
  { title: "keys", shape: [3, 4, 20, 33], from: [33 * 80, 20, 1, 80] },
  {
    title: "heads in place of a permuted target",
    shape: heads,
    from: stridesOf(heads),
    to: [2640, 20, 80, 1],
  },
  { title: "images", shape: [2, 3, 50, 61], from: [50 * 183, 1, 183, 3] },
  { title: "channels last", shape: [2, 50, 61, 3], from: [9150, 61, 1, 3050] },
  { title: "dims in reverse", shape: [31, 29, 37], from: [1, 31, 899] },
  { title: "a turned matrix larger than a block", shape: [301, 777], from: [1, 301] },
  { title: "a turned target", shape: [131, 67], from: [67, 1], to: [1, 131] },
  { title: "every other element", shape: [90, 101], from: [202, 2] },
  { title: "every other place", shape: [90, 101], from: [101, 1], to: [202, 2] },
  { title: "repeated elements", shape: [700, 5], from: [1, 0] },
  { title: "repeated rows", shape: [40, 50], from: [0, 1] },
  { title: "rows among others", shape: [30, 34, 34], from: [34 * 34, 34, 1], to: [36 * 36, 36, 1] },
  { title: "windows that overlap", shape: [90, 32], from: [7, 1] },
  { title: "six dims", shape: [2, 3, 4, 5, 3, 7], from: [1260, 1, 3, 252, 84, 12] },
];

const differences = (a: Float32Array, b: Float32Array): number =>
  a.reduce((count, value, i) => count + Number(value !== b[i]), Math.abs(a.length - b.length));

describe("copyWords()", () => {
  for (const { title, shape, from, to = stridesOf(shape) } of cases)
    it(`copies ${title} as the loops do, and leaves the rest alone`, () => {
      const [source, target] = [
        { offset: 3, strides: from },
        { offset: 5, strides: to },
      ];
      const values = Float32Array.from({ length: lengthOf(shape, source) + 2 }, (_, i) => i + 1);
      const run = (): Float32Array => {
        const result = new Float32Array(lengthOf(shape, target) + 4).fill(-1);
        copyStrided(shape, result, target, values, source);
        return result;
      };
      const fast = run();
      setWasmBuild("none");
      expect(differences(fast, run())).toBe(0);
    });

  it("keeps every bit of a word", () => {
    const words = Int32Array.from({ length: 64 * 64 }, (_, i) => 0x7f800001 + i * 524287);
    const target = new Int32Array(64 * 64);
    copyStrided([64, 64], target, { offset: 0, strides: [64, 1] }, words, {
      offset: 0,
      strides: [1, 64],
    });
    expect(target).toEqual(words.map((_, i) => words[(i % 64) * 64 + (i >> 6)] as number));
  });

  it("copies elements of 64 bits as pairs of words", () => {
    const values = BigInt64Array.from({ length: 60 * 70 }, (_, i) => BigInt(i) * 0x123456789abcn);
    const target = new BigInt64Array(70 * 60 + 1);
    const from = { offset: 0, strides: [1, 70] };
    copyStrided([70, 60], target, { offset: 1, strides: [60, 1] }, values, from);
    expect(target[0]).toBe(0n);
    expect(
      target.subarray(1).every((v, i) => v === values[(i % 60) * 70 + Math.floor(i / 60)]),
    ).toBe(true);
  });

  it("leaves few words, and ones far apart, to the loops", () => {
    const [a, b] = [new Int32Array(100_000), new Int32Array(100_000)];
    expect(copyWords([{ size: 1000, to: 1, from: 2 }], a, 0, b, 0)).toBe(false);
    expect(copyWords([{ size: 5000, to: 1, from: 20 }], a, 0, b, 0)).toBe(false);
    expect(copyWords([{ size: 5000, to: 20, from: 1 }], a, 0, b, 0)).toBe(false);
    expect(copyWords([{ size: 5000, to: 1, from: 3 }], a, 0, b, 0)).toBe(true);
  });
});
