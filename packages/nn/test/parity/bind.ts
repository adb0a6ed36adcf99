// The one rule from PyTorch's arguments to ours: what it requires stays positional, in order; what
// is optional goes into one trailing object; names are in camelCase.
import { camelCase } from "./camel-case.ts";
import type { Case } from "./manifest.ts";

/** The arguments of the old days, which say what `reduction` says now. */
function withReduction(args: ReadonlyMap<string, unknown>): Map<string, unknown> {
  const { size_average: average, reduce } = Object.fromEntries(args);
  const rest = new Map([...args].filter(([name]) => name !== "size_average" && name !== "reduce"));
  if (average === undefined && reduce === undefined) return rest;
  return rest.set("reduction", reduce === false ? "none" : average === false ? "sum" : "mean");
}

/** Where None is a value of its own, not the default. */
const nullable: ReadonlySet<string> = new Set(["momentum"]);

type Decode = (value: unknown) => unknown;

function named(args: Case["args"], decode: Decode): Map<string, unknown> {
  const entries = Object.entries(args)
    .map(([name, value]): [string, unknown] => [
      name,
      value === null && nullable.has(name) ? null : decode(value),
    ])
    .filter(([, value]) => value !== undefined);
  return withReduction(new Map(entries));
}

const optionsOf = (entries: Iterable<readonly [string, unknown]>): unknown[] => {
  const options = Object.fromEntries([...entries].map(([name, value]) => [camelCase(name), value]));
  return Object.keys(options).length === 0 ? [] : [options];
};

/** The arguments of a class's constructor. */
export function constructorArguments({ args, required = [] }: Case, decode: Decode): unknown[] {
  const all = named(args, decode);
  const optional = [...all].filter(([name]) => !required.includes(name));
  return [...required.map((name) => all.get(name)), ...optionsOf(optional)];
}

/** What our functions take by position beyond PyTorch's inputs. */
const positionalNames: Readonly<Record<string, readonly string[]>> = {
  pad: ["pad"],
  softmax: ["dim"],
  logSoftmax: ["dim"],
  softmin: ["dim"],
  interpolate: [],
};

/** The arguments of a function after the inputs. */
export function functionArguments(name: string, args: Case["args"], decode: Decode): unknown[] {
  const all = named(args, decode);
  const positional = positionalNames[name] ?? [];
  const optional = [...all].filter(([key]) => !positional.includes(key));
  return [...positional.map((key) => all.get(key)), ...optionsOf(optional)];
}
