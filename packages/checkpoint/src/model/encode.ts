// A model as a plain value: names of classes, their fields, and tensors under state-dict keys.
// Format: README.md, "What a model file holds".
import { StateError, Tensor } from "@tead/tensor";
import type { CheckpointValue } from "../structure.ts";
import { type Classes, isModuleClass, Registry } from "./registry.ts";

/** What of a module is needed to name its tensors. */
export interface SavableModule {
  /** Every parameter and buffer under its name. */
  stateDict(): object;
  /** The parameters with their names. */
  namedParameters(options: object): [string, Tensor][];
  /** The buffers with their names. */
  namedBuffers(options: object): [string, Tensor][];
}

/** A model taken apart. */
export interface EncodedModel {
  readonly structure: CheckpointValue;
  /** By state-dict key; what the state dict does not hold is under "#0", "#1", ... */
  readonly tensors: Record<string, Tensor>;
}

/** @throws StateError at the first thing that cannot be kept, naming its path. */
export function encodeModel(op: string, model: SavableModule, classes: Classes): EncodedModel {
  return new Encoder(op, new Registry(classes), model).run(model);
}

class Encoder {
  readonly #op: string;
  readonly #registry: Registry;
  readonly #keys = new Map<Tensor, string>();
  readonly #tensors: Record<string, Tensor> = {};
  /** What was encoded already, by number: shared modules stay shared. */
  readonly #ids = new Map<object, number>();

  constructor(op: string, registry: Registry, model: SavableModule) {
    this.#op = op;
    this.#registry = registry;
    const all = { removeDuplicate: false };
    for (const [key, tensor] of [...model.namedParameters(all), ...model.namedBuffers(all)])
      if (!this.#keys.has(tensor)) this.#keys.set(tensor, key);
  }

  run(model: SavableModule): EncodedModel {
    return { structure: this.#value(model, []), tensors: this.#tensors };
  }

  #fail(path: readonly string[], received: string, hint: string): never {
    const place = path.join(".") || "the model";
    throw new StateError(
      `${this.#op}: Cannot store ${place}: expected modules of known classes, tensors and plain ` +
        `values, received ${received}`,
      { hint },
    );
  }

  #value(value: unknown, path: readonly string[]): CheckpointValue {
    if (value === undefined) return { kind: "undefined" };
    if (typeof value === "function")
      return { kind: "function", name: this.#functionName(value, path) };
    if (typeof value === "symbol") return this.#fail(path, "a symbol", "use a string");
    if (typeof value !== "object" || value === null) return value as CheckpointValue;
    const known = this.#ids.get(value);
    if (known !== undefined) return { kind: "again", id: known };
    const id = this.#ids.size;
    this.#ids.set(value, id);
    return { id, ...this.#object(value, path) };
  }

  #object(value: object, path: readonly string[]): Record<string, CheckpointValue> {
    const at = (key: unknown, each: unknown): CheckpointValue =>
      this.#value(each, [...path, String(key)]);
    if (value instanceof Tensor) return this.#tensor(value, path);
    if (isModuleClass(value.constructor)) return this.#module(value, path);
    if (Array.isArray(value)) return { kind: "array", items: value.map((each, i) => at(i, each)) };
    if (value instanceof Set)
      return { kind: "set", items: [...value].map((each, i) => at(i, each)) };
    if (value instanceof Map) {
      const entries = [...value].map(([key, each]) => [at("key", key), at(key, each)]);
      return { kind: "map", entries };
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype)
      return this.#fail(
        path,
        `an instance of ${value.constructor.name}`,
        "keep what it is made of in plain fields",
      );
    return { kind: "record", fields: this.#fields(value, path) };
  }

  #fields(value: object, path: readonly string[]): CheckpointValue[][] {
    return Object.entries(value).map(([key, each]) => [key, this.#value(each, [...path, key])]);
  }

  #module(module: object, path: readonly string[]): Record<string, CheckpointValue> {
    const name = this.#registry.nameOf(module.constructor);
    const given = module.constructor.name;
    if (name === undefined)
      return this.#fail(
        path,
        `a ${given}, which is not among the classes`,
        `pass { classes: { ...nn, ${given} } }`,
      );
    const hidden = privateMember(module.constructor);
    if (hidden !== undefined)
      this.#fail(path, `a ${given} with ${hidden}`, "write `private` in place of `#`");
    return { kind: "module", class: name, fields: this.#fields(module, path) };
  }

  #tensor(tensor: Tensor, path: readonly string[]): Record<string, CheckpointValue> {
    const name = this.#registry.nameOf(tensor.constructor);
    if (name === undefined && tensor.constructor !== Tensor)
      return this.#fail(
        path,
        `a ${tensor.constructor.name}, which is not among the classes`,
        "pass { classes: { ...nn } }",
      );
    const key = this.#keys.get(tensor) ?? `#${Object.keys(this.#tensors).length}`;
    this.#tensors[key] = tensor;
    const { persistent = true } = tensor as { persistent?: boolean };
    const { requiresGrad } = tensor;
    return { kind: "tensor", class: name ?? null, key, requiresGrad, persistent };
  }

  #functionName(value: unknown, path: readonly string[]): string {
    const name = this.#registry.nameOf(value);
    if (name !== undefined) return name;
    return this.#fail(
      path,
      "a function that is not among the classes",
      "files hold no code; give the function a name: { classes: { ...nn, myFunction } }",
    );
  }
}

/** A `#private` member that a class uses: it stays with the object that was constructed. */
function privateMember(start: unknown): string | undefined {
  let link = start;
  while (typeof link === "function" && link !== Function.prototype) {
    const found = /[\w$)\]]\.(#[\w$]+)/.exec(Function.prototype.toString.call(link))?.[1];
    if (found !== undefined) return found;
    link = Object.getPrototypeOf(link);
  }
  return undefined;
}
