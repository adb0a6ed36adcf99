// Making tensors in another's likeness, on grids of numbers, and of index pairs.
import { getDefaultDevice } from "./context.ts";
import { empty, finish, full, type TensorOptions, tensor } from "./creation.ts";
import { checkShape, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

function like(
  { dtype, device }: Tensor,
  options: TensorOptions,
): TensorOptions & Required<Pick<TensorOptions, "dtype" | "device">> {
  return { ...options, dtype: options.dtype ?? dtype, device: options.device ?? device };
}

/** Zeros of the input's shape, dtype and device. @category Creation */
export function zerosLike(input: Tensor, options: TensorOptions = {}): Tensor {
  return full(input.shape, 0, like(input, options));
}
/** Ones of the input's shape, dtype and device. @category Creation */
export function onesLike(input: Tensor, options: TensorOptions = {}): Tensor {
  return full(input.shape, 1, like(input, options));
}
/** One value in the input's shape, dtype and device. @category Creation */
export function fullLike(
  input: Tensor,
  value: number | bigint | boolean,
  options: TensorOptions = {},
): Tensor {
  return full(input.shape, value, like(input, options));
}
/** Whatever the memory held, in the input's shape, dtype and device. @category Creation */
export function emptyLike(input: Tensor, options: TensorOptions = {}): Tensor {
  return empty(input.shape, like(input, options));
}
/** A 0-d tensor of one value, float32 unless said. @category Creation */
export function scalarTensor(value: number | boolean, options: TensorOptions = {}): Tensor {
  return full([], value, { dtype: "float32", ...options });
}

/** Options of `logspace()`. */
export interface LogspaceOptions extends TensorOptions {
  /** What is raised; 10 unless said. */
  readonly base?: number;
}
/**
 * `steps` values from base^start to base^end, both included, whose exponents are evenly spaced.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.logspace.html
 * @category Creation
 */
export function logspace(
  start: number,
  end: number,
  steps: number,
  { base = 10, ...options }: LogspaceOptions = {},
): Tensor {
  const step = steps > 1 ? (end - start) / (steps - 1) : 0;
  const half = steps / 2;
  checkShape([steps], "logspace");
  // From both ends, as PyTorch does.
  const values = Float64Array.from(
    { length: steps },
    (_, i) => base ** (i < half ? start + step * i : end - step * (steps - 1 - i)),
  );
  return tensor(values, { ...options, dtype: options.dtype ?? "float32" });
}

function trianglePairs(
  rows: number,
  columns: number,
  inside: (row: number, column: number) => boolean,
  options: TensorOptions,
): Tensor {
  checkShape([rows, columns]);
  const pairs: [number, number][] = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      if (inside(row, column)) pairs.push([row, column]);
  const values = Int32Array.from([...pairs.map(([row]) => row), ...pairs.map(([, c]) => c)]);
  const { dtype = "int32", device = getDefaultDevice() } = options;
  const shape: Shape = [2, pairs.length];
  return finish(tensor(values, { shape, device }).to(dtype), options);
}
/** The indices of a matrix's lower triangle, up to the diagonal `offset`: `[2, count]`, int32. @category Creation */
export function trilIndices(
  rows: number,
  columns: number,
  offset = 0,
  options: TensorOptions = {},
): Tensor {
  return trianglePairs(rows, columns, (row, column) => column - row <= offset, options);
}
/** The indices of a matrix's upper triangle, from the diagonal `offset`: `[2, count]`, int32. @category Creation */
export function triuIndices(
  rows: number,
  columns: number,
  offset = 0,
  options: TensorOptions = {},
): Tensor {
  return trianglePairs(rows, columns, (row, column) => column - row >= offset, options);
}
