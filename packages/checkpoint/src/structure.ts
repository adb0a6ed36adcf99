// A nested plain value as JSON whose tensors and arrays are names: how a checkpoint keeps its
// structure. docs: README.md, "What a checkpoint file holds".
import { Tensor } from "@tead/tensor";
import { arrayKindOf, type CheckpointArray } from "./arrays.ts";

/** A value that a checkpoint can hold. */
export type CheckpointValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Tensor
  | CheckpointArray
  | readonly CheckpointValue[]
  | ReadonlyMap<CheckpointValue, CheckpointValue>
  | { readonly [key: string]: CheckpointValue };

/** A tensor or typed array of a structure: what does not go into the JSON. */
export type Leaf = Tensor | CheckpointArray;

/** A structure taken apart. */
export interface EncodedStructure {
  readonly json: unknown;
  /**
   * By the name under which the JSON speaks of them. A leaf that stands in two places is here
   * once.
   */
  readonly leaves: ReadonlyMap<string, Leaf>;
}

/**
 * Takes a nested value apart. What JSON lacks becomes an object with one key that begins with `$`.
 *
 * @throws TypeError at the first thing that a checkpoint cannot hold, naming its path.
 */
export function encodeStructure(op: string, root: object): EncodedStructure {
  const leaves = new Map<string, Leaf>();
  const names = new Map<Leaf, string>();
  const open = new Set<object>();

  const fail = (path: readonly string[], what: string): never => {
    const place = path.length === 0 ? "the value" : path.join(".");
    throw new TypeError(
      `${op}: Cannot store ${place}: ` +
        "expected records, arrays, maps, numbers, strings, booleans, null, typed arrays and " +
        `tensors, received ${what}`,
    );
  };

  const nameLeaf = (path: readonly string[], leaf: Leaf): string => {
    const known = names.get(leaf);
    if (known !== undefined) return known;
    const plain = path.join(".") || "value";
    let name = plain;
    for (let n = 2; leaves.has(name) || name === "__metadata__"; n++) name = `${plain}#${n}`;
    names.set(leaf, name);
    leaves.set(name, leaf);
    return name;
  };

  const encode = (value: unknown, path: readonly string[]): unknown => {
    if (value === null || typeof value === "boolean" || typeof value === "string") return value;
    if (typeof value === "number") {
      const plain = Number.isFinite(value) && !Object.is(value, -0);
      return plain ? value : { $number: Object.is(value, -0) ? "-0" : String(value) };
    }
    if (typeof value === "bigint") return { $bigint: String(value) };
    if (typeof value !== "object")
      return fail(path, `${value === undefined ? "" : "a "}${typeof value}`);
    if (value instanceof Tensor) return { $tensor: nameLeaf(path, value) };
    const kind = arrayKindOf(value);
    if (kind !== undefined) {
      return { $array: nameLeaf(path, value as CheckpointArray), type: kind.name };
    }
    if (open.has(value)) return fail(path, "an object that contains itself");
    open.add(value);
    const encoded = encodeObject(value, path);
    open.delete(value);
    return encoded;
  };

  const encodeObject = (value: object, path: readonly string[]): unknown => {
    if (Array.isArray(value)) {
      // Array.from: a hole is an undefined, and is refused like one.
      return Array.from(value, (each, i) => encode(each, [...path, String(i)]));
    }
    if (value instanceof Map) {
      const pairs = [...value].map(([key, each], i) => {
        const plain = typeof key === "string" || typeof key === "number";
        const place = plain ? String(key) : `${i}`;
        return [encode(key, [...path, place, "key"]), encode(each, [...path, place])];
      });
      return { $map: pairs };
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      return fail(path, `an instance of ${value.constructor?.name || "a class"}`);
    }
    const entries = Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([key, each]) => [key, encode(each, [...path, key])] as const);
    const ambiguous = entries.some(([key]) => key.startsWith("$"));
    return ambiguous ? { $record: entries } : Object.fromEntries(entries);
  };

  return { json: encode(root, []), leaves };
}

/** How {@link decodeStructure} gets at leaves. */
export interface LeafReader {
  tensor(name: string): Tensor;
  array(name: string, type: string): CheckpointArray;
}

/**
 * Puts a nested value together again. One name gives one leaf, wherever it stands.
 *
 * @param json - What {@link encodeStructure} gave, parsed from text.
 * @param leaves - Tensors and arrays by name; may throw for names it does not have.
 * @throws TypeError at what no encoder writes.
 */
export function decodeStructure(json: unknown, leaves: LeafReader): CheckpointValue {
  const decode = (node: unknown): CheckpointValue => {
    if (typeof node !== "object" || node === null) return node as null | boolean | number | string;
    if (Array.isArray(node)) return node.map(decode);
    const entries = Object.entries(node);
    const tag = entries[0]?.[0];
    if (tag === undefined || !tag.startsWith("$")) return record(entries);
    const { [tag]: content, type } = node as Record<string, unknown>;
    if (tag === "$tensor") return leaves.tensor(text(tag, content));
    if (tag === "$array") return leaves.array(text(tag, content), text("type", type));
    if (tag === "$number") return Number(text(tag, content));
    if (tag === "$bigint") return BigInt(text(tag, content));
    if (tag === "$map") return new Map(pairs(tag, content).map(([k, v]) => [decode(k), decode(v)]));
    if (tag === "$record") return record(pairs(tag, content));
    throw new TypeError(`an unknown tag ${JSON.stringify(tag)}`);
  };
  const record = (entries: readonly (readonly [unknown, unknown])[]): CheckpointValue =>
    Object.fromEntries(entries.map(([key, node]) => [text("a key", key), decode(node)]));
  return decode(json);
}

function text(what: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`${what} that is not a string`);
}

function pairs(what: string, value: unknown): (readonly [unknown, unknown])[] {
  const isPairs = Array.isArray(value) && value.every((p) => Array.isArray(p) && p.length === 2);
  if (isPairs) return value;
  throw new TypeError(`${what} that is not a list of pairs`);
}
