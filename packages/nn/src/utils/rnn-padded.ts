// Sequences of several lengths, padded to one tensor.
import { cat, ShapeError, stack, type Tensor } from "@tead/tensor";

/** Which dim is the batch. */
export interface BatchFirstOption {
  /** Whether padded tensors are `[batch, steps, ...]` and not `[steps, batch, ...]`. Default false. */
  readonly batchFirst?: boolean;
}

/** Options of {@link padSequence}. */
export interface PadSequenceOptions extends BatchFirstOption {
  /** What stands beyond the end of a sequence. Default 0. */
  readonly paddingValue?: number;
  /** On which side of a sequence the padding stands. Default "right". */
  readonly paddingSide?: "right" | "left";
}

/**
 * Pads sequences to the length of the longest and stacks them.
 *
 * **Shapes**: each `[steps_i, ...] -> [steps, batch, ...]` (`[batch, steps, ...]` with
 * `batchFirst`).
 *
 * @param sequences - At least one, equal in all dims but the first.
 * @param options - `batchFirst`, `paddingValue`, `paddingSide`.
 * @throws ShapeError if there are no sequences, or if they differ beyond their length.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_sequence.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { utils } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const sequences = [tensor([1, 2, 3]), tensor([4])];
 * const padded = utils.rnn.padSequence(sequences, { batchFirst: true, paddingValue: 9 });
 * assert.deepEqual(padded.tolistSync(), [[1, 2, 3], [4, 9, 9]]);
 */
export function padSequence(
  sequences: readonly Tensor[],
  options: PadSequenceOptions = {},
): Tensor {
  const { batchFirst = false, paddingValue = 0, paddingSide = "right" } = options;
  const each = checkSequences("padSequence", sequences);
  const steps = Math.max(...sequences.map((s) => s.size(0)));
  const padded = sequences.map((s) => {
    const missing = steps - s.size(0);
    if (missing === 0) return s;
    const padding = s.newFull([missing, ...each], paddingValue);
    return cat(paddingSide === "right" ? [s, padding] : [padding, s], 0);
  });
  return stack(padded, batchFirst ? 0 : 1);
}

/** The sizes beyond the length, which all sequences share. */
export function checkSequences(op: string, sequences: readonly Tensor[]): readonly number[] {
  const each = sequences[0]?.shape.slice(1);
  const other = sequences.find((s) => s.ndim === 0 || s.shape.slice(1).join() !== each?.join());
  if (each === undefined || other !== undefined)
    throw new ShapeError(
      `${op}: Sequences do not fit: expected at least one, and equal sizes in every dim but the first, ` +
        `received ${other === undefined ? "none" : `[${other.shape.join(", ")}]`}`,
    );
  return each;
}

/**
 * Takes a padded batch apart: `padSequence` backward.
 *
 * @param padded - `[steps, batch, ...]`, or `[batch, steps, ...]` with `batchFirst`.
 * @param lengths - How many steps each sequence has.
 * @param options - `batchFirst`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.unpad_sequence.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { utils } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const sequences = utils.rnn.unpadSequence(tensor([[1, 2], [3, 0]]), [2, 1], { batchFirst: true });
 * assert.deepEqual(sequences.map((s) => s.tolistSync()), [[1, 2], [3]]);
 */
export function unpadSequence(
  padded: Tensor,
  lengths: readonly number[],
  { batchFirst = false }: BatchFirstOption = {},
): Tensor[] {
  return lengths.map((length, i) => padded.select(batchFirst ? 0 : 1, i).narrow(0, 0, length));
}
