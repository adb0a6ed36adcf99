// Operands read wrongly: strides, offsets, broadcasting, order, aliasing, special values.
import { contiguousStrides, isContiguous, isFloat, type View } from "@tead/tensor";
import {
  bareName,
  type Call,
  changedCopy,
  changeElements,
  type Fault,
  type Operand,
  plainCall,
  plainView,
  viewsOf,
} from "../fault.ts";

/** What is read in the place of a view; the same object where the fault makes no difference. */
const misreadings: Readonly<Record<string, (view: View) => View>> = {
  "strides ignored": (view) =>
    isContiguous(view) ? view : { ...plainView(view), strides: contiguousStrides(view.shape) },
  "broadcast dims read as if they had elements": (view) => {
    const own = contiguousStrides(view.shape);
    const isRepeated = (stride: number, dim: number) => stride === 0 && (view.shape[dim] ?? 0) > 1;
    if (!view.strides.some(isRepeated)) return view;
    const strides = view.strides.map((stride, dim) => (stride === 0 ? (own[dim] ?? 0) : stride));
    return { ...plainView(view), strides };
  },
  "inner stride taken as 1": (view) => withStride(view, view.shape.length - 1, 1),
  "first dim repeats its first entry": (view) => withStride(view, 0, 0),
  "last dim repeats its first entry": (view) => withStride(view, view.shape.length - 1, 0),
  "read as its transpose": (view) => {
    const rank = view.shape.length;
    if (rank < 2 || view.strides[rank - 1] === view.strides[rank - 2]) return view;
    const strides = [...view.strides];
    [strides[rank - 1], strides[rank - 2]] = [strides[rank - 2] ?? 0, strides[rank - 1] ?? 0];
    return { ...plainView(view), strides };
  },
  "offset ignored": (view) => (view.offset === 0 ? view : { ...plainView(view), offset: 0 }),
  "offset one too far": (view) => ({ ...plainView(view), offset: view.offset + 1 }),
  "last element read as 0": (view) => {
    const last = view.shape.reduce((product, size) => product * size, 1) - 1;
    return changedCopy(view, (value, i) => (i === last ? 0 : value));
  },
  "NaN read as 0": (view) =>
    isFloat(view.dtype) ? changedCopy(view, (x) => (Number.isNaN(x) ? 0 : x)) : view,
  "infinity read as a large number": (view) =>
    isFloat(view.dtype)
      ? changedCopy(view, (x) =>
          Math.abs(x) === Number.POSITIVE_INFINITY ? Math.sign(x) * 1e4 : x,
        )
      : view,
  "sign lost": (view) => changedCopy(view, (x) => (x < 0 ? -x : x)),
  "large integers pass through float32": (view) =>
    view.dtype === "int32" ? changedCopy(view, Math.fround) : view,
  "bytes read as signed": (view) =>
    view.dtype === "uint8" ? { ...changedTo(view, Int8Array), dtype: "int8" } : view,
  "float16 read as bfloat16": (view) =>
    view.dtype === "float16" ? { ...plainView(view), dtype: "bfloat16" } : view,
  "bfloat16 read as float16": (view) =>
    view.dtype === "bfloat16" ? { ...plainView(view), dtype: "float16" } : view,
};

function withStride(view: View, dim: number, stride: number): View {
  if ((view.shape[dim] ?? 1) < 2 || view.strides[dim] === stride) return view;
  return { ...plainView(view), strides: view.strides.with(dim, stride) };
}

/** The same bytes as elements of another type of the same size. */
function changedTo(view: View, type: Int8ArrayConstructor): View {
  const { buffer, byteOffset, length } = view.buffer as Uint8Array;
  return { ...plainView(view), buffer: new type(buffer, byteOffset, length) };
}

const isList = (x: Operand): x is readonly View[] => Array.isArray(x);

/** The views of one operand replaced; the same call where none changes. */
function misread(call: Call, operand: number, by: (view: View) => View): Call {
  const given = call.inputs[operand];
  const each = (view: View): View => (view.scalar === undefined ? by(view) : view);
  if (given === undefined) return call;
  const list = isList(given) ? given : [given];
  const changed = list.map(each);
  if (changed.every((view, i) => view === list[i])) return call;
  return withInput(call, operand, isList(given) ? changed : (changed[0] as View));
}

function withInput(call: Call, operand: number, value: Operand): Call {
  return { ...plainCall(call), inputs: call.inputs.with(operand, value) };
}

/** The number of a number operand replaced. */
function misreadNumber(call: Call, operand: number, by: (value: number) => number): Call {
  const given = call.inputs[operand];
  if (given === undefined || isList(given) || given.scalar === undefined) return call;
  const scalar = by(given.scalar);
  if (Object.is(scalar, given.scalar)) return call;
  return withInput(call, operand, { ...plainView(given), scalar });
}

function swapped(call: Call, first: number): Call {
  const [a, b] = call.inputs.slice(first, first + 2);
  if (a === undefined || b === undefined || isList(a) !== isList(b)) return call;
  return { ...plainCall(call), inputs: call.inputs.with(first, b).with(first + 1, a) };
}

/** Clears the outputs before anything is read: what a kernel does that adds into its result. */
function clearedFirst(call: Call): Call {
  const read = new Set(viewsOf(call.inputs).map(({ buffer }) => buffer));
  const shared = call.outputs.filter(({ buffer }) => read.has(buffer));
  if (shared.length === 0) return call;
  for (const view of shared) changeElements(view, () => 0);
  return plainCall(call);
}

/** The faults of reading numbers, which only elementwise ops are given. */
const numberMisreadings: Readonly<Record<string, (value: number) => number>> = {
  "number truncated": Math.trunc,
  "number ignored": () => 1,
};

/** The faults of reading, for operands of these names. */
export function viewFaults(names: readonly string[], takesNumbers: boolean): Fault[] {
  const faults: Fault[] = [];
  for (const [i, raw] of names.entries()) {
    const name = bareName(raw);
    for (const [what, by] of Object.entries(misreadings))
      faults.push({ name: `${name}: ${what}`, rewrite: (call) => misread(call, i, by) });
    for (const [what, by] of Object.entries(takesNumbers ? numberMisreadings : {}))
      faults.push({ name: `${name}: ${what}`, rewrite: (call) => misreadNumber(call, i, by) });
    if (raw.endsWith("?"))
      faults.push({
        name: `${name}: taken as absent`,
        rewrite: (call) => (call.inputs[i] === undefined ? call : withInput(call, i, undefined)),
      });
    if (i + 1 < names.length)
      faults.push({
        name: `${name} and ${bareName(names[i + 1] ?? "")} swapped`,
        rewrite: (call) => swapped(call, i),
      });
  }
  if (names.length > 0)
    faults.push({ name: "outputs cleared before inputs are read", rewrite: clearedFirst });
  return faults;
}
