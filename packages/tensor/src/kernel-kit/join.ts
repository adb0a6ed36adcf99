// The kernel of cat: each tensor's rows copied to their place in one pass.
import type { KernelOf, View } from "../backend.ts";
import { makeArray } from "../dtype.ts";
import type { catOp } from "../ops/join.ts";
import { numelOf } from "../shape.ts";
import { type ArrayOf, around, gatherNumbers, gatherRaw, numbersAs, scatterRaw } from "./access.ts";
import { bigs } from "./elementwise.ts";

export function catKernel(arrayOf: ArrayOf): KernelOf<typeof catOp> {
  return ({ inputs: [tensors], outputs, attrs: { dim } }) => {
    const output = outputs[0] as View;
    const { outer, size, inner } = around(output.shape, dim);
    const result = makeArray(output.dtype, numelOf(output.shape));
    let before = 0;
    for (const tensor of tensors) {
      const values =
        tensor.dtype === output.dtype
          ? gatherRaw(tensor, arrayOf, true)
          : output.dtype === "int64"
            ? bigs(tensor, arrayOf)
            : numbersAs(gatherNumbers(tensor, arrayOf), output.dtype);
      const run = (tensor.shape[dim] as number) * inner;
      for (let o = 0; o < outer; o++) {
        const row = outer === 1 ? values : values.subarray(o * run, (o + 1) * run);
        result.set(row as never, o * size * inner + before);
      }
      before += run;
    }
    scatterRaw(result, output, arrayOf);
  };
}
