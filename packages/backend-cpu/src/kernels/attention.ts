// Scaled dot-product attention and its gradients: SIMD for float32, plain loops in float64 otherwise.
import {
  broadcastStrides,
  type KernelOf,
  type Kernels,
  numelOf,
  type ops,
  type View,
} from "@tead/tensor";
import { eachRow } from "@tead/tensor/kernel-kit";
import * as twins from "../twins/index.ts";
import { f32Kernels } from "../wasm/index.ts";
import { areSingle, read, writeAll } from "./floats.ts";

type Kind = Pick<typeof twins, "attentionF32" | "attentionGradF32">;
const f32: Kind = f32Kernels();

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
function headsOf(view: View): twins.Heads {
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

function sizesOf(
  query: View,
  value: View,
  { scale, causal }: ops.AttentionAttrs,
): twins.AttentionSizes {
  const [queries, features] = query.shape.slice(-2) as [number, number];
  const [keys, columns] = value.shape.slice(-2) as [number, number];
  return { queries, keys, features, columns, scale, causal };
}

/** SIMD takes float32 operands, and masks of float32 or bool. */
const kindFor = (views: readonly View[], mask: View | undefined): Kind =>
  areSingle(mask?.dtype === "bool" ? views : [...views, mask]) ? f32 : twins;

const attention: KernelOf<typeof ops.attentionOp> = ({ inputs, outputs, attrs }) => {
  const [query, key, value, mask] = inputs;
  const operands = {
    query: headsOf(query),
    key: headsOf(key),
    value: headsOf(value),
    mask: maskOf(mask),
  };
  writeAll(outputs, inputs, ([output, logsumexp]) => {
    const out = { output, logsumexp } as twins.AttentionOut;
    const kind = kindFor([query, key, value], mask);
    kind.attentionF32(out, operands, sizesOf(query, value, attrs));
  });
};

const attentionGrad: KernelOf<typeof ops.attentionGradOp> = ({ inputs, outputs, attrs }) => {
  const [grad, query, key, value, mask, output, logsumexp] = inputs;
  const operands = {
    query: headsOf(query),
    key: headsOf(key),
    value: headsOf(value),
    mask: maskOf(mask),
    grad: headsOf(grad),
    output: headsOf(output),
    logsumexp: read(logsumexp) as Float32Array,
  };
  writeAll(outputs, inputs, ([gradQuery, gradKey, gradValue]) => {
    const out = { gradQuery, gradKey, gradValue } as twins.AttentionGradOut;
    const kind = kindFor([query, key, value, grad, output, logsumexp], mask);
    kind.attentionGradF32(out, operands, sizesOf(query, value, attrs));
  });
};

export const attentionKernels: Partial<Kernels> = { attention, attentionGrad };
