// Numbers out of whatever a caller logs. Tensors are known by their shape only, so that any
// backend's will do.

import { ShapeError } from "@tead/tensor";

/** What a writer reads of a tensor; every `Tensor` of @tead/tensor is one. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  /** The elements in row-major order, as they are at the time of the call. */
  data(): Promise<ArrayLike<number> | ArrayLike<bigint>>;
}

export function isTensor(value: object): value is TensorLike {
  return "shape" in value && "data" in value && typeof value.data === "function";
}

/** @throws ShapeError if a tensor has not exactly one element. */
export function checkScalar(op: string, value: number | bigint | TensorLike): void {
  if (typeof value !== "object") return;
  if (value.shape.every((size) => size === 1)) return;
  throw new ShapeError(
    `${op}: Cannot log a tensor [${value.shape.join(", ")}] as a scalar: expected 1 element`,
  );
}

/** The value of a checked scalar. */
export function readScalar(value: number | bigint | TensorLike): number | Promise<number> {
  if (typeof value !== "object") return Number(value);
  return value.data().then((data) => Number(data[0]));
}

export function readNumbers(
  values: TensorLike | ArrayLike<number>,
): ArrayLike<number> | Promise<ArrayLike<number>> {
  return isTensor(values) ? values.data().then((data) => Float64Array.from(data, Number)) : values;
}
