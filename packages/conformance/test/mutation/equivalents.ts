// Faults that change something and are none: what they change is not promised to anyone.

/** Faults of these ops with one reason. */
export interface Equivalent {
  readonly ops: readonly string[];
  readonly fault: RegExp;
  readonly reason: string;
}

export const equivalents: readonly Equivalent[] = [
  {
    ops: ["pow"],
    fault: /^other: infinity read as a large number$/,
    reason: "0.9 ** 1e4 is below what a float64 next to 1 resolves, as 0.9 ** Infinity is",
  },
  {
    ops: ["sigmoidGrad"],
    fault: /^output: sign lost$/,
    reason: "no sigmoid is negative",
  },
];

/** Why a fault of an op is none, if it is. */
export function reasonFor(op: string, fault: string): string | undefined {
  return equivalents.find((each) => each.ops.includes(op) && each.fault.test(fault))?.reason;
}
