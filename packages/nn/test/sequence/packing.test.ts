// Packing and padding give PyTorch's rows, batch sizes and orders, and refuse what does not fit.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { utils } from "@tead/nn";
import { ones, setDefaultDevice, tensor, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

const { rnn } = utils;
interface Padded {
  readonly input: number[][];
  readonly lengths: number[];
  readonly data: number[];
  readonly batchSizes: number[];
  readonly sortedIndices: number[];
  readonly unsortedIndices: number[];
  readonly padded: number[][];
  readonly paddedLengths: number[];
}
const { packing } = JSON.parse(
  readFileSync(new URL("../fixtures/sequence.json", import.meta.url), "utf8"),
) as {
  packing: {
    batchFirst: Padded;
    stepsFirst: Padded;
    sequences: { sequences: number[][]; data: number[]; batchSizes: number[]; padded: number[][] };
  };
};

describe("packed sequences", () => {
  test.each(["batchFirst", "stepsFirst"] as const)(
    "%s: rows and orders are PyTorch's",
    (layout) => {
      const wanted = packing[layout];
      const batchFirst = layout === "batchFirst";
      const lengths = tensor(wanted.lengths, { dtype: "int64" });
      for (const given of [wanted.lengths, lengths]) {
        const options = { batchFirst, enforceSorted: false };
        const packed = rnn.packPaddedSequence(tensor(wanted.input), given, options);
        expect(packed.data.tolistSync()).toEqual(wanted.data);
        expect(packed.batchSizes).toEqual(wanted.batchSizes);
        expect(packed.sortedIndices).toEqual(wanted.sortedIndices);
        expect(packed.unsortedIndices).toEqual(wanted.unsortedIndices);
        const [padded, sizes] = rnn.padPackedSequence(packed, {
          batchFirst,
          paddingValue: -1,
          totalLength: 5,
        });
        expect(padded.tolistSync()).toEqual(wanted.padded);
        expect(sizes).toEqual(wanted.paddedLengths);
      }
    },
  );

  test("a list of sequences packs, pads and unpacks as in PyTorch", () => {
    const { sequences, data, batchSizes, padded } = packing.sequences;
    const given = sequences.map((s) => tensor(s));
    const packed = rnn.packSequence(given);
    expect(packed.data.tolistSync()).toEqual(data);
    expect(packed.batchSizes).toEqual(batchSizes);
    expect(packed.sortedIndices).toBeUndefined();
    expect(rnn.unpackSequence(packed).map((s) => s.tolistSync())).toEqual(sequences);
    const block = rnn.padSequence(given, { paddingValue: 7 });
    expect(block.tolistSync()).toEqual(padded);
    const lengths = sequences.map((s) => s.length);
    expect(rnn.unpadSequence(block, lengths).map((s) => s.tolistSync())).toEqual(sequences);
  });

  test("unsorted sequences come back in their own order", () => {
    const sequences = [[1], [2, 3, 4], [5, 6]];
    const packed = rnn.packSequence(
      sequences.map((s) => tensor(s)),
      { enforceSorted: false },
    );
    expect(rnn.unpackSequence(packed).map((s) => s.tolistSync())).toEqual(sequences);
  });

  test("padding may stand on the left", () => {
    const padded = rnn.padSequence([tensor([1, 2]), tensor([3])], {
      batchFirst: true,
      paddingSide: "left",
    });
    expect(padded.tolistSync()).toEqual([
      [1, 2],
      [0, 3],
    ]);
  });

  test("gradients reach every row that was packed, and no padding", () => {
    const x = ones([3, 2, 1], { requiresGrad: true });
    const packed = rnn.packPaddedSequence(x, [1, 3], { enforceSorted: false });
    const [padded] = rnn.padPackedSequence(packed, { paddingValue: 5 });
    padded.mul(2).sum().backward();
    expect(x.grad?.flatten().tolistSync()).toEqual([2, 2, 0, 2, 0, 2]);
  });

  test("to() converts the data and keeps the order", () => {
    const packed = rnn.packSequence([ones([1]), ones([2])], { enforceSorted: false });
    const converted = packed.to("float64");
    expect(converted.data.dtype).toBe("float64");
    expect(converted.sortedIndices).toEqual([1, 0]);
    expect(packed.to("float32")).toBe(packed);
    expect(packed.to(cpu()).data.dtype).toBe("float32");
  });
});

const refusals: [what: string, make: () => unknown, message: string][] = [
  [
    "a vector",
    () => rnn.packPaddedSequence(ones([2]), [1, 1]),
    "packPaddedSequence: Input has the wrong rank: expected at least 2 dims, received 1",
  ],
  [
    "another number of lengths",
    () => rnn.packPaddedSequence(ones([3, 2]), [1]),
    "packPaddedSequence: Lengths do not fit: expected one for each of 2 sequences, received 1",
  ],
  [
    "lengths of 0",
    () => rnn.packPaddedSequence(ones([3, 2]), [1, 0]),
    "packPaddedSequence: Argument lengths is not valid: expected integers of at least 1, received 0",
  ],
  [
    "growing lengths",
    () => rnn.packPaddedSequence(ones([3, 2]), [1, 2]),
    "packPaddedSequence: Argument lengths is not valid: expected decreasing lengths, received [1, 2]\n" +
      "Hint: pass { enforceSorted: false } to have them sorted",
  ],
  [
    "lengths beyond the input",
    () => rnn.packPaddedSequence(ones([3, 2]), [4, 2]),
    "packPaddedSequence: Argument lengths is not valid: expected at most 3 (the input's steps), received 4",
  ],
  [
    "a total length that is too short",
    () => rnn.padPackedSequence(rnn.packSequence([ones([3])]), { totalLength: 2 }),
    "padPackedSequence: Option totalLength is not valid: expected an integer of at least 3 (the longest sequence), received 2",
  ],
  [
    "sequences of several sizes",
    () => rnn.padSequence([ones([3, 2]), ones([3, 1])]),
    "padSequence: Sequences do not fit: expected at least one, and equal sizes in every dim but the first, received [3, 1]",
  ],
  [
    "no sequences",
    () => rnn.packSequence([]),
    "packSequence: Sequences do not fit: expected at least one, and equal sizes in every dim but the first, received none",
  ],
  [
    "data of other rows",
    () => new rnn.PackedSequence(zeros([3, 2]), [2, 2]),
    "PackedSequence: Data do not fit: expected 4 rows (the sum of batchSizes), received 3",
  ],
];
test.each(refusals)("%s: the packing functions refuse", (_, make, message) => {
  expect(make).toThrow(message);
});
