// A model from a plain value: objects of known classes get their fields; no constructor of a
// module runs, and nothing of the file is code.
import { Tensor } from "@tead/tensor";
import type { CheckpointValue } from "../structure.ts";
import { type Classes, isModuleClass, Registry } from "./registry.ts";

/**
 * Puts a model together again.
 *
 * @param structure - What `encodeModel` gave, read from a file.
 * @param tensors - By key.
 * @throws StateError if a class is not among those given.
 * @throws TypeError at what no encoder writes.
 */
export function decodeModel(
  op: string,
  structure: CheckpointValue,
  tensors: Readonly<Record<string, Tensor>>,
  classes: Classes,
): unknown {
  return new Decoder(op, new Registry(classes), tensors).value(structure, "");
}

type Node = { readonly [key: string]: CheckpointValue };
type Pairs = readonly (readonly [CheckpointValue, CheckpointValue])[];

class Decoder {
  readonly #op: string;
  readonly #registry: Registry;
  readonly #tensors: Readonly<Record<string, Tensor>>;
  readonly #made = new Map<unknown, unknown>();

  constructor(op: string, registry: Registry, tensors: Readonly<Record<string, Tensor>>) {
    this.#op = op;
    this.#registry = registry;
    this.#tensors = tensors;
  }

  value(node: CheckpointValue, path: string): unknown {
    if (typeof node !== "object" || node === null) return node;
    const { kind, id, name } = node as Node;
    if (kind === "undefined") return undefined;
    if (kind === "function") return this.#function(path, textOf("a function's name", name));
    if (kind === "again") {
      if (!this.#made.has(id)) throw new TypeError(`"again" of ${id}, which was not made`);
      return this.#made.get(id);
    }
    return this.#object(node as Node, path);
  }

  #object(node: Node, path: string): unknown {
    const { kind, id } = node;
    const remember = <T>(made: T): T => {
      this.#made.set(id, made);
      return made;
    };
    if (kind === "tensor") return remember(this.#tensor(node, path));
    if (kind === "module" || kind === "record") {
      const prototype = kind === "record" ? Object.prototype : this.#prototype(node, path);
      return this.#fill(remember(Object.create(prototype)), node, path);
    }
    if (kind === "array") {
      const array = remember<unknown[]>([]);
      for (const each of listOf(node.items)) array.push(this.value(each, path));
      return array;
    }
    if (kind === "set") {
      const set = remember(new Set());
      for (const each of listOf(node.items)) set.add(this.value(each, path));
      return set;
    }
    if (kind === "map") {
      const map = remember(new Map());
      for (const [key, each] of pairsOf(node.entries))
        map.set(this.value(key, path), this.value(each, join(path, key)));
      return map;
    }
    throw new TypeError(`an unknown kind ${JSON.stringify(kind)}`);
  }

  #fill(target: object, { fields }: Node, path: string): object {
    for (const [key, each] of pairsOf(fields)) {
      const value = this.value(each, join(path, key));
      // Not an assignment: "__proto__" is a field like any other, and setters are not called.
      const descriptor = { value, enumerable: true, writable: true, configurable: true };
      Object.defineProperty(target, textOf("a field's name", key), descriptor);
    }
    return target;
  }

  #prototype(node: Node, path: string): object {
    const name = textOf("a class's name", node.class);
    const found = this.#registry.get(this.#op, path, name);
    if (!isModuleClass(found)) throw new TypeError(`"${name}", which is no class of modules`);
    return found.prototype;
  }

  #function(path: string, name: string): unknown {
    return this.#registry.get(this.#op, path, name);
  }

  #tensor(node: Node, path: string): Tensor {
    const { key, class: name, requiresGrad, persistent } = node;
    const tensor = this.#tensors[textOf("a tensor's key", key)];
    if (!(tensor instanceof Tensor)) throw new TypeError(`"${key}", which the file does not hold`);
    if (name === null) return requiresGrad === true ? tensor.requiresGrad_() : tensor;
    const found = this.#registry.get(this.#op, path, textOf("a class's name", name));
    if (!isTensorClass(found)) throw new TypeError(`"${name}", which is no class of tensors`);
    return new found(tensor, { requiresGrad, persistent });
  }
}

type TensorClass = new (data: Tensor, options: object) => Tensor;
const isTensorClass = (value: unknown): value is TensorClass =>
  typeof value === "function" && value.prototype instanceof Tensor;

const join = (path: string, key: CheckpointValue): string =>
  path === "" ? String(key) : `${path}.${String(key)}`;

function textOf(what: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`${what} that is not a string`);
}

function listOf(value: unknown): readonly CheckpointValue[] {
  if (Array.isArray(value)) return value;
  throw new TypeError("items that are not a list");
}

function pairsOf(value: unknown): Pairs {
  const isPairs = Array.isArray(value) && value.every((p) => Array.isArray(p) && p.length === 2);
  if (isPairs) return value as Pairs;
  throw new TypeError("fields that are not a list of pairs");
}
