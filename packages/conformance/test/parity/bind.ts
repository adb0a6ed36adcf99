// The one rule from a call of PyTorch's to a call of ours: what PyTorch requires stays positional and
// in order; what is optional goes where our function has a parameter of that name, in camelCase, and
// else into the trailing options object.
import { readFileSync } from "node:fs";
import { Tensor } from "@tead/tensor";
import { overloadsOf as ourOverloads } from "./declared.ts";

/** A parameter of PyTorch's: its name, whether it has a default, its type in PyTorch's words. */
interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  readonly type: string;
}

const signatures: Readonly<Record<string, readonly (readonly string[])[]>> = JSON.parse(
  readFileSync(new URL("../fixtures/signatures.json", import.meta.url), "utf8"),
);

/** Ops that PyTorch's table seeds with 42 itself. */
export const seededOps: ReadonlySet<string> = new Set(signatures.$seeded?.[0]);

/** The signature of an op; a variant ("pad.constant") has that of the op. */
function overloadsOf(op: string): Parameter[][] {
  const parts = op.split(".");
  const names = parts.map((_, i) => parts.slice(0, parts.length - i).join("."));
  const found = signatures[names.find((name) => name in signatures) ?? ""] ?? [];
  return found.map((overload) =>
    overload.map((text) => {
      const [name = "", type = ""] = text.split(": ");
      return { name: name.replace("?", ""), optional: name.endsWith("?"), type };
    }),
  );
}

export const hasSignature = (op: string): boolean => op in signatures;

export const camelCase = (name: string): string =>
  name.replace(/(?<=[a-z\d])_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());

/** Where PyTorch runs words together, or calls a thing otherwise. */
const words: Readonly<Record<string, string>> = { keepdim: "keepDim", storage_offset: "offset" };

const nameOfOurs = (name: string): string => words[name] ?? camelCase(name);

/** Whether a value can be what a parameter asks for: enough to tell overloads apart. */
function accepts({ type, optional }: Parameter, value: unknown): boolean {
  if (value === undefined) return optional || type.startsWith("Optional");
  const isTensor = value instanceof Tensor;
  if (isTensor) return /Tensor|tensors|_empty|None/i.test(type);
  if (typeof value === "string") return !/^(number|int|float|bool|List|Tensor)/.test(type);
  if (Array.isArray(value)) return /List|tensors|_empty|None|Tensor|Tuple/i.test(type);
  if (typeof value === "boolean") return !type.startsWith("Tensor");
  return !/^(Tensor|bool$)/.test(type);
}

/** A call of PyTorch's as named arguments. */
interface Bound {
  readonly name: string;
  readonly required: boolean;
  readonly value: unknown;
}

function bind(
  op: string,
  values: readonly unknown[],
  kwargs: ReadonlyMap<string, unknown>,
): Bound[] {
  const fits = (overload: Parameter[]): boolean => {
    const variadic = overload[0]?.type === "tensors";
    if (!variadic && values.length > overload.length) return false;
    const given = variadic ? [] : overload.slice(0, values.length);
    const rest = variadic ? overload.slice(1) : overload.slice(values.length);
    return (
      given.every((parameter, i) => accepts(parameter, values[i])) &&
      [...kwargs.keys()].every((name) => rest.some((each) => each.name === name)) &&
      rest.every((each) => each.optional || kwargs.has(each.name))
    );
  };
  const overload = overloadsOf(op).find(fits);
  const positional = values.map((value, i): Bound => {
    const parameter = overload?.[i];
    return { name: parameter?.name ?? "", required: parameter?.optional !== true, value };
  });
  const named = [...kwargs].map(([name, value]): Bound => {
    const parameter = overload?.find((each) => each.name === name);
    return { name, required: parameter !== undefined && !parameter.optional, value };
  });
  // Keyword arguments in the order of the signature.
  const order = overload?.map(({ name }) => name) ?? [];
  named.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return [...positional, ...named];
}

/** What is called: a method of the first value, or a function. */
export interface Target {
  readonly kind: "function" | "method";
  readonly name: string;
}

/** The arguments for a function of ours. */
export function argumentsFor(
  op: string,
  { kind, name: own }: Target,
  values: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): unknown[] {
  const given = new Map(
    // An empty stride is how PyTorch's C++ says "as long as the window".
    Object.entries(kwargs).filter(
      ([name, value]) => value !== undefined && name !== "device" && !isEmptyList(value, name),
    ),
  );
  const receiver = kind === "method";
  const overloads = ourOverloads(kind, own);
  const variadic = overloadsOf(op)[0]?.[0]?.type === "tensors";
  if (variadic && overloads[0]?.at(-1)?.startsWith("...")) return [...values];
  // Where PyTorch takes tensors one by one and we take a list, the list stands first.
  const oneByOne = variadic && !receiver && !Array.isArray(values[0]);
  const grouped = oneByOne ? [values] : gathered(op, values);
  const bound = bind(op, grouped, given).slice(receiver ? 1 : 0);
  const ours = bestOverload(overloads, bound);
  const rest = ours.at(-1)?.startsWith("...") === true;
  const names = new Set(bound.map(({ name }) => nameOfOurs(name)));
  const args: unknown[] = [];
  const options: Record<string, unknown> = {};
  bound.forEach(({ name, required, value }, i) => {
    if (isEmptyList(value, name)) return;
    const at = ours.indexOf(nameOfOurs(name));
    const free = firstFree(args);
    const positional = i < grouped.length - (receiver ? 1 : 0);
    if (at >= 0) args[at] = value;
    else if (rest && positional) args.push(value);
    else if (required && free < ours.length) args[free] = value;
    else if (name === "unbiased") options.correction = value === false ? 0 : 1;
    // Given by position, where our parameter of that place has a name that PyTorch does not know.
    else if (positional && i in ours && !(i in args) && !names.has(ours[i] as string))
      args[i] = value;
    else if (value !== undefined) options[nameOfOurs(name)] = value;
  });
  if (Object.keys(options).length > 0) {
    while (args.length < ours.length) args.push(undefined);
    args.push(options);
  }
  return Array.from(args);
}

/** Of our overloads: the one that knows most of the names, and the shortest that takes what is required. */
function bestOverload(overloads: readonly string[][], bound: readonly Bound[]): string[] {
  const required = bound.filter((each) => each.required).length;
  const known = (overload: string[]): number =>
    bound.filter(({ name }) => overload.includes(nameOfOurs(name))).length;
  const fitting = overloads.filter((overload) => overload.length >= required);
  const candidates = fitting.length > 0 ? fitting : overloads;
  return (
    candidates.reduce<string[] | undefined>((best, each) => {
      if (best === undefined) return each;
      const better = known(each) - known(best);
      return better > 0 || (better === 0 && each.length < best.length) ? each : best;
    }, undefined) ?? []
  );
}

/** A trailing list of sizes that was given one by one, as one list. */
function gathered(op: string, values: readonly unknown[]): readonly unknown[] {
  const overloads = overloadsOf(op);
  const longest = Math.max(0, ...overloads.map((overload) => overload.length));
  const last = overloads[0]?.at(-1);
  const numbers = values.slice(longest - 1);
  const given = numbers.length > 1 && numbers.every((x) => typeof x === "number");
  if (!given || !last?.type.includes("List[int]")) return values;
  return [...values.slice(0, longest - 1), numbers];
}

const isEmptyList = (value: unknown, name: string): boolean =>
  name === "stride" && Array.isArray(value) && value.length === 0;

function firstFree(args: readonly unknown[]): number {
  for (let i = 0; i < args.length; i++) if (!(i in args)) return i;
  return args.length;
}
