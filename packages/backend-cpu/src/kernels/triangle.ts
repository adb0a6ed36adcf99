// Triangles of matrices: each row's part that stays is copied, the rest becomes 0.
import {
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type TypedArray,
  type View,
} from "@tead/tensor";
import { windowOf } from "@tead/tensor/kernel-kit";
import { withResult, withValues } from "./indexing.ts";

const triangle =
  (lower: boolean): KernelOf<typeof ops.trilOp> =>
  ({ inputs: [input], outputs, attrs: { diagonal } }) => {
    const [rows, columns] = input.shape.slice(-2) as [number, number];
    const count = numelOf(input.shape);
    withValues(input, ({ array, at }) =>
      withResult(outputs[0] as View, [input], (result, to) => {
        (windowOf(result, to, count) as Uint8Array).fill(zeroOf(result));
        for (let start = 0, row = 0; start < count; start += columns, row++) {
          const edge = (row % rows) + diagonal;
          const first = lower ? 0 : Math.min(Math.max(edge, 0), columns);
          const end = lower ? Math.min(Math.max(edge + 1, 0), columns) : columns;
          const kept = array.subarray(at + start + first, at + start + end);
          result.set(kept as never, to + start + first);
        }
      }),
    );
  };

const zeroOf = (array: TypedArray): never => (array instanceof BigInt64Array ? 0n : 0) as never;

export const triangleKernels: Pick<Kernels, "tril" | "triu"> = {
  tril: triangle(true),
  triu: triangle(false),
};
