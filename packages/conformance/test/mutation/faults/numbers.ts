// Results that are wrong: elements left out, special values lost, too few digits, one dtype's path.
import { type DType, dtypes, isFloat, type View } from "@tead/tensor";
import {
  type Call,
  changeElements,
  elementAt,
  type Fault,
  positionsOf,
  putElement,
  viewsOf,
} from "../fault.ts";

export type Targets = (call: Call) => readonly View[];

/** What becomes of each element of a result that has been written. */
const wrongValues: Readonly<Record<string, (value: number, view: View) => number>> = {
  "NaN lost": (x) => (Number.isNaN(x) ? 0 : x),
  "infinity lost": (x) => (Math.abs(x) === Number.POSITIVE_INFINITY ? Math.sign(x) * 1e4 : x),
  "sign lost": (x) => (x < 0 ? -x : x),
  "1e-4 too large": (x, { dtype }) => (isWide(dtype) ? x * (1 + 1e-4) : x),
  "1e-4 beside": (x, { dtype }) => (isWide(dtype) ? x + 1e-4 : x),
  "float64 in float32": (x, { dtype }) => (dtype === "float64" ? Math.fround(x) : x),
  "float32 in half precision": (x, { dtype }) => (dtype === "float32" ? shortened(x, 11) : x),
  "float16 with 5 bits": (x, { dtype }) => (dtype === "float16" ? shortened(x, 5) : x),
};

const isWide = (dtype: DType): boolean => dtype === "float32" || dtype === "float64";

/** A number with fewer bits of its fraction. */
function shortened(x: number, bits: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(x))) + 1 - bits);
  return Math.trunc(x / unit) * unit;
}

/** Which elements of a result are left as they were. */
const omissions: Readonly<Record<string, (i: number, count: number) => boolean>> = {
  "first element not written": (i) => i === 0,
  "last element not written": (i, count) => i === count - 1,
  "rest after whole vectors of 4 not written": (i, count) => count > 4 && i >= count - (count % 4),
  "elements past 64 not written": (i) => i >= 64,
  "not written at all": () => true,
};

function putBack(
  view: View,
  left: (i: number, count: number) => boolean,
): (() => void) | undefined {
  const positions = positionsOf(view);
  const kept = positions.filter((_, i) => left(i, positions.length));
  if (kept.length === 0) return undefined;
  const before = kept.map((position) => elementAt(view, position));
  return () => {
    for (const [i, position] of kept.entries()) putElement(view, position, before[i] as number);
  };
}

/** A byte that is not 0, as C takes for true. */
function putTrue(view: View): void {
  const array = view.buffer as Uint8Array;
  for (const position of positionsOf(view)) if (array[position] === 1) array[position] = 255;
}

/** The dtype that a call is about: the result's where an operand has it, else the operands'. */
function dtypeOf(call: Call, [result]: readonly View[]): DType | undefined {
  const operands = viewsOf(call.inputs);
  const alike = operands.find(({ dtype }) => dtype === result?.dtype);
  const float = operands.find(({ dtype }) => isFloat(dtype));
  return (alike ?? float ?? operands[0] ?? result)?.dtype;
}

/** The last element of the first result, visibly wrong. */
function wrongLast([view]: readonly View[]): void {
  if (view === undefined) return;
  const last = positionsOf(view).at(-1);
  if (last === undefined) return;
  const value = elementAt(view, last);
  if (view.dtype === "bool") putElement(view, last, 1 - value);
  else if (!isFloat(view.dtype)) putElement(view, last, value === 0 ? 1 : value - 1);
  else putElement(view, last, Number.isFinite(value) ? 2 * value + 1 : 0);
}

/** The faults of results, for results of these names. */
export function numberFaults(names: readonly string[], targets: Targets): Fault[] {
  const faults: Fault[] = [];
  for (const [o, name] of names.entries()) {
    for (const [what, change] of Object.entries(wrongValues))
      faults.push({
        name: `${name}: ${what}`,
        around: (call) => () => {
          const view = targets(call)[o];
          if (view !== undefined) changeElements(view, (value) => change(value, view));
        },
      });
    faults.push({
      name: `${name}: true is 255`,
      around: (call) => () => {
        const view = targets(call)[o];
        if (view?.dtype === "bool") putTrue(view);
      },
    });
    for (const [what, left] of Object.entries(omissions))
      faults.push({
        name: `${name}: ${what}`,
        around: (call) => {
          const view = targets(call)[o];
          return view === undefined ? undefined : putBack(view, left);
        },
      });
  }
  for (const dtype of dtypes)
    faults.push({
      name: `wrong in ${dtype}`,
      around: (call) =>
        dtypeOf(call, targets(call)) === dtype ? () => wrongLast(targets(call)) : undefined,
    });
  return faults;
}
