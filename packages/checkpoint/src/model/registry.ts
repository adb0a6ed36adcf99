// The classes and functions that a model file may name, as the caller gives them.
import { StateError } from "@tead/tensor";

/**
 * Classes by name: the exports of @tead/nn and your own, `{ ...nn, MyNet }`. Objects in it are
 * looked through as well, one level deep: `functional.relu`.
 */
export type Classes = Readonly<Record<string, unknown>>;

/** A class of modules: only its prototype is used. */
export type ModuleClass = abstract new (...args: never) => object;

/** Names and values, both ways. */
export class Registry {
  readonly #values = new Map<string, unknown>();
  readonly #names = new Map<unknown, string>();

  constructor(classes: Classes) {
    for (const [name, value] of Object.entries(classes)) {
      this.#add(name, value);
      if (typeof value !== "object" || value === null) continue;
      for (const [inner, each] of Object.entries(value)) this.#add(`${name}.${inner}`, each);
    }
  }

  #add(name: string, value: unknown): void {
    if (typeof value !== "function") return;
    this.#values.set(name, value);
    if (!this.#names.has(value)) this.#names.set(value, name);
  }

  /** Under which name a class or function stands here; undefined if it does not. */
  nameOf(value: unknown): string | undefined {
    return this.#names.get(value);
  }

  /** @throws StateError if no class or function has that name. */
  get(op: string, path: string, name: string): unknown {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    throw new StateError(
      `${op}: Cannot make ${path || "the model"}: expected "${name}" among the classes, received none`,
      { hint: `pass { classes: { ...nn, ${name.replace(/\..*/, "")} } }` },
    );
  }
}

/** Whether a class is one of modules: by what it can do, for a bundle may have renamed it. */
export const isModuleClass = (value: unknown): value is ModuleClass =>
  typeof value === "function" && typeof value.prototype?.loadStateDict === "function";
