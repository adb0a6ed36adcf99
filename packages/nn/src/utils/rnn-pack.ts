// Packing sequences of several lengths, and the way back.
import { cat, ShapeError, type Tensor } from "@tead/tensor";
import { batchSizesOf, gather, packedLengths, stepStarts } from "./rnn-index.ts";
import { PackedSequence } from "./rnn-packed.ts";
import { type BatchFirstOption, checkSequences } from "./rnn-padded.ts";

/** Whether sequences have to come sorted. */
export interface EnforceSortedOption {
  /** Whether to refuse lengths that are not in decreasing order; else they are sorted. Default true. */
  readonly enforceSorted?: boolean;
}

/** The order of the batch, longest first, or `undefined` if it stays as it is. */
function sortedOrder(
  op: string,
  lengths: readonly number[],
  { enforceSorted = true }: EnforceSortedOption,
): readonly number[] | undefined {
  const short = lengths.find((length) => !Number.isInteger(length) || length < 1);
  if (lengths.length === 0 || short !== undefined)
    throw new RangeError(
      `${op}: Argument lengths is not valid: expected integers of at least 1, received ${short ?? "none"}`,
    );
  if (!enforceSorted)
    return lengths.map((_, i) => i).sort((a, b) => (lengths[b] as number) - (lengths[a] as number));
  if (lengths.some((length, i) => i > 0 && length > (lengths[i - 1] as number)))
    throw new RangeError(
      `${op}: Argument lengths is not valid: expected decreasing lengths, received [${lengths.join(", ")}]\n` +
        "Hint: pass { enforceSorted: false } to have them sorted",
    );
  return undefined;
}

/** Rows of sequences, step by step; `rowAt` says where a step of a sequence lies in `rows`. */
function packed(
  rows: Tensor,
  lengths: readonly number[],
  order: readonly number[] | undefined,
  rowAt: (sequence: number, step: number) => number,
): PackedSequence {
  const sequences = order ?? lengths.map((_, i) => i);
  const batchSizes = batchSizesOf(sequences.map((i) => lengths[i] as number));
  const places = batchSizes.flatMap((size, step) =>
    sequences.slice(0, size).map((i) => rowAt(i, step)),
  );
  return new PackedSequence(gather(rows, 0, places), batchSizes, order);
}

/**
 * Packs a padded batch of sequences: what lies beyond each length is left out.
 *
 * **Shapes**: `input [steps, batch, ...]` (`[batch, steps, ...]` with `batchFirst`)
 * `-> data [sum of lengths, ...]`.
 *
 * @param input - The padded sequences, of any dtype.
 * @param lengths - How many steps each has; a tensor must be readable at once.
 * @param options - `batchFirst`, `enforceSorted`.
 * @throws RangeError if a length is below 1 or beyond the input, or if they must be sorted and are not.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { utils } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const padded = tensor([[1, 2, 0], [3, 0, 0], [4, 5, 6]]);
 * const options = { batchFirst: true, enforceSorted: false };
 * const packed = utils.rnn.packPaddedSequence(padded, [2, 1, 3], options);
 * assert.deepEqual(packed.data.tolistSync(), [4, 1, 3, 5, 2, 6]);
 * assert.deepEqual(packed.sortedIndices, [2, 0, 1]);
 */
export function packPaddedSequence(
  input: Tensor,
  lengths: readonly number[] | Tensor,
  options: BatchFirstOption & EnforceSortedOption = {},
): PackedSequence {
  const op = "packPaddedSequence";
  const { batchFirst = false } = options;
  if (input.ndim < 2)
    throw new ShapeError(
      `${op}: Input has the wrong rank: expected at least 2 dims, received ${input.ndim}`,
    );
  const [steps, batch] = batchFirst
    ? [input.size(1), input.size(0)]
    : [input.size(0), input.size(1)];
  const counts = "dataSync" in lengths ? Array.from(lengths.dataSync(), Number) : lengths;
  if (counts.length !== batch)
    throw new ShapeError(
      `${op}: Lengths do not fit: expected one for each of ${batch} sequences, received ${counts.length}`,
    );
  const order = sortedOrder(op, counts, options);
  const long = counts.find((length) => length > steps);
  if (long !== undefined)
    throw new RangeError(
      `${op}: Argument lengths is not valid: expected at most ${steps} (the input's steps), received ${long}`,
    );
  const rows = input.reshape([steps * batch, ...input.shape.slice(2)]);
  return packed(rows, counts, order, (sequence, step) =>
    batchFirst ? sequence * steps + step : step * batch + sequence,
  );
}

/** Options of {@link padPackedSequence}. */
export interface PadPackedOptions extends BatchFirstOption {
  /** What stands beyond the end of a sequence. Default 0. */
  readonly paddingValue?: number;
  /** How many steps the result has; those of the longest sequence unless said. */
  readonly totalLength?: number;
}

/**
 * Pads packed sequences to one tensor: `packPaddedSequence` backward, in the original order.
 *
 * **Shapes**: `data [sum of lengths, ...] -> [steps, batch, ...]` (`[batch, steps, ...]` with
 * `batchFirst`).
 *
 * @param sequence - The packed sequences.
 * @param options - `batchFirst`, `paddingValue`, `totalLength`.
 * @returns The padded tensor and the length of each sequence.
 * @throws RangeError if `totalLength` is less than the longest sequence.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_packed_sequence.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { utils } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const packed = utils.rnn.packSequence([tensor([1, 2]), tensor([3])]);
 * const [padded, lengths] = utils.rnn.padPackedSequence(packed, { batchFirst: true });
 * assert.deepEqual(padded.tolistSync(), [[1, 2], [3, 0]]);
 * assert.deepEqual(lengths, [2, 1]);
 */
export function padPackedSequence(
  sequence: PackedSequence,
  options: PadPackedOptions = {},
): readonly [padded: Tensor, lengths: readonly number[]] {
  const { data, batchSizes, unsortedIndices } = sequence;
  const { batchFirst = false, paddingValue = 0, totalLength = batchSizes.length } = options;
  if (!Number.isInteger(totalLength) || totalLength < batchSizes.length)
    throw new RangeError(
      `padPackedSequence: Option totalLength is not valid: expected an integer of at least ${batchSizes.length} ` +
        `(the longest sequence), received ${totalLength}`,
    );
  const sorted = packedLengths(batchSizes);
  const places = unsortedIndices ?? sorted.map((_, i) => i);
  const lengths = places.map((place) => sorted[place] as number);
  const starts = stepStarts(batchSizes);
  const steps = Array.from({ length: totalLength }, (_, i) => i);
  const padding = data.size(0);
  const rowAt = (place: number, step: number): number =>
    step < (sorted[place] as number) ? (starts[step] as number) + place : padding;
  const rows = batchFirst
    ? places.flatMap((place) => steps.map((step) => rowAt(place, step)))
    : steps.flatMap((step) => places.map((place) => rowAt(place, step)));
  const each = data.shape.slice(1);
  const source = cat([data, data.newFull([1, ...each], paddingValue)], 0);
  const sizes = batchFirst ? [places.length, totalLength] : [totalLength, places.length];
  return [gather(source, 0, rows).reshape([...sizes, ...each]), lengths];
}

/**
 * Packs sequences of several lengths.
 *
 * **Shapes**: each `[steps_i, ...] -> data [sum of lengths, ...]`.
 *
 * @param sequences - At least one, equal in all dims but the first.
 * @param options - `enforceSorted`.
 * @throws RangeError if they must come longest first and do not.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_sequence.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { utils } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const sequences = [tensor([6]), tensor([1, 2])];
 * const packed = utils.rnn.packSequence(sequences, { enforceSorted: false });
 * assert.deepEqual(packed.data.tolistSync(), [1, 6, 2]);
 */
export function packSequence(
  sequences: readonly Tensor[],
  options: EnforceSortedOption = {},
): PackedSequence {
  checkSequences("packSequence", sequences);
  const lengths = sequences.map((s) => s.size(0));
  const order = sortedOrder("packSequence", lengths, options);
  const starts = stepStarts(lengths);
  const rowAt = (sequence: number, step: number): number => (starts[sequence] as number) + step;
  return packed(cat(sequences, 0), lengths, order, rowAt);
}

/**
 * The sequences of a packed batch in their original order: `packSequence` backward.
 *
 * @param sequence - The packed sequences.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.unpack_sequence.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { utils } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const packed = utils.rnn.packSequence([tensor([1, 2]), tensor([3])]);
 * const sequences = utils.rnn.unpackSequence(packed);
 * assert.deepEqual(sequences.map((s) => s.tolistSync()), [[1, 2], [3]]);
 */
export function unpackSequence(sequence: PackedSequence): Tensor[] {
  const { data, batchSizes, unsortedIndices } = sequence;
  const sorted = packedLengths(batchSizes);
  const places = unsortedIndices ?? sorted.map((_, i) => i);
  const starts = stepStarts(batchSizes);
  return places.map((place) => {
    const steps = starts.slice(0, sorted[place]);
    return gather(
      data,
      0,
      steps.map((start) => start + place),
    );
  });
}
