// Python's values as JavaScript's: dicts become records or Maps, tensors what the caller makes.
import { PythonDict } from "./python-dict.ts";
import { StorageRef } from "./rebuild.ts";
import { StoredTensor } from "./stored-tensor.ts";
import { markDict } from "./values.ts";

/** How deep values may nest: as deep as Python's own pickler goes. */
export const maxDepth = 1000;

/**
 * The value with every dict replaced, and every tensor by `tensor(it)`. What stands in two places
 * stands in two places again. Lists are changed in place.
 *
 * @throws what `tooDeep` makes for values that nest deeper than 1000.
 */
export function toJavaScript(
  root: unknown,
  tensor: (stored: StoredTensor) => unknown,
  tooDeep: () => Error,
): unknown {
  const made = new Map<object, unknown>();
  const convert = (value: unknown, depth: number): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const known = made.get(value);
    if (known !== undefined) return known;
    if (depth > maxDepth) throw tooDeep();
    if (value instanceof StoredTensor || value instanceof StorageRef) {
      const result = tensor(value instanceof StoredTensor ? value : wholeStorage(value));
      made.set(value, result);
      return result;
    }
    if (value instanceof PythonDict) return convertDict(value, depth);
    if (Array.isArray(value)) {
      made.set(value, value);
      for (let i = 0; i < value.length; i++) value[i] = convert(value[i], depth + 1);
    }
    return value;
  };

  const convertDict = (dict: PythonDict, depth: number): object => {
    const { kind, attributes } = dict;
    let textual = true;
    for (const key of dict.keys()) textual &&= typeof key === "string";
    // A Counter counts anything: a Map whatever its keys are.
    const result: object = textual && kind !== "Counter" ? {} : new Map();
    made.set(dict, result);
    for (const [key, value] of dict) {
      const converted = convert(value, depth + 1);
      if (result instanceof Map) result.set(convert(key, depth + 1), converted);
      // Not an assignment: "__proto__" is a key like any other.
      else if (key === "__proto__") define(result, key, converted);
      else (result as Record<string, unknown>)[key as string] = converted;
    }
    if (kind === "dict") return result;
    const shown = attributes && (convert(attributes, depth + 1) as Record<string, unknown>);
    return markDict(result, { kind, attributes: shown ?? {}, order: lostOrder(dict, result) });
  };
  return convert(root, 0);
}

/** The keys of an ordered dict, if the record made of it has them in another order. */
function lostOrder(dict: PythonDict, result: object): string[] | undefined {
  if (result instanceof Map) return undefined;
  const order = [...dict.keys()] as string[];
  return Object.keys(result).every((key, i) => key === order[i]) ? undefined : order;
}

function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    ...{ value, enumerable: true, writable: true, configurable: true },
  });
}

/** A storage that stands in a file by itself, as the tensor of its elements. */
function wholeStorage(storage: StorageRef): StoredTensor {
  return new StoredTensor({
    ...{ dtype: storage.dtype, shape: [storage.count], strides: [1], isParameter: false },
    ...{ offset: storage.part?.start ?? 0, storage: storage.part?.of ?? storage },
    requiresGrad: false,
  });
}

/** Every tensor of a value of a pickle, each once. */
export function storedTensors(root: unknown): Set<StoredTensor> {
  const found = new Set<StoredTensor>();
  const seen = new Set<object>();
  const open: object[] = [];
  // Long lists of numbers take no room here.
  const add = (value: unknown): void => {
    if (typeof value === "object" && value !== null && !seen.has(value)) open.push(value);
  };
  add(root);
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    seen.add(value);
    if (value instanceof StoredTensor) found.add(value);
    else if (value instanceof StorageRef) found.add(wholeStorage(value));
    else if (Array.isArray(value)) for (let i = 0; i < value.length; i++) add(value[i]);
    else if (value instanceof PythonDict) {
      for (const [key, each] of value) {
        add(key);
        add(each);
      }
      add(value.attributes);
    }
  }
  return found;
}
