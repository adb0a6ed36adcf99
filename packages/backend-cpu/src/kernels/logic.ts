// Logic and tests of elements: bools by bytes, float32 by SIMD comparisons.
import type { Kernel, KernelCall, View } from "@tead/tensor";
import { bufferIsArray, elementwiseKernel, type Rule } from "@tead/tensor/kernel-kit";
import { wasmAvailable, wasmEngine } from "../wasm/engine.ts";
import type { BitsName, PropertyName, TruthName } from "../wasm/exports.ts";
import { mapViews } from "./chunks.ts";
import { type IntegerOp, integers } from "./integer.ts";

type Call = KernelCall<readonly View[], unknown>;
type ElementwiseKernel = Kernel<readonly View[], unknown>;

const are = (views: readonly View[], dtype: string): boolean =>
  views.every((view) => view.dtype === dtype);

function choosing(fast: (call: Call) => boolean, rule: Rule): ElementwiseKernel {
  const slow = elementwiseKernel(rule, bufferIsArray);
  return (call) => {
    if (!wasmAvailable() || !fast(call)) slow(call);
  };
}

/** a op b of bools, and by `truth` of floats or by `integer` of integers. */
export function logic(
  bits: BitsName,
  rule: Rule,
  { truth, integer }: { readonly truth?: TruthName; readonly integer?: IntegerOp },
): ElementwiseKernel {
  return choosing((call) => {
    const { inputs, outputs } = call;
    const name = are(inputs, "bool") ? bits : are(inputs, "float32") ? truth : undefined;
    if (name === undefined) return integer !== undefined && integers(integer, call);
    const kernel = wasmEngine().kernels[name];
    return mapViews((to, a, b, _, n) => kernel(to, a, b, n), inputs, outputs[0] as View);
  }, rule);
}

const minusOne: View = { buffer: undefined, dtype: "int32", shape: [], strides: [], offset: 0 };

/** What is not true: of bools, floats, and bit by bit of integers. */
export function negation(rule: Rule, isBitwise: boolean): ElementwiseKernel {
  return choosing((call) => {
    const { inputs, outputs } = call;
    const [x, out] = [inputs[0] as View, outputs[0] as View];
    const { notBytes, logicalNot } = wasmEngine().kernels;
    if (x.dtype === "bool") return mapViews((to, a, _b, _c, n) => notBytes(to, a, n), inputs, out);
    if (isBitwise) {
      const ones: View = { ...minusOne, dtype: x.dtype, scalar: -1 };
      return integers("bitwiseXor", { ...call, inputs: [x, ones], outputs, fail: call.fail });
    }
    if (x.dtype !== "float32") return false;
    return mapViews((to, a, _b, _c, n) => logicalNot(to, a, n), inputs, out);
  }, rule);
}

/** What one float32 is. */
export function property(name: PropertyName, rule: Rule): ElementwiseKernel {
  return choosing(({ inputs, outputs }) => {
    if (!are(inputs, "float32")) return false;
    const kernel = wasmEngine().kernels[name];
    return mapViews((to, a, _b, _c, n) => kernel(to, a, n), inputs, outputs[0] as View);
  }, rule);
}
