// Looking up rows, and adding gradients to them. Every index is checked before it is used.
import {
  isContiguous,
  type KernelOf,
  type Kernels,
  makeArray,
  numelOf,
  type ops,
  type TypedArray,
  type View,
} from "@tead/tensor";
import { bufferIsArray, gatherNumbers, gatherRaw, scatterRaw } from "@tead/tensor/kernel-kit";
import { read, write } from "./floats.ts";

function rowsOf(
  call: { fail(code: "indexOutOfRange", position: number): void },
  index: View,
  count: number,
): Int32Array {
  const values = gatherNumbers(index, bufferIsArray);
  const rows = new Int32Array(values.length);
  for (let i = 0; i < rows.length; i++) {
    const value = values[i] as number;
    if (value >= 0 && value < count) rows[i] = value;
    else call.fail("indexOutOfRange", i);
  }
  return rows;
}

const embedding: KernelOf<typeof ops.embeddingOp> = (call) => {
  const [index, weight] = call.inputs;
  const [count, size] = weight.shape as readonly [number, number];
  const rows = rowsOf(call, index, count);
  const out = call.outputs[0] as View;
  const values = gatherRaw(weight, bufferIsArray, true);
  const direct = isContiguous(out) && out.buffer !== weight.buffer;
  const result = direct ? (out.buffer as TypedArray) : makeArray(weight.dtype, rows.length * size);
  copyRows(result, direct ? out.offset : 0, values, rows, size);
  if (!direct) scatterRaw(result, out, bufferIsArray);
};

/** Rows shorter than this are copied one by one. */
const SHORT = 48;

/** Row `rows[i]` of the source as row i of the target. */
function copyRows(
  target: TypedArray,
  offset: number,
  source: TypedArray,
  rows: Int32Array,
  size: number,
): void {
  for (let i = 0, to = offset; i < rows.length; i++, to += size) {
    const from = (rows[i] as number) * size;
    if (size >= SHORT) target.set(source.subarray(from, from + size) as never, to);
    else for (let k = 0; k < size; k++) target[to + k] = source[from + k] as never;
  }
}

const embeddingGrad: KernelOf<typeof ops.embeddingGradOp> = (call) => {
  const [grad, index] = call.inputs;
  const { numEmbeddings, paddingIdx, scaleGradByFreq } = call.attrs;
  const rows = rowsOf(call, index, numEmbeddings);
  const size = grad.shape.at(-1) as number;
  const g = read(grad);
  const seen = new Float64Array(numEmbeddings);
  for (const row of rows) seen[row] = (seen[row] as number) + 1;
  write(call.outputs[0] as View, call.inputs, (dw) => {
    dw.fill(0, 0, numelOf([numEmbeddings, size]));
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      if (row === paddingIdx) continue;
      const share = scaleGradByFreq ? 1 / (seen[row] as number) : 1;
      for (let j = 0, to = row * size; j < size; j++, to++)
        dw[to] = (dw[to] as number) + share * (g[i * size + j] as number);
    }
  });
};

export const embeddingKernels: Pick<Kernels, "embedding" | "embeddingGrad"> = {
  embedding,
  embeddingGrad,
};
