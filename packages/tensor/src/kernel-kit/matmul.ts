// The reference matrix product: row times matrix, summed in the order of k.
import type { KernelOf, View } from "../backend.ts";
import type { matmulOp } from "../ops/matmul.ts";
import { broadcastStrides, contiguousStrides, numelOf } from "../shape.ts";
import { type ArrayOf, eachRow, gatherNumbers, scatterNumbers, type Values } from "./access.ts";
import { checkInt32 } from "./indexing.ts";

/** y[m, n] += a[m, k] b[k, n], all contiguous, from the given positions. */
export function multiply(
  y: Values,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  [fromY, fromA, fromB]: readonly [number, number, number],
  [m, k, n]: readonly [number, number, number],
): void {
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) {
      const factor = a[fromA + i * k + p] as number;
      const row = fromB + p * n;
      const out = fromY + i * n;
      for (let j = 0; j < n; j++)
        y[out + j] = (y[out + j] as number) + factor * (b[row + j] as number);
    }
}

/** The start of each matrix of a broadcast batch, in a contiguous array. */
function starts(shape: readonly number[], batch: readonly number[], size: number): number[] {
  const lead = shape.slice(0, -2);
  const strides = broadcastStrides({ shape: lead, strides: contiguousStrides(lead) }, batch);
  const result: number[] = [];
  eachRow({ shape: batch, strides, offset: 0 }, (start, count, step) => {
    for (let i = 0; i < count; i++) result.push((start + i * step) * size);
  });
  return result;
}

export function matmulKernel(arrayOf: ArrayOf): KernelOf<typeof matmulOp> {
  return (call) => {
    const {
      inputs: [a, b],
    } = call;
    const output = call.outputs[0] as View;
    const [m, k] = a.shape.slice(-2) as [number, number];
    const n = b.shape.at(-1) as number;
    const left = gatherNumbers(a, arrayOf);
    const right = gatherNumbers(b, arrayOf);
    const batch = output.shape.slice(0, -2);
    const startsA = starts(a.shape, batch, m * k);
    const startsB = starts(b.shape, batch, k * n);
    const result = new Float64Array(numelOf(output.shape));
    for (let i = 0; i < startsA.length; i++) {
      const from = [i * m * n, startsA[i] as number, startsB[i] as number] as const;
      multiply(result, left, right, from, [m, k, n]);
    }
    checkInt32(result, output, call);
    scatterNumbers(result, output, arrayOf);
  };
}
