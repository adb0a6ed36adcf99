// Scaled dot-product attention and its gradients: SIMD for float32, plain loops in float64 otherwise.
import {
  broadcastStrides,
  contiguousStrides,
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type View,
} from "@tead/tensor";
import { bufferIsArray, eachRow, gatherNumbers } from "@tead/tensor/kernel-kit";
import * as twins from "../twins/index.ts";
import { f32Kernels } from "../wasm/index.ts";
import { areSingle, type Floats, read, writeAll } from "./floats.ts";

type Kind = Pick<typeof twins, "attentionF32" | "attentionGradF32">;
const f32: Kind = f32Kernels();

/** The view with its rows, which lie along `rowDim`, before the last dim. */
function rowsLast(view: View, { rowDim = -2 }: ops.AttentionAttrs): View {
  if (rowDim === -2) return view;
  const moved = (sizes: readonly number[]): number[] => {
    const rest = sizes.filter((_, dim) => dim !== sizes.length + rowDim);
    return rest.toSpliced(-1, 0, sizes.at(rowDim) as number);
  };
  // A view may be a tensor, whose fields are no properties of its own.
  const { buffer, dtype, offset, shape, strides } = view;
  return { buffer, dtype, offset, shape: moved(shape), strides: moved(strides) };
}

/** Where each matrix of a batch begins. */
function startsOf({ shape, strides, offset }: View): number[] {
  const batch = shape.slice(0, -2);
  const lead = { shape: batch, strides: strides.slice(0, -2) };
  const result: number[] = [];
  eachRow(
    { shape: batch, strides: broadcastStrides(lead, batch), offset },
    (start, count, step) => {
      for (let i = 0; i < count; i++) result.push(start + i * step);
    },
  );
  return result;
}

const isPlain = ({ dtype }: View): boolean => dtype === "float32" || dtype === "float64";

/** Matrices as they lie, where their columns lie side by side, else a dense copy of them. */
function headsOf(given: View, attrs: ops.AttentionAttrs): twins.Heads {
  const view = rowsLast(given, attrs);
  const [rows, columns] = view.shape.slice(-2) as [number, number];
  const [row, column] = view.strides.slice(-2) as [number, number];
  if (isPlain(view) && (column === 1 || columns === 1)) {
    return { data: view.buffer as Float32Array, starts: startsOf(view), row };
  }
  const count =
    rows * columns === 0 ? startsOf(view).length : numelOf(view.shape) / (rows * columns);
  const starts = Array.from({ length: count }, (_, i) => i * rows * columns);
  return { data: read(view) as Float32Array, starts, row: columns };
}

/** The matrices of an output in the dense array that it is computed in. */
function resultOf(
  data: Floats | undefined,
  { shape }: View,
  attrs: ops.AttentionAttrs,
): twins.Heads {
  const dense = { shape, strides: contiguousStrides(shape), offset: 0, dtype: "float32" } as const;
  return headsOf({ ...dense, buffer: data }, attrs);
}

const keptOf = (
  view: View | undefined,
  { keptScale: scale = 1 }: ops.AttentionAttrs,
): twins.KeptWeights | undefined =>
  view && { data: gatherNumbers(view, bufferIsArray) as Uint8Array, scale };

function maskOf(view: View | undefined): twins.ScoreMask | undefined {
  if (view === undefined) return undefined;
  const isBool = view.dtype === "bool";
  const [rows, columns] = view.shape.slice(-2) as [number, number];
  if (isBool || isPlain(view)) {
    const [row, column] = view.strides.slice(-2) as [number, number];
    return { data: view.buffer as Float32Array, isBool, starts: startsOf(view), row, column };
  }
  const starts = startsOf(view).map((_, i) => i * rows * columns);
  return { data: read(view) as Float32Array, isBool, starts, row: columns, column: 1 };
}

function sizesOf(query: View, value: View, attrs: ops.AttentionAttrs): twins.AttentionSizes {
  const [queries, features] = rowsLast(query, attrs).shape.slice(-2) as [number, number];
  const [keys, columns] = rowsLast(value, attrs).shape.slice(-2) as [number, number];
  return { queries, keys, features, columns, scale: attrs.scale, causal: attrs.causal };
}

/** SIMD takes float32 operands, and masks of float32 or bool. */
const kindFor = (views: readonly View[], mask: View | undefined): Kind =>
  areSingle(mask?.dtype === "bool" ? views : [...views, mask]) ? f32 : twins;

const attention: KernelOf<typeof ops.attentionOp> = ({ inputs, outputs, attrs }) => {
  const [query, key, value, mask, kept] = inputs;
  const operands = {
    query: headsOf(query, attrs),
    key: headsOf(key, attrs),
    value: headsOf(value, attrs),
    mask: maskOf(mask),
    kept: keptOf(kept, attrs),
  };
  writeAll(outputs, inputs, ([output, logsumexp]) => {
    const out = {
      output: resultOf(output, outputs[0] as View, attrs),
      logsumexp,
    } as twins.AttentionOut;
    const kind = kindFor([query, key, value], mask);
    kind.attentionF32(out, operands, sizesOf(query, value, attrs));
  });
};

const attentionGrad: KernelOf<typeof ops.attentionGradOp> = ({ inputs, outputs, attrs }) => {
  const [grad, query, key, value, mask, kept, output, logsumexp] = inputs;
  const operands = {
    query: headsOf(query, attrs),
    key: headsOf(key, attrs),
    value: headsOf(value, attrs),
    mask: maskOf(mask),
    kept: keptOf(kept, attrs),
    grad: headsOf(grad, attrs),
    output: headsOf(output, attrs),
    logsumexp: read(logsumexp) as Float32Array,
  };
  writeAll(outputs, inputs, (values) => {
    const [gradQuery, gradKey, gradValue] = outputs.map((view, i) =>
      resultOf(values[i], view, attrs),
    ) as [twins.Heads, twins.Heads, twins.Heads];
    const kind = kindFor([query, key, value, grad, output, logsumexp], mask);
    const out = { gradQuery, gradKey, gradValue };
    kind.attentionGradF32(out, operands, sizesOf(query, value, attrs));
  });
};

export const attentionKernels: Partial<Kernels> = { attention, attentionGrad };
