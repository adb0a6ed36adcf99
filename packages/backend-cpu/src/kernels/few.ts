// Elementwise ops on a few numbers, in plain loops: staging them for SIMD kernels would cost more.
import { type DType, isContiguous, type KernelCall, numelOf, type View } from "@tead/tensor";
import type { Rule } from "@tead/tensor/kernel-kit";
import { isSafe } from "./runs.ts";

/**
 * Tensors of no more elements than this are computed one by one: staging would cost more. A loop that calls a function
 * for each element takes 14 ns each, one of its own 1 to 2, the SIMD kernels 80 for a start (Node 20 and 24).
 */
const FEW = 8;
const FEW_IN_A_LOOP = 32;

/** How far apart the numbers of a view are: 1 in order, 0 for one that stands for all, else NaN. */
function stepOf(view: View, dtype: DType): number {
  if (view.scalar !== undefined) return 0;
  if (view.dtype !== dtype) return Number.NaN;
  if (isContiguous(view)) return 1;
  return isOne(view) ? 0 : Number.NaN;
}

/** Whether all elements of the view lie in one place. */
export function isOne({ shape, strides }: View): boolean {
  for (let d = 0; d < shape.length; d++) if (shape[d] !== 1 && strides[d] !== 0) return false;
  return true;
}

const singles = new Float32Array(2);
const doubles = new Float64Array(2);

/** The numbers of a view, or those of a place that holds its one number. */
function numbersOf(view: View, dtype: DType, place: 0 | 1): Float32Array {
  if (view.scalar === undefined) return view.buffer as Float32Array;
  const box = dtype === "float32" ? singles : doubles;
  box[place] = view.scalar;
  return box as Float32Array;
}

/** to[at + i] = a[atA + i stepA] op b[atB + i stepB] */
export type Loop = (
  to: Float32Array,
  at: number,
  a: Float32Array,
  atA: number,
  stepA: number,
  b: Float32Array,
  atB: number,
  stepB: number,
  count: number,
) => void;

/** The ops that have a loop of their own, by name. */
export const loops: Readonly<Partial<Record<string, Loop>>> = {
  add: (to, at, a, atA, stepA, b, atB, stepB, count) => {
    for (let i = 0; i < count; i++)
      to[at + i] = (a[atA + i * stepA] as number) + (b[atB + i * stepB] as number);
  },
  sub: (to, at, a, atA, stepA, b, atB, stepB, count) => {
    for (let i = 0; i < count; i++)
      to[at + i] = (a[atA + i * stepA] as number) - (b[atB + i * stepB] as number);
  },
  mul: (to, at, a, atA, stepA, b, atB, stepB, count) => {
    for (let i = 0; i < count; i++)
      to[at + i] = (a[atA + i * stepA] as number) * (b[atB + i * stepB] as number);
  },
  div: (to, at, a, atA, stepA, b, atB, stepB, count) => {
    for (let i = 0; i < count; i++)
      to[at + i] = (a[atA + i * stepA] as number) / (b[atB + i * stepB] as number);
  },
};

/** Computes a few floats in order; false where the operands are others. */
export function few(
  { f }: Rule,
  loop: Loop | undefined,
  { inputs, outputs }: KernelCall<readonly View[], unknown>,
): boolean {
  const out = outputs[0] as View;
  const { dtype } = out;
  const count = numelOf(out.shape);
  if (count > (loop === undefined ? FEW : FEW_IN_A_LOOP) || inputs.length > 2) return false;
  if ((dtype !== "float32" && dtype !== "float64") || !isContiguous(out)) return false;
  const x = inputs[0] as View;
  const y = inputs[1];
  const stepA = stepOf(x, dtype);
  const stepB = y === undefined ? 0 : stepOf(y, dtype);
  if (Number.isNaN(stepA + stepB) || !isSafe(x, out) || (y !== undefined && !isSafe(y, out)))
    return false;
  const to = out.buffer as Float32Array;
  const a = numbersOf(x, dtype, 0);
  const atA = x.scalar === undefined ? x.offset : 0;
  if (y === undefined) {
    for (let i = 0; i < count; i++) to[out.offset + i] = f(a[atA + i * stepA] as number);
    return true;
  }
  const b = numbersOf(y, dtype, 1);
  const atB = y.scalar === undefined ? y.offset : 1;
  if (loop !== undefined) {
    loop(to, out.offset, a, atA, stepA, b, atB, stepB, count);
    return true;
  }
  for (let i = 0; i < count; i++)
    to[out.offset + i] = f(a[atA + i * stepA] as number, b[atB + i * stepB] as number);
  return true;
}
