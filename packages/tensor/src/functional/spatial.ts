// What functions over spatial dims share: one option value for all dims, inputs without a batch.
import { ShapeError } from "../errors.ts";
import type { ValuesAndIndices } from "../methods/reduce.ts";
import type { Tensor } from "../tensor.ts";

/** One number for all spatial dims, or one for each. */
export type Sizes = number | readonly number[];

/** One number a spatial dim; what does not fit is refused by the op. */
export function perDim(value: Sizes, rank: number): readonly number[] {
  if (typeof value === "number") return new Array<number>(rank).fill(value);
  return value.length === 1 ? new Array<number>(rank).fill(value[0] as number) : value;
}

/** Calls `fn` with a batch dim in front, which the outputs lose again where the input had none. */
export function withBatch(op: string, x: Tensor, rank: number, fn: (x: Tensor) => Tensor): Tensor {
  return isBatched(op, x, rank) ? fn(x) : fn(x.unsqueeze(0)).squeeze(0);
}

/** Whether the input has its batch dim; refuses inputs that are neither form. */
export function isBatched(op: string, { shape, dtype, device }: Tensor, rank: number): boolean {
  if (shape.length === rank + 2) return true;
  if (shape.length === rank + 1) return false;
  const dims = ["L", "H, W", "D, H, W"][rank - 1];
  throw new ShapeError(
    `Input has the wrong rank: expected [N, C, ${dims}] or [C, ${dims}], received ${shape.length} dims`,
    { op, operands: [{ name: "input", shape, dtype, device: device.name }] },
  );
}

/** `withBatch` for an op that gives values and indices. */
export function withBatchPair(
  op: string,
  x: Tensor,
  rank: number,
  fn: (x: Tensor) => readonly [Tensor, Tensor],
): ValuesAndIndices {
  const batched = isBatched(op, x, rank);
  const [values, indices] = fn(batched ? x : x.unsqueeze(0));
  return batched ? { values, indices } : { values: values.squeeze(0), indices: indices.squeeze(0) };
}

/** Options of every pool with a kernel. */
export interface PoolOptions {
  /** How far the window moves; the kernel size unless said. */
  readonly stride?: Sizes;
  /** Padding on both sides, at most half of the kernel; 0 unless said. */
  readonly padding?: Sizes;
  /** Whether a last window may reach over the end; false unless said. */
  readonly ceilMode?: boolean;
}
