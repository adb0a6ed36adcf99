// Attributes read wrongly: a dim beside the right one, a flag flipped, an epsilon dropped.
import type { OpCase } from "../../../src/case.ts";
import { type Call, type Fault, plainCall } from "../fault.ts";

type Change = (value: unknown, call: Call) => unknown;

/** What is taken for a flag, a number or a list; the same value where the fault changes nothing. */
const misreadings: Readonly<Record<"flag" | "number" | "list", Readonly<Record<string, Change>>>> =
  {
    flag: { "flag flipped": (value) => !value },
    number: {
      "one too many": (value) => Number(value) + 1,
      "one too few": (value) => Number(value) - 1,
      "taken as 0": () => 0,
      "sign lost": (value) => Math.abs(Number(value)),
    },
    list: {
      "first entry taken for all": (value) => onList(value, (list) => list.map(() => list[0])),
      "last entry dropped": (value) => onList(value, (list) => list.slice(0, -1)),
      "first entry one too many": (value) =>
        onList(value, (list) => list.with(0, Number(list[0]) + 1)),
      "last entry one too many": (value) =>
        onList(value, (list) => list.with(-1, Number(list.at(-1)) + 1)),
    },
  };

/** A list of numbers changed; anything else, and an empty list, as it is. */
function onList(value: unknown, change: (list: readonly number[]) => readonly unknown[]): unknown {
  if (!isList(value) || value.length === 0) return value;
  const changed = change(value);
  return String(changed) === String(value) ? value : changed;
}

/** The changes that make sense for a value like this one. */
function changesOf(sample: unknown): Readonly<Record<string, Change>> {
  if (typeof sample === "boolean") return misreadings.flag;
  if (typeof sample === "number") return misreadings.number;
  return isList(sample) ? misreadings.list : {};
}

/** Dims stay within the rank, as a kernel's author would have them. */
const dimMisreadings: Readonly<Record<string, Change>> = {
  "dim beside the right one": (value, call) => {
    const rank = rankOf(call);
    const next = (dim: number): number => (rank === 0 ? dim : (dim + 1) % rank);
    if (rank < 2) return value;
    return isList(value) ? value.map((dim) => next(Number(dim))) : next(Number(value));
  },
  "last dim always": (value, call) => {
    const last = Math.max(rankOf(call) - 1, 0);
    if (isList(value)) return value.length === 1 && value[0] !== last ? [last] : value;
    return last;
  },
  "last entry dropped": (value) => (isList(value) && value.length > 1 ? value.slice(0, -1) : value),
};

const isList = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((each) => typeof each === "number");

function rankOf({ inputs, outputs }: Call): number {
  const first = inputs.flat()[0] ?? outputs[0];
  return first?.shape.length ?? 0;
}

function misread(call: Call, key: string, sample: unknown, change: Change): Call {
  const value = call.attrs?.[key];
  if (typeof value !== typeof sample) return call;
  const changed = change(value, call);
  if (Object.is(changed, value)) return call;
  return { ...plainCall(call), attrs: { ...call.attrs, [key]: changed } };
}

/** The faults of attributes, for those that the rows of a case have. */
export function attributeFaults({ rows, large = [] }: OpCase): Fault[] {
  const keys = new Map<string, unknown>();
  for (const { attrs = {} } of [...rows, ...large])
    for (const [key, value] of Object.entries(attrs)) keys.set(key, keys.get(key) ?? value);
  return [...keys].flatMap(([key, sample]) => {
    const isDim = key === "dim" || (key === "dims" && isList(sample));
    const changes = isDim ? dimMisreadings : changesOf(sample);
    return Object.entries(changes).map(
      ([what, change]): Fault => ({
        name: `${key}: ${what}`,
        rewrite: (call) => misread(call, key, sample, change),
      }),
    );
  });
}
