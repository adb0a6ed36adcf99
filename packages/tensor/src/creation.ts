// Making tensors from nothing or from JavaScript values.
import type { Backend } from "./backend.ts";
import { getDefaultDevice } from "./context.ts";
import { allocate, dispatch } from "./dispatch.ts";
import { type DType, integerRange, isFloat, isHalf, makeArray, type TypedArray } from "./dtype.ts";
import { DTypeError, ShapeError } from "./errors.ts";
import { encodeHalf } from "./half.ts";
import { type Nested, uploaded } from "./methods/index.ts";
import { arangeOp, fillOp } from "./ops/copy.ts";
import { checkShape, numelOf, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Where and how a tensor is made. */
export interface TensorOptions {
  /** The element type; float32, or what the values suggest. */
  readonly dtype?: DType;
  /** The device; the default device unless said. */
  readonly device?: Backend;
  /** Whether backward gives it a gradient; false unless said. */
  readonly requiresGrad?: boolean;
}

/** The tensor as the options want it. @internal */
export function finish(tensor: Tensor, { requiresGrad = false }: TensorOptions): Tensor {
  return requiresGrad ? tensor.requiresGrad_() : tensor;
}

function filled(
  op: string,
  shape: Shape,
  value: number | bigint | boolean,
  options: TensorOptions,
): Tensor {
  const { device = getDefaultDevice(), dtype = dtypeOfValue(value) } = options;
  const plain = typeof value === "boolean" ? Number(value) : value;
  const attrs = { shape: checkShape(shape, op), dtype, value: plain };
  return finish(dispatch(fillOp, [], attrs, device), options);
}

/** A tensor of one value: int32 for an integer, bool for a boolean, else float32. @category Creation */
export function full(
  shape: Shape,
  value: number | bigint | boolean,
  options: TensorOptions = {},
): Tensor {
  return filled("full", shape, value, options);
}

/**
 * A tensor of zeros, float32 unless said.
 *
 * @param shape - non-negative integers; `[]` for a 0-d tensor
 * @throws {DeviceError} without a device, given or default
 * @see https://pytorch.org/docs/stable/generated/torch.zeros.html
 * @category Creation
 * @example
 * import assert from "node:assert/strict";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(zeros([2, 2]).tolistSync(), [[0, 0], [0, 0]]);
 */
export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return filled("zeros", shape, 0, { ...options, dtype: options.dtype ?? "float32" });
}

/** A tensor of ones, float32 unless said. @category Creation */
export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return filled("ones", shape, 1, { ...options, dtype: options.dtype ?? "float32" });
}

/** A tensor whose values are whatever the memory held. @category Creation */
export function empty(shape: Shape, options: TensorOptions = {}): Tensor {
  const { device = getDefaultDevice(), dtype = "float32" } = options;
  return finish(allocate(device, { shape: checkShape(shape, "empty"), dtype }), options);
}

/**
 * start (0 unless said), start + step, ... before end: int32 for integers, else float32.
 *
 * @param end - not included
 * @throws {RangeError} where the step does not lead from start to end
 * @see https://pytorch.org/docs/stable/generated/torch.arange.html
 * @category Creation
 * @example
 * import assert from "node:assert/strict";
 * import { arange, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.deepEqual(arange(3).tolistSync(), [0, 1, 2]);
 * assert.deepEqual(arange(1, 2, { step: 0.25 }).tolistSync(), [1, 1.25, 1.5, 1.75]);
 */
export function arange(end: number, options?: TensorOptions): Tensor;
export function arange(
  start: number,
  end: number,
  options?: TensorOptions & { readonly step?: number },
): Tensor;
export function arange(
  first: number,
  second: number | TensorOptions = {},
  third: TensorOptions & { readonly step?: number } = {},
): Tensor {
  const [start, end, options] =
    typeof second === "number" ? [first, second, third] : [0, first, second as typeof third];
  const { step = 1, device = getDefaultDevice() } = options;
  const count = Math.ceil((end - start) / step);
  if (step === 0 || !Number.isFinite(count) || count < 0)
    throw new RangeError(
      `arange: Range does not end: expected a step other than 0 that leads from ${start} to ${end}, received ${step}`,
    );
  const integers = [start, end, step].every(Number.isInteger);
  const dtype = options.dtype ?? (integers ? "int32" : "float32");
  return finish(dispatch(arangeOp, [], { start, step, count, dtype }, device), options);
}

/** `steps` values from start to end, both included, evenly spaced. @category Creation */
export function linspace(
  start: number,
  end: number,
  steps: number,
  options: TensorOptions = {},
): Tensor {
  checkShape([steps], "linspace");
  const step = steps > 1 ? (end - start) / (steps - 1) : 0;
  const { dtype = "float32" } = options;
  const values = dtype === "float32" ? new Float32Array(steps) : new Float64Array(steps);
  // From both ends, as PyTorch does, so that the last value is exactly `end`.
  const half = Math.ceil(steps / 2);
  for (let i = 0; i < half; i++) values[i] = start + step * i;
  for (let i = half; i < steps; i++) values[i] = end - step * (steps - 1 - i);
  return tensor(values, { ...options, dtype });
}

/** The identity matrix, or the part of it that n x m shows. @category Creation */
export function eye(n: number, m: number | TensorOptions = n, options: TensorOptions = {}): Tensor {
  const [columns, rest] = typeof m === "number" ? [m, options] : [n, m];
  const { requiresGrad: _, ...plain } = rest;
  const result = zeros([n, columns], plain);
  result.diagonal().fill_(1);
  return finish(result, rest);
}

/** Values that `tensor()` takes: numbers, booleans, bigints, nested arrays of them, typed arrays. */
export type TensorData = Nested<number | boolean | bigint> | TypedArray | Uint8ClampedArray;

/**
 * A tensor with the given values. Integers give int32, other numbers float32, booleans bool, bigints
 * int64; a typed array keeps its type and is copied. Numbers such as `1.0` are integers to JavaScript:
 * pass `dtype` where floats are meant.
 *
 * @param data - a value, nested arrays of equal lengths, or a typed array
 * @param options - `dtype`, `device`, `requiresGrad`, and `shape` for flat values
 * @throws {ShapeError} where nested arrays are ragged, or values do not fill the shape
 * @throws {DTypeError} where a value does not fit the dtype
 * @see https://pytorch.org/docs/stable/generated/torch.tensor.html
 * @category Creation
 * @example
 * import assert from "node:assert/strict";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.equal(tensor([[1, 2], [3, 4]]).dtype, "int32");
 * assert.equal(tensor([1, 2.5]).dtype, "float32");
 * assert.equal(tensor([1, 2], { dtype: "float32" }).dtype, "float32");
 * assert.deepEqual(tensor(new Float32Array(6), { shape: [2, 3] }).shape, [2, 3]);
 */
export function tensor(
  data: TensorData,
  options: TensorOptions & { readonly shape?: Shape } = {},
): Tensor {
  const { device = getDefaultDevice() } = options;
  const { values, shape: found, natural } = flattened(data);
  const dtype = options.dtype ?? natural;
  const shape = options.shape ?? found;
  if (numelOf(checkShape(shape, "tensor")) !== values.length)
    throw new ShapeError(
      `tensor: Values do not fill the shape: expected ${numelOf(shape)} for [${shape.join(", ")}], ` +
        `received ${values.length}`,
    );
  return finish(uploaded(device, dtype, shape, hostArray(values, dtype)), options);
}

/** Host values as the array that holds `dtype`; a typed array of that very type is not copied. @internal */
export function hostArray(values: ArrayLike<number | bigint | boolean>, dtype: DType): TypedArray {
  if (isHalf(dtype)) return encodeHalf(Array.from(values, Number), dtype);
  const array = makeArray(dtype, 0);
  if (values.constructor === array.constructor && dtype !== "bool") return values as TypedArray;
  const result = makeArray(dtype, values.length);
  if (result instanceof BigInt64Array)
    for (let i = 0; i < values.length; i++) result[i] = toBigInt(values[i] as number | bigint);
  else if (dtype === "bool")
    for (let i = 0; i < values.length; i++) result[i] = Number(values[i]) !== 0 ? 1 : 0;
  else if (isFloat(dtype)) for (let i = 0; i < values.length; i++) result[i] = Number(values[i]);
  else for (let i = 0; i < values.length; i++) result[i] = checkedInteger(Number(values[i]), dtype);
  return result;
}

const toBigInt = (value: number | bigint | boolean): bigint =>
  typeof value === "number" ? BigInt(Math.trunc(value)) : BigInt(value);

function checkedInteger(value: number, dtype: DType): number {
  const [low, high] = integerRange(dtype) as readonly [number, number];
  if (!(value > low - 1 && value < high + 1))
    throw new DTypeError(
      `tensor: Value does not fit ${dtype}: expected ${low} to ${high}, received ${value}`,
    );
  return Math.trunc(value);
}

interface Flattened {
  readonly values: ArrayLike<number | bigint | boolean>;
  readonly shape: Shape;
  readonly natural: DType;
}

const dtypeOfArray: Readonly<Record<string, DType>> = {
  Float32Array: "float32",
  Float64Array: "float64",
  Int8Array: "int8",
  Int16Array: "int16",
  Int32Array: "int32",
  BigInt64Array: "int64",
  Uint8Array: "uint8",
  Uint8ClampedArray: "uint8",
};

function flattened(data: TensorData): Flattened {
  if (ArrayBuffer.isView(data)) {
    const natural =
      dtypeOfArray[data.constructor.name] ?? (data instanceof Uint8Array ? "uint8" : undefined);
    if (natural === undefined)
      throw new DTypeError(`tensor: Array type has no dtype: received ${data.constructor.name}`, {
        hint: "use Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, BigInt64Array or Uint8Array",
      });
    return { values: data as TypedArray, shape: [data.length], natural };
  }
  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) shape.push(level.length);
  const values: (number | bigint | boolean)[] = [];
  collect(data as Nested<number | boolean | bigint>, shape, 0, values);
  return { values, shape, natural: dtypeOfValues(values) };
}

function collect(
  level: Nested<number | boolean | bigint>,
  shape: Shape,
  dim: number,
  values: (number | bigint | boolean)[],
): void {
  const isList = Array.isArray(level);
  if (isList !== dim < shape.length || (isList && level.length !== shape[dim]))
    throw new ShapeError(
      `tensor: Nested arrays are ragged: expected ${isList ? (shape[dim] ?? "a value") : "an array"} at depth ${dim}, ` +
        `received ${isList ? level.length : level}`,
    );
  if (!isList) values.push(level as number);
  else
    for (const inner of level as readonly Nested<number>[]) collect(inner, shape, dim + 1, values);
}

function dtypeOfValue(value: number | bigint | boolean): DType {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int64";
  return Number.isInteger(value) ? "int32" : "float32";
}

function dtypeOfValues(values: readonly (number | bigint | boolean)[]): DType {
  if (values.length === 0) return "float32";
  if (values.some((v) => typeof v === "number" && !Number.isInteger(v))) return "float32";
  if (values.some((v) => typeof v === "bigint")) return "int64";
  return values.some((v) => typeof v === "number") ? "int32" : "bool";
}
