// Copies: of one dtype by tiles, conversions between common dtypes by SIMD or in loops of their own, the kernel kit's for the
// rest.
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
import { converterOf } from "../twins/convert.ts";
import { simdConverterOf } from "../wasm/convert.ts";
import { copyStrided, gathered, scattered } from "./strided.ts";

const reference = referenceKernels(bufferIsArray);
const joinSlowly = fusedKernels(bufferIsArray).cat as KernelOf<typeof ops.catOp>;

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
  const count = numelOf(input.shape);
  const { dtype } = output;
  const convert = simdConverterOf(input.dtype, dtype, count) ?? converterOf(input.dtype, dtype);
  if (convert === undefined || !apart) {
    reference.copy(call);
    return;
  }
  const values = isContiguous(input) ? undefined : gathered(input);
  const [from, first] = values === undefined ? [input.buffer, input.offset] : [values, 0];
  if (isContiguous(output)) {
    convert(output.buffer as Float32Array, output.offset, from as Float32Array, first, count);
  } else {
    const result = pool.take(output.dtype, count);
    convert(result as Float32Array, 0, from as Float32Array, first, count);
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
