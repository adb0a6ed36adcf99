// Memory touched wrongly: results that go astray, neighbours and operands that are overwritten.
import { contiguousStrides, isContiguous, type TypedArray, type View } from "@tead/tensor";
import {
  bareName,
  type Call,
  changeElements,
  elementAt,
  type Fault,
  plainCall,
  plainView,
  positionsOf,
  putElement,
} from "../fault.ts";
import type { Targets } from "./numbers.ts";

/** Where a result goes instead; the same object where the fault makes no difference. */
const misplacings: Readonly<Record<string, (view: View) => View>> = {
  "strides ignored": (view) =>
    isContiguous(view) ? view : { ...plainView(view), strides: contiguousStrides(view.shape) },
  "offset ignored": (view) => (view.offset === 0 ? view : { ...plainView(view), offset: 0 }),
  "inner stride taken as 1": (view) => {
    const last = view.shape.length - 1;
    if ((view.shape[last] ?? 1) < 2 || view.strides[last] === 1) return view;
    return { ...plainView(view), strides: view.strides.with(last, 1) };
  },
};

/** A value that differs from what is there. */
const another = (value: number): number => (value === 0 ? 1 : Number.isNaN(value) ? 2 : 0);

/** Neighbours of a result that are overwritten once it is there. */
const spills: Readonly<Record<string, (positions: readonly number[]) => readonly number[]>> = {
  "one element past the end is written": (all) => [Math.max(...all) + 1],
  "one element before the start is written": (all) => [Math.min(...all) - 1],
  "gaps between elements are written": (all) => {
    const own = new Set(all);
    return all.map((position) => position + 1).filter((position) => !own.has(position));
  },
};

function spill(view: View, where: (typeof spills)[string]): void {
  const positions = positionsOf(view);
  if (positions.length === 0) return;
  const { length } = view.buffer as TypedArray;
  for (const position of where(positions))
    if (position >= 0 && position < length)
      putElement(view, position, another(elementAt(view, position)));
}

/** Adds what was there before to what has been written. */
function added(view: View): () => void {
  const before = positionsOf(view).map((position) => elementAt(view, position));
  return () => changeElements(view, (value, i) => value + (before[i] as number));
}

function overwriteOperand(call: Call, operand: number, targets: readonly View[]): void {
  const view = [call.inputs[operand]].flat()[0];
  if (view === undefined || view.scalar !== undefined) return;
  if (targets.some(({ buffer }) => buffer === view.buffer)) return;
  const last = positionsOf(view).at(-1);
  if (last !== undefined) putElement(view, last, another(elementAt(view, last)));
}

/** The faults of accesses, for an op with these operands and results. */
export function accessFaults(
  operands: readonly string[],
  outputs: readonly string[],
  results: readonly string[],
  targets: Targets,
): Fault[] {
  const faults: Fault[] = [];
  for (const [o, name] of outputs.entries())
    for (const [what, by] of Object.entries(misplacings))
      faults.push({ name: `${name}: ${what}`, rewrite: (call) => misplaced(call, o, by) });
  for (const [o, name] of results.entries()) {
    const at = (call: Call): View | undefined => targets(call)[o];
    for (const [what, where] of Object.entries(spills))
      faults.push({
        name: `${name}: ${what}`,
        around: (call) => () => {
          const view = at(call);
          if (view !== undefined) spill(view, where);
        },
      });
    if (o < outputs.length)
      faults.push({
        name: `${name}: added to what was there`,
        around: (call) => {
          const view = at(call);
          return view === undefined ? undefined : added(view);
        },
      });
  }
  for (const [i, name] of operands.entries())
    faults.push({
      name: `${bareName(name)}: overwritten`,
      around: (call) => () => overwriteOperand(call, i, targets(call)),
    });
  return faults;
}

function misplaced(call: Call, output: number, by: (view: View) => View): Call {
  const view = call.outputs[output];
  const changed = view === undefined ? undefined : by(view);
  if (changed === undefined || changed === view) return call;
  return { ...plainCall(call), outputs: call.outputs.with(output, changed) };
}
