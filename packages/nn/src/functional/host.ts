// Numbers that the host works out, as tensors beside another.
import { type Tensor, tensor } from "@tead/tensor";

/** Positions as an int32 vector on the device of `like`. */
export function positions(like: Tensor, values: ArrayLike<number>): Tensor {
  return tensor(Int32Array.from(values), { dtype: "int32", device: like.device });
}

/** Factors of the dtype and on the device of `like`. */
export function factors(like: Tensor, values: ArrayLike<number>, shape: readonly number[]): Tensor {
  return tensor(Float64Array.from(values), { dtype: like.dtype, device: like.device, shape });
}

/** One number for each of `rank` dims. */
export const forEachDim = (sizes: number | readonly number[], rank: number): readonly number[] =>
  typeof sizes === "number" ? new Array<number>(rank).fill(sizes) : sizes;
