// Copies: of one dtype by tiles, conversions between common dtypes in loops of their own, the kernel kit's for the rest.
import {
  isContiguous,
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type TypedArray,
  type View,
} from "@tead/tensor";
import { bufferIsArray, fusedKernels, referenceKernels } from "@tead/tensor/kernel-kit";
import { pool } from "../buffer-pool.ts";
import { copyStrided, gathered, scattered } from "./strided.ts";

const reference = referenceKernels(bufferIsArray);
const joinSlowly = fusedKernels(bufferIsArray).cat as KernelOf<typeof ops.catOp>;

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;
type Convert = (to: Numbers, at: number, from: Numbers, first: number, count: number) => void;

// One function for each pair, so that the engine compiles each for its two types of array.
const toDouble: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const fromDouble: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const toInteger: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const fromInteger: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const fromByte: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const integerFromByte: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const toByte: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] as number;
};
const toBool: Convert = (to, at, from, first, count) => {
  for (let i = 0; i < count; i++) to[at + i] = from[first + i] !== 0 ? 1 : 0;
};

const converters: Readonly<Record<string, Convert>> = {
  "float32 float64": toDouble,
  "float64 float32": fromDouble,
  "float32 int32": toInteger,
  "int32 float32": fromInteger,
  "bool float32": fromByte,
  "uint8 float32": fromByte,
  "bool int32": integerFromByte,
  "uint8 int32": integerFromByte,
  "float32 uint8": toByte,
  "float32 bool": toBool,
};

const copy: KernelOf<typeof ops.copyOp> = (call) => {
  const input = call.inputs[0];
  const output = call.outputs[0] as View;
  const apart = input.buffer !== output.buffer;
  if (input.dtype === output.dtype) {
    const dense = isContiguous(input) && isContiguous(output);
    if (dense || !apart) reference.copy(call);
    else
      copyStrided(
        input.shape,
        output.buffer as TypedArray,
        output,
        input.buffer as TypedArray,
        input,
      );
    return;
  }
  const convert = converters[`${input.dtype} ${output.dtype}`];
  if (convert === undefined || !apart) {
    reference.copy(call);
    return;
  }
  const count = numelOf(input.shape);
  const values = isContiguous(input) ? undefined : gathered(input);
  const [from, first] = values === undefined ? [input.buffer, input.offset] : [values, 0];
  if (isContiguous(output)) {
    convert(output.buffer as Numbers, output.offset, from as Numbers, first, count);
  } else {
    const result = pool.take(output.dtype, count);
    convert(result as Numbers, 0, from as Numbers, first, count);
    scattered(result, output);
    pool.give(result);
  }
  if (values !== undefined) pool.give(values);
};

/** Each tensor straight to its place in the result. */
const cat: KernelOf<typeof ops.catOp> = (call) => {
  const [tensors] = call.inputs;
  const output = call.outputs[0] as View;
  const { dim } = call.attrs;
  if (tensors.some((x) => x.dtype !== output.dtype || x.buffer === output.buffer)) {
    joinSlowly(call);
    return;
  }
  const { buffer, strides } = output;
  let { offset } = output;
  for (const tensor of tensors) {
    const place = { offset, strides };
    copyStrided(tensor.shape, buffer as TypedArray, place, tensor.buffer as TypedArray, tensor);
    offset += (tensor.shape[dim] as number) * (strides[dim] as number);
  }
};

export const copyKernels: Pick<Kernels, "copy" | "cat"> = { copy, cat };
