// The reference kernel of every elementwise op: reads its operands as plain arrays, applies one
// function to each element, writes the result. The functions stand in rules.ts.
import type { Kernel, KernelCall, View } from "../backend.ts";
import { isFloat } from "../dtype.ts";
import { isContiguous, numelOf } from "../shape.ts";
import {
  type ArrayOf,
  gatherNumbers,
  gatherRaw,
  resultArray,
  scatterNumbers,
  scatterRaw,
  type Values,
} from "./access.ts";
import type { Big, Numeric, Rule } from "./rules.ts";

/** The kernel that applies a rule to each element. */
export function elementwiseKernel(rule: Rule, arrayOf: ArrayOf): Kernel<readonly View[], unknown> {
  return (call) => {
    const { inputs } = call;
    const output = call.outputs[0] as View;
    if (rule.big !== undefined && inputs.some((x) => x.dtype === "int64")) {
      bigKernel(call, rule.big, arrayOf);
      return;
    }
    const f = functionFor(rule, output);
    const [a, b, c] = inputs.map((x) => operandNumbers(x, arrayOf));
    if (a === undefined) return;
    const { dtype } = output;
    if (dtype !== "bool" && !isFloat(dtype)) {
      // Checked before anything is written: a refused in-place op leaves its tensor as it was.
      const result = resultArray(dtype, numelOf(output.shape));
      applyChecked(call, f, result, a, b, c);
      scatterNumbers(result, output, arrayOf);
      return;
    }
    const window = writableWindow(inputs, output, arrayOf);
    const result = window ?? resultArray(dtype, numelOf(output.shape));
    apply(f, result, a, b, c);
    if (window === undefined) scatterNumbers(result, output, arrayOf);
  };
}

function functionFor(rule: Rule, { dtype }: View): Numeric {
  if (isFloat(dtype)) return rule.f;
  if (dtype === "bool") return rule.bool ?? rule.f;
  if (dtype === "int32" || dtype === "int64") return rule.integer ?? rule.f;
  return rule.narrow ?? rule.integer ?? rule.f;
}

/** The operand's elements; just one where every element is the same place in memory. */
function operandNumbers(view: View, arrayOf: ArrayOf): Values {
  const constant =
    view.scalar === undefined &&
    view.shape.every((size, i) => size === 1 || (view.strides[i] === 0 && size > 0));
  // A constant is read ahead: the loop may write over the place that it stands in.
  return constant ? gatherNumbers(pointOf(view), arrayOf, false) : gatherNumbers(view, arrayOf);
}

const pointOf = ({ buffer, dtype, offset }: View): View => ({
  buffer,
  dtype,
  shape: [],
  strides: [],
  offset,
});

/** Where the result can be written at once: no operand is read from there after it is written. */
function writableWindow(
  inputs: readonly View[],
  output: View,
  arrayOf: ArrayOf,
): Values | undefined {
  const { dtype, offset } = output;
  if (dtype === "float16" || dtype === "bfloat16" || !isContiguous(output)) return undefined;
  const clash = inputs.some(
    (x) =>
      x.scalar === undefined &&
      x.buffer === output.buffer &&
      !(x.dtype === dtype && x.offset === offset) &&
      isContiguous(x),
  );
  if (clash) return undefined;
  return arrayOf(output).subarray(offset, offset + numelOf(output.shape)) as Values;
}

type Operand = ArrayLike<number> | undefined;
/** 0 for a constant, so that its one element is read again and again. */
const stepOf = (x: { readonly length: number } | undefined, count: number): number =>
  x === undefined || x.length !== count ? 0 : 1;

function apply(f: Numeric, result: Values, a: ArrayLike<number>, b: Operand, c: Operand): void {
  const { length } = result;
  const [stepA, stepB, stepC] = [stepOf(a, length), stepOf(b, length), stepOf(c, length)];
  if (b === undefined) for (let i = 0; i < length; i++) result[i] = f(a[i * stepA] as number);
  else if (c === undefined)
    for (let i = 0; i < length; i++) result[i] = f(a[i * stepA] as number, b[i * stepB] as number);
  else
    for (let i = 0; i < length; i++)
      result[i] = f(a[i * stepA] as number, b[i * stepB] as number, c[i * stepC] as number);
}

/** int32 results must fit; narrower ones wrap; NaN is how a rule says "division by zero". */
function applyChecked(
  call: KernelCall<unknown, unknown>,
  f: Numeric,
  result: Values,
  a: ArrayLike<number>,
  b: Operand,
  c: Operand,
): void {
  const { length } = result;
  const wide = result instanceof Int32Array;
  const [stepA, stepB, stepC] = [stepOf(a, length), stepOf(b, length), stepOf(c, length)];
  for (let i = 0; i < length; i++) {
    const value = f(a[i * stepA] as number, b?.[i * stepB] as number, c?.[i * stepC] as number);
    if (Number.isNaN(value)) call.fail("divisionByZero", i);
    else if (wide && (value | 0) !== value) call.fail("integerOverflow", i);
    result[i] = value;
  }
}

function bigKernel(call: KernelCall<readonly View[], unknown>, f: Big, arrayOf: ArrayOf): void {
  const output = call.outputs[0] as View;
  const count = numelOf(output.shape);
  const columns = call.inputs.map((x) => bigs(x, arrayOf));
  const [a, b, c] = columns;
  const [stepA, stepB, stepC] = [stepOf(a, count), stepOf(b, count), stepOf(c, count)];
  const result = output.dtype === "int64" ? new BigInt64Array(count) : new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const value = f(a?.[i * stepA] as bigint, b?.[i * stepB] as bigint, c?.[i * stepC] as bigint);
    if (value === undefined) call.fail("divisionByZero", i);
    else if (result instanceof BigInt64Array) result[i] = BigInt(value);
    else result[i] = Number(value);
  }
  scatterRaw(result, output, arrayOf);
}

/** An operand's elements as bigints. */
export function bigs(view: View, arrayOf: ArrayOf): BigInt64Array {
  if (view.scalar !== undefined) return BigInt64Array.of(BigInt(Math.trunc(view.scalar)));
  const raw = gatherRaw(view, arrayOf, true);
  if (raw instanceof BigInt64Array) return raw;
  const result = new BigInt64Array(raw.length);
  for (let i = 0; i < raw.length; i++) result[i] = BigInt(raw[i] as number);
  return result;
}
