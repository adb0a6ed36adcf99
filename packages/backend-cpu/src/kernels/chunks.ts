// Elementwise SIMD kernels over views: broadcast operands are repeated chunk by chunk, those that run another way are
// brought in order first, and a result that does not lie in order is written in order and then copied.
import { isContiguous, numelOf, type TypedArray, type View } from "@tead/tensor";
import { pool } from "../buffer-pool.ts";
import { wasmAvailable } from "../wasm/engine.ts";
import { type ChunkKernel, type Elements, mapChunks, type Operand } from "../wasm/operands.ts";
import { isSafe } from "./runs.ts";
import { gathered, scattered } from "./strided.ts";

/** Whether SIMD kernels take the view: numbers of these dtypes, or bools. */
const isTaken = ({ dtype, scalar }: View): boolean =>
  dtype === "float32" ||
  (dtype === "bool" && scalar === undefined) ||
  dtype === "int32" ||
  dtype === "int64";

function numberOf({ dtype, scalar }: View): Elements {
  if (dtype === "int64") return BigInt64Array.of(BigInt(Math.trunc(scalar as number)));
  return (dtype === "int32" ? Int32Array : Float32Array).of(scalar as number);
}

/** The view in the form that kernels read, if its last dim is in order or repeats. */
function operandOf(view: View): Operand | undefined {
  if (view.scalar !== undefined) return { data: numberOf(view), offset: 0, sizes: [], strides: [] };
  const [sizes, strides]: [number[], number[]] = [[], []];
  for (let d = 0; d < view.shape.length; d++) {
    const [size, stride] = [view.shape[d] as number, view.strides[d] as number];
    if (size === 1) continue;
    const last = sizes.length - 1;
    const joins = last >= 0 && strides[last] === stride * size;
    const at = joins ? last : last + 1;
    sizes[at] = joins ? (sizes[last] as number) * size : size;
    strides[at] = stride;
  }
  if (sizes.length === 1 && strides[0] === 0) sizes.length = strides.length = 0;
  const step = strides.at(-1) ?? 1;
  if (step !== 0 && step !== 1) return undefined;
  const data = view.buffer as Elements;
  return { data, offset: view.offset, sizes, strides };
}

/**
 * Runs `kernel` on each chunk of the operands. False where SIMD is missing, an operand has another dtype, or the kernel has no
 * result; then the output is as it was, or belongs to no operand.
 */
export function mapViews(kernel: ChunkKernel, inputs: readonly View[], out: View): boolean {
  if (!isTaken(out) || !inputs.every(isTaken) || !wasmAvailable()) return false;
  const count = numelOf(out.shape);
  if (count === 0) return true;
  const temporary: TypedArray[] = [];
  const operands = inputs.map((view): Operand => {
    const safe = view.scalar !== undefined || isSafe(view, out);
    const operand = safe ? operandOf(view) : undefined;
    if (operand !== undefined) return operand;
    const data = gathered(view) as Elements;
    temporary.push(data);
    return { data, offset: 0, sizes: [count], strides: [1] };
  });
  // A kernel that may fail must not write where it still reads: int32 is checked.
  const direct = isContiguous(out) && !(out.dtype === "int32" && clashes(inputs, out));
  let done: boolean;
  if (direct) done = mapChunks(kernel, out.buffer as Elements, out.offset, operands, count);
  else {
    const result = pool.take(out.dtype, count) as Elements;
    temporary.push(result);
    done = mapChunks(kernel, result, 0, operands, count);
    if (done) scattered(result, out);
  }
  for (const array of temporary) pool.give(array);
  return done;
}

const clashes = (inputs: readonly View[], out: View): boolean =>
  inputs.some((view) => view.scalar === undefined && view.buffer === out.buffer);
