// The memory that a kernel call can reach: taken, put back, compared.
import type { TypedArray } from "@tead/tensor";
import { type Call, viewsOf } from "./fault.ts";

/** What every buffer of a call held at one time. */
export type Snapshot = ReadonlyMap<TypedArray, TypedArray>;

/** A copy of every buffer that a call reads or writes. */
export function snapshotOf({ inputs, outputs }: Call): Snapshot {
  const arrays = [...viewsOf(inputs), ...outputs].map(({ buffer }) => buffer as TypedArray);
  return new Map(arrays.map((array) => [array, array.slice() as TypedArray]));
}

/** Puts every buffer back to what it held. */
export function restore(snapshot: Snapshot): void {
  for (const [array, copy] of snapshot) array.set(copy as never);
}

/** Whether every buffer holds what it held; 0 is 0 with either sign, NaN is NaN. */
export function isUnchanged(snapshot: Snapshot): boolean {
  for (const [array, copy] of snapshot) {
    const half = array instanceof Uint16Array;
    for (let i = 0; i < array.length; i++) {
      const [a, b] = [array[i] as number, copy[i] as number];
      if (a === b || (Number.isNaN(a) && Number.isNaN(b)) || (half && (a | b) === 0x8000)) continue;
      return false;
    }
  }
  return true;
}
