// Elementwise ops of int32 and int64 by SIMD.
import { type KernelCall, numelOf, type View } from "@tead/tensor";
import { wasmAvailable, wasmEngine } from "../wasm/engine.ts";
import type { IntegerName } from "../wasm/exports.ts";
import { mapViews } from "./chunks.ts";

/** What ops are called without the dtype. */
export type IntegerOp = IntegerName extends `${infer Name}I${number}` ? Name : never;

/** Up to this many elements the loops are as fast. */
const FEW = 64;

/** Whether a number among the operands is one of the dtype's. */
const fits = ({ dtype, scalar }: View): boolean =>
  scalar === undefined ||
  (dtype === "int32" ? (scalar | 0) === scalar : Number.isSafeInteger(scalar));

/** Ones behind the elements of an operand: what a vector has there is no failure. */
function pad(at: number, count: number): void {
  const { i32 } = wasmEngine();
  if (at > 0) for (let i = count; i % 4 !== 0; i++) i32[(at >> 2) + i] = 1;
}

/** False where the dtypes are others, there are few elements, or a result does not fit: the loops say where. */
export function integers(
  name: IntegerOp,
  { inputs, outputs }: KernelCall<readonly View[], unknown>,
): boolean {
  const out = outputs[0] as View;
  const { dtype } = inputs[0] as View;
  if (dtype !== "int32" && dtype !== "int64") return false;
  if (out.dtype !== dtype && out.dtype !== "bool") return false;
  if (numelOf(out.shape) <= FEW || !wasmAvailable()) return false;
  if (!inputs.every((view) => view.dtype === dtype && fits(view))) return false;
  const kernel = wasmEngine().kernels[`${name}${dtype === "int32" ? "I32" : "I64"}`];
  return mapViews(
    (to, a, b, _, n) => {
      if (dtype === "int32" && n % 4 !== 0) {
        pad(a, n);
        pad(b, n);
      }
      return kernel(to, a, b, n);
    },
    inputs,
    out,
  );
}
