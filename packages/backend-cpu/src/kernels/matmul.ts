// Matrix products: packed SIMD tiles for float32, operands read with any strides.
import {
  broadcastStrides,
  contiguousStrides,
  isContiguous,
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type View,
} from "@tead/tensor";
import {
  bufferIsArray,
  eachRow,
  gatherNumbers,
  gatherRaw,
  referenceKernels,
  scatterNumbers,
} from "@tead/tensor/kernel-kit";
import { matmulF64 } from "../twins/matmul-double.ts";
import { f32Kernels, type MatrixBatch } from "../wasm/index.ts";
import { FEW_PRODUCTS, multiplyFew } from "./few-products.ts";
import { sumRows } from "./reduce.ts";

const { matmulBatchF32, matmulF32 } = f32Kernels();
/** The products of the two plain dtypes; their arrays always come as their dtype says. */
type Product = (...operands: Parameters<typeof matmulF32>) => void;
const productOf = ({ dtype }: View, work: number): Product => {
  if (dtype === "float64") return matmulF64 as unknown as Product;
  return work < FEW_PRODUCTS ? multiplyFew : matmulF32;
};
const reference = referenceKernels(bufferIsArray);

/** The start of each matrix of a batch broadcast to `batch`. */
function starts(view: View, batch: readonly number[]): number[] {
  const lead = { shape: view.shape.slice(0, -2), strides: view.strides.slice(0, -2) };
  const result: number[] = [];
  const spread = { shape: batch, strides: broadcastStrides(lead, batch), offset: view.offset };
  eachRow(spread, (start, count, step) => {
    for (let i = 0; i < count; i++) result.push(start + i * step);
  });
  return result;
}

const isFast = (x: View, y: View, out: View): boolean =>
  isContiguous(out) &&
  (out.dtype === "float32" || out.dtype === "float64") &&
  x.dtype === out.dtype &&
  y.dtype === out.dtype &&
  x.buffer !== out.buffer &&
  y.buffer !== out.buffer;

const matmul: KernelOf<typeof ops.matmulOp> = (call) => {
  const [a, b] = call.inputs;
  const out = call.outputs[0] as View;
  if (!isFast(a, b, out)) {
    reference.matmul(call);
    return;
  }
  const rank = out.shape.length;
  if (rank === 2) {
    multiplyMatrix(a, a.offset, b, b.offset, out, out.offset);
    return;
  }
  const batch = out.shape.slice(0, -2);
  const startsA = starts(a, batch);
  const startsB = starts(b, batch);
  const [m, n] = [out.shape[rank - 2] as number, out.shape[rank - 1] as number];
  if (out.dtype === "float32") {
    const [left, right] = [batchOf(a, startsA), batchOf(b, startsB)];
    const to = out.buffer as Float32Array;
    matmulBatchF32(to, out.offset, left, right, m, n, a.shape.at(-1) as number);
    return;
  }
  for (let i = 0; i < startsA.length; i++)
    multiplyMatrix(a, startsA[i] as number, b, startsB[i] as number, out, out.offset + i * m * n);
};

const batchOf = ({ buffer, strides }: View, from: readonly number[]): MatrixBatch => ({
  data: buffer as Float32Array,
  starts: from,
  rowStride: strides.at(-2) as number,
  columnStride: strides.at(-1) as number,
});

/** One product of a batch. */
function multiplyMatrix(
  a: View,
  fromA: number,
  b: View,
  fromB: number,
  out: View,
  to: number,
): void {
  const [lastA, lastB] = [a.shape.length - 1, b.shape.length - 1];
  const m = a.shape[lastA - 1] as number;
  const n = b.shape[lastB] as number;
  const k = a.shape[lastA] as number;
  productOf(out, m * n * k)(
    out.buffer as Float32Array,
    to,
    a.buffer as Float32Array,
    fromA,
    a.strides[lastA - 1] as number,
    a.strides[lastA] as number,
    b.buffer as Float32Array,
    fromB,
    b.strides[lastB - 1] as number,
    b.strides[lastB] as number,
    m,
    n,
    k,
  );
}

/** x [..., in] as [rows, in]: its array, start and strides, without a copy where the strides allow. */
function rowsOf(x: View): { array: Float32Array; at: number; row: number; column: number } {
  const features = x.shape.at(-1) as number;
  const column = x.strides.at(-1) ?? 1;
  if (x.shape.length === 2)
    return { array: x.buffer as Float32Array, at: x.offset, row: x.strides[0] as number, column };
  if (isContiguous(x))
    return { array: x.buffer as Float32Array, at: x.offset, row: features, column: 1 };
  return {
    array: gatherNumbers(x, bufferIsArray) as Float32Array,
    at: 0,
    row: features,
    column: 1,
  };
}

const isBiasOf = (out: View, bias: View): boolean =>
  isContiguous(bias) && bias.dtype === out.dtype && bias.buffer !== out.buffer;

/** y = x W^T + b in one pass. */
const linear: KernelOf<typeof ops.linearOp> = (call) => {
  const [x, weight, bias] = call.inputs;
  const out = call.outputs[0] as View;
  if (!isFast(x, weight, out) || !(bias === undefined || isBiasOf(out, bias))) {
    plainLinear(call);
    return;
  }
  const [n, k] = weight.shape as readonly [number, number];
  const m = k === 0 ? numelOf(out.shape) / Math.max(n, 1) : numelOf(x.shape) / k;
  const { array, at, row, column } = rowsOf(x);
  const [rowW, columnW] = weight.strides as readonly [number, number];
  const init = bias && { bias: bias.buffer as Float32Array, biasOffset: bias.offset };
  const w = weight.buffer as Float32Array;
  // W^T: its rows are W's columns.
  productOf(out, m * n * k)(
    out.buffer as Float32Array,
    out.offset,
    array,
    at,
    row,
    column,
    w,
    weight.offset,
    columnW,
    rowW,
    m,
    n,
    k,
    init,
  );
};

/** The same in float64 for every other dtype: the twin. */
const plainLinear: KernelOf<typeof ops.linearOp> = ({ inputs, outputs }) => {
  const [x, weight, bias] = inputs.map((view) => view && gatherNumbers(view, bufferIsArray));
  const [n, k] = (inputs[1] as View).shape as readonly [number, number];
  const out = outputs[0] as View;
  const result = new Float64Array(numelOf(out.shape));
  for (let at = 0; at < result.length; at++) {
    const column = at % n;
    const row = (at - column) / n;
    let sum = 0;
    for (let i = 0; i < k; i++)
      sum += (x?.[row * k + i] as number) * (weight?.[column * k + i] as number);
    result[at] = sum + ((bias?.[column] as number | undefined) ?? 0);
  }
  scatterNumbers(result, out, bufferIsArray);
};

/** The same elements in a buffer of their own. */
const copyOf = (view: View): View => ({
  ...{ buffer: gatherRaw(view, bufferIsArray, false), dtype: view.dtype, shape: view.shape },
  ...{ strides: contiguousStrides(view.shape), offset: 0 },
});

/** dW = g^T x, and db = the sum of g's rows. */
const linearGradWeight: KernelOf<typeof ops.linearGradWeightOp> = (call) => {
  const [weight, bias] = call.outputs as readonly [View, View];
  const unless = (view: View): View =>
    view.buffer === weight.buffer || view.buffer === bias.buffer ? copyOf(view) : view;
  const [g, x] = [unless(call.inputs[0]), unless(call.inputs[1])];
  sumRows(g, bias);
  const [rows, columns] = g.shape as readonly [number, number];
  const [row, column] = g.strides as readonly [number, number];
  if (!isFast(g, x, weight)) {
    const { buffer, dtype, offset } = g;
    const turned = { buffer, dtype, shape: [columns, rows], strides: [column, row], offset };
    const fail: typeof call.fail = (code, position) => call.fail(code, position);
    reference.matmul({ inputs: [turned, x], outputs: [weight], attrs: {}, fail });
    return;
  }
  const features = x.shape[1] as number;
  productOf(weight, columns * features * rows)(
    weight.buffer as Float32Array,
    weight.offset,
    g.buffer as Float32Array,
    g.offset,
    column,
    row,
    x.buffer as Float32Array,
    x.offset,
    x.strides[0] as number,
    x.strides[1] as number,
    columns,
    features,
    rows,
  );
};

export const matmulKernels: Partial<Kernels> = { matmul, linear, linearGradWeight };
