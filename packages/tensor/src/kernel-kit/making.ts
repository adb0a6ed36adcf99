// Reference kernels that make or convert values: fill, arange, copy.
import type { KernelOf, View } from "../backend.ts";
import { isHalf, makeArray } from "../dtype.ts";
import { encodeHalf } from "../half.ts";
import type { arangeOp, copyOp, fillOp } from "../ops/copy.ts";
import { isContiguous, numelOf } from "../shape.ts";
import {
  type ArrayOf,
  eachRow,
  gatherNumbers,
  gatherRaw,
  numbersAs,
  scatterNumbers,
  scatterRaw,
} from "./access.ts";

export function fillKernel(arrayOf: ArrayOf): KernelOf<typeof fillOp> {
  return ({ outputs: [output], attrs: { value } }) => {
    if (output === undefined) return;
    const array = arrayOf(output);
    const one = makeArray(output.dtype, 1);
    if (one instanceof BigInt64Array) one[0] = BigInt(value);
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
    const values = Float64Array.from({ length: count }, (_, i) => start + step * i);
    scatterNumbers(values, output as View, arrayOf);
  };
}

export function copyKernel(arrayOf: ArrayOf): KernelOf<typeof copyOp> {
  return ({ inputs: [input], outputs: [output] }) => {
    const target = output as View;
    // Bits are kept where the dtype is; int64 to bool must not go through numbers that round.
    if (input.dtype === target.dtype)
      scatterRaw(gatherRaw(input, arrayOf, !mayOverlap(input, target)), target, arrayOf);
    else scatterRaw(numbersAs(gatherNumbers(input, arrayOf), target.dtype), target, arrayOf);
  };
}

/** Whether writing one view may change what is still to be read of the other. */
export function mayOverlap(a: View, b: View): boolean {
  return a.buffer === b.buffer;
}
