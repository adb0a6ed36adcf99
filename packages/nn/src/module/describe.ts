// How modules print: PyTorch's layout and wording.
import type { AnyModule } from "./module.ts";

const indented = (text: string): string => text.replaceAll("\n", "\n  ");

/** PyTorch's `repr` of a module: its name, its own words, its children each on a line. */
export function describeModule(module: AnyModule): string {
  const extra = module.extraRepr();
  const children = module
    .namedChildren({ removeDuplicate: false })
    .map(([key, child]) => indented(`(${key}): ${child}`));
  const name = module.constructor.name;
  if (children.length === 0)
    return extra.includes("\n") ? `${name}(\n  ${indented(extra)}\n)` : `${name}(${extra})`;
  const lines = extra === "" ? children : [indented(extra), ...children];
  return `${name}(\n  ${lines.join("\n  ")}\n)`;
}

/** A list's `repr`: modules that print alike, one after the other, are shown once. */
export function describeList(name: string, modules: Iterable<AnyModule>): string {
  const runs: { readonly text: string; readonly first: number; count: number }[] = [];
  for (const [i, text] of [...modules].map(String).entries()) {
    const last = runs.at(-1);
    if (last?.text === text) last.count++;
    else runs.push({ text, first: i, count: 1 });
  }
  const lines = runs.map(({ text, first, count }) =>
    indented(
      count === 1 ? `(${first}): ${text}` : `(${first}-${first + count - 1}): ${count} x ${text}`,
    ),
  );
  return lines.length === 0 ? `${name}()` : `${name}(\n  ${lines.join("\n  ")}\n)`;
}

/** A float as Python prints it: `1.0`, `0.1`, `1e-05`. */
export function pyFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const [, sign, digits, fraction = "", exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(
    value.toExponential(),
  ) as RegExpExecArray;
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    const mantissa = fraction === "" ? digits : `${digits}.${fraction}`;
    const size = String(Math.abs(power)).padStart(2, "0");
    return `${sign}${mantissa}e${power < 0 ? "-" : "+"}${size}`;
  }
  const plain = String(value);
  return /[.e]/.test(plain) ? plain : `${plain}.0`;
}

/**
 * A value of an option as Python prints it; an array is a tuple, a number an integer where it is
 * one.
 */
export function pyValue(value: number | boolean | string | undefined | readonly number[]): string {
  if (value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : pyFloat(value);
  return value.length === 1 ? `(${pyValue(value[0])},)` : `(${value.map(pyValue).join(", ")})`;
}
