// Where the rows of packed sequences lie: plain integers on the host.
import { type Tensor, tensor } from "@tead/tensor";

/** The first row of every step. */
export function stepStarts(batchSizes: readonly number[]): number[] {
  let start = 0;
  return batchSizes.map((size) => {
    const first = start;
    start += size;
    return first;
  });
}

/** How many steps each sequence has, in packed order. */
export function packedLengths(batchSizes: readonly number[]): number[] {
  return Array.from({ length: batchSizes[0] ?? 0 }, (_, b) => {
    const end = batchSizes.findIndex((size) => size <= b);
    return end < 0 ? batchSizes.length : end;
  });
}

/** How many sequences are still going at each step, of lengths in decreasing order. */
export function batchSizesOf(lengths: readonly number[]): number[] {
  return Array.from(
    { length: lengths[0] ?? 0 },
    (_, step) => lengths.filter((length) => length > step).length,
  );
}

/** The permutation that undoes another. */
export function inverseOf(permutation: readonly number[]): number[] {
  const inverse = new Array<number>(permutation.length);
  permutation.forEach((from, to) => {
    inverse[from] = to;
  });
  return inverse;
}

/** `t` at some places of `dim`. */
export function gather(t: Tensor, dim: number, places: readonly number[]): Tensor {
  return t.indexSelect(dim, tensor(Int32Array.from(places), { device: t.device }));
}
