// Looking up rows, and adding gradients to them. Every index is checked before it is used.
import { type KernelOf, type Kernels, makeArray, type ops, type View } from "@tead/tensor";
import { bufferIsArray, gatherRaw } from "@tead/tensor/kernel-kit";
import { read, write } from "./floats.ts";
import { addRun, copyRows, withResult } from "./indexing.ts";
import { withIndices } from "./indices.ts";

const embedding: KernelOf<typeof ops.embeddingOp> = (call) => {
  const [index, weight] = call.inputs;
  const [count, size] = weight.shape as readonly [number, number];
  withIndices(call, index, count, false, (rows) => {
    const table = gatherRaw(weight, bufferIsArray, true);
    withResult(call.outputs[0] as View, call.inputs, (result, to) =>
      copyRows(result, to, table, 0, rows, 1, count, size),
    );
  });
};

const embeddingGrad: KernelOf<typeof ops.embeddingGradOp> = (call) => {
  const [grad, index] = call.inputs;
  const { numEmbeddings, paddingIdx, scaleGradByFreq } = call.attrs;
  const size = grad.shape.at(-1) as number;
  const g = read(grad) as Float32Array;
  withIndices(call, index, numEmbeddings, false, (rows) =>
    write(call.outputs[0] as View, call.inputs, (dw) => {
      dw.fill(0);
      for (let i = 0; i < rows.length; i++)
        if (rows[i] !== paddingIdx)
          addRun(dw as Float32Array, (rows[i] as number) * size, g, i * size, size);
      if (scaleGradByFreq) divideByFrequency(dw as Float32Array, rows, size);
    }),
  );
};

/** Divides each row by how often it was looked up. */
function divideByFrequency(dw: Float32Array, rows: Int32Array, size: number): void {
  const seen = makeArray("int32", dw.length / size) as Int32Array;
  for (const row of rows) seen[row] = (seen[row] as number) + 1;
  for (let row = 0; row < seen.length; row++) {
    const count = seen[row] as number;
    for (let j = row * size; count > 1 && j < (row + 1) * size; j++)
      dw[j] = (dw[j] as number) / count;
  }
}

export const embeddingKernels: Pick<Kernels, "embedding" | "embeddingGrad"> = {
  embedding,
  embeddingGrad,
};
