// Reference kernels that make or convert values: fill, arange, copy.
import type { KernelOf, View } from "../backend.ts";
import { type DType, isFloat, isHalf, makeArray, type TypedArray } from "../dtype.ts";
import { encodeHalf } from "../half.ts";
import type { arangeOp, copyOp, fillOp } from "../ops/copy.ts";
import { isContiguous, numelOf } from "../shape.ts";
import {
  type ArrayOf,
  eachRow,
  gatherNumbers,
  gatherRaw,
  scatterNumbers,
  scatterRaw,
} from "./access.ts";

export function fillKernel(arrayOf: ArrayOf): KernelOf<typeof fillOp> {
  return ({ outputs: [output], attrs: { value } }) => {
    if (output === undefined) return;
    const array = arrayOf(output);
    const isPlain = output.dtype === "float32" || output.dtype === "float64";
    if (isPlain && isContiguous(output) && numelOf(output.shape) === 1) {
      array[output.offset] = Number(value);
      return;
    }
    const one = makeArray(output.dtype, 1);
    if (one instanceof BigInt64Array)
      one[0] = typeof value === "bigint" ? value : BigInt(Math.trunc(value));
    else if (isHalf(output.dtype)) one.set(encodeHalf([Number(value)], output.dtype));
    else one[0] = output.dtype === "bool" ? Number(Number(value) !== 0) : Number(value);
    const element = one[0] as never;
    if (isContiguous(output))
      array.fill(element, output.offset, output.offset + numelOf(output.shape));
    else
      eachRow(output, (start, count, step) => {
        for (let i = 0; i < count; i++) array[start + i * step] = element;
      });
  };
}

export function arangeKernel(arrayOf: ArrayOf): KernelOf<typeof arangeOp> {
  return ({ outputs: [output], attrs: { start, step, count } }) => {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = start + step * i;
    scatterNumbers(values, output as View, arrayOf);
  };
}

export function copyKernel(arrayOf: ArrayOf): KernelOf<typeof copyOp> {
  return ({ inputs: [input], outputs: [output] }) => {
    const target = output as View;
    const overlap = input.buffer === target.buffer;
    if (input.dtype === target.dtype) copyRaw(input, target, overlap, arrayOf);
    else if (input.dtype === "int64" && !isFloat(target.dtype) && target.dtype !== "bool")
      scatterRaw(wrapped(input, target.dtype, arrayOf), target, arrayOf);
    else scatterNumbers(gatherNumbers(input, arrayOf), target, arrayOf);
  };
}

/** Same dtype: bits as they are, element by element where no array of them has to be made. */
function copyRaw(input: View, target: View, overlap: boolean, arrayOf: ArrayOf): void {
  if (overlap || isContiguous(input) || !isContiguous(target)) {
    scatterRaw(gatherRaw(input, arrayOf, !overlap), target, arrayOf);
    return;
  }
  const source = arrayOf(input);
  const result = arrayOf(target);
  let to = target.offset;
  eachRow(input, (start, count, step) => {
    for (let i = 0, at = start; i < count; i++, at += step) result[to++] = source[at] as never;
  });
}

/** int64 to a narrower integer keeps the low bits, which numbers would lose beyond 2^53. */
function wrapped(input: View, dtype: DType, arrayOf: ArrayOf): TypedArray {
  const values = gatherRaw(input, arrayOf, true) as BigInt64Array;
  const result = makeArray(dtype, values.length);
  for (let i = 0; i < values.length; i++)
    result[i] = Number(BigInt.asIntN(32, values[i] as bigint)) as never;
  return result;
}
