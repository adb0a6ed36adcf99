// What a value of a pickle is, in words for messages.
import { PythonDict } from "./python-dict.ts";
import { StoredTensor } from "./stored-tensor.ts";
import { Tuple } from "./values.ts";

/** "a list", "an int", "a tensor". */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number" || typeof value === "bigint") return "a number";
  if (typeof value === "string") return "a string";
  if (value instanceof Tuple) return "a tuple";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Set) return "a set";
  if (value instanceof PythonDict) return value.kind === "dict" ? "a dict" : `a ${value.kind}`;
  if (value instanceof StoredTensor) return "a tensor";
  if (value instanceof Uint8Array) return "bytes";
  const name = (value as { readonly path?: string }).path;
  return name === undefined ? "another value" : JSON.stringify(name);
}
