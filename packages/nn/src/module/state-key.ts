// State-dict keys from field names: PyTorch's snake_case, by one pure function.

/**
 * The state-dict key of a field: an underscore before each capital that begins a word, all in
 * lower case. Digits belong to the word before them.
 *
 * @example
 * import assert from "node:assert/strict";
 * import { stateKey } from "@tead/nn";
 * assert.deepEqual(["layer1", "runningMean", "weightIhL0", "branch1x1"].map(stateKey), [
 *   "layer1", "running_mean", "weight_ih_l0", "branch1x1",
 * ]);
 */
export function stateKey(field: string): string {
  return field
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}

type WithStateKeys = { readonly stateKeys?: Readonly<Record<string, string>> };

/**
 * The key of a field of `owner`'s class: its own `static stateKeys` first, then those of its bases,
 * then the rule.
 */
export function keyOfField(owner: object, field: string): string {
  let link = owner.constructor as WithStateKeys | null;
  while (link !== null) {
    const keys = Object.hasOwn(link, "stateKeys") ? link.stateKeys : undefined;
    if (keys !== undefined && Object.hasOwn(keys, field)) return keys[field] as string;
    link = Object.getPrototypeOf(link) as WithStateKeys | null;
  }
  return stateKey(field);
}
