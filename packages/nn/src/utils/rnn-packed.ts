// Sequences of several lengths without padding.
import { type Backend, type DType, type LikeOptions, ShapeError, type Tensor } from "@tead/tensor";
import { inverseOf } from "./rnn-index.ts";

/**
 * Sequences of several lengths without padding: their rows step by step, longest sequence first.
 * Made by `packPaddedSequence` and `packSequence`; recurrent layers take it and give one back.
 *
 * What PyTorch keeps in integer tensors on the CPU are plain arrays here.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { utils } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const packed = utils.rnn.packSequence([tensor([1, 2, 3]), tensor([4, 5]), tensor([6])]);
 * assert.deepEqual(packed.data.tolistSync(), [1, 4, 6, 2, 5, 3]);
 * assert.deepEqual(packed.batchSizes, [3, 2, 1]);
 */
export class PackedSequence {
  /** The rows: `[sum of lengths, ...]`. */
  readonly data: Tensor;
  /** How many sequences are still going at each step. */
  readonly batchSizes: readonly number[];
  /** Which sequence stands at each place of the batch; `undefined` if all stand where they stood. */
  readonly sortedIndices: readonly number[] | undefined;
  /** At which place of the batch each sequence stands. */
  readonly unsortedIndices: readonly number[] | undefined;

  constructor(data: Tensor, batchSizes: readonly number[], sortedIndices?: readonly number[]) {
    const rows = batchSizes.reduce((sum, size) => sum + size, 0);
    if (data.ndim === 0 || data.size(0) !== rows)
      throw new ShapeError(
        `PackedSequence: Data do not fit: expected ${rows} rows (the sum of batchSizes), received ${data.shape[0] ?? "none"}`,
      );
    this.data = data;
    this.batchSizes = batchSizes;
    this.sortedIndices = sortedIndices;
    this.unsortedIndices = sortedIndices === undefined ? undefined : inverseOf(sortedIndices);
  }

  /** The same sequences with other rows: one new row for each. */
  withData(data: Tensor): PackedSequence {
    return new PackedSequence(data, this.batchSizes, this.sortedIndices);
  }
  /** The data converted to a dtype or moved to a device. */
  to(target: DType | Backend | LikeOptions): PackedSequence {
    const data =
      typeof target === "string"
        ? this.data.to(target)
        : this.data.to("kernels" in target ? { device: target } : target);
    return data === this.data ? this : this.withData(data);
  }
}
