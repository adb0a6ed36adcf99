// ModuleDict: modules by name, for a `forward` of your own.
import type { Member } from "../module/members.ts";
import { type AnyModule, type Layer, Module } from "../module/module.ts";
import { checkModule } from "./check.ts";

type Entries<M> = Readonly<Record<string, M>> | Iterable<readonly [string, M]>;

const entriesOf = <M>(modules: Entries<M>): Iterable<readonly [string, M]> =>
  Symbol.iterator in modules
    ? (modules as Iterable<readonly [string, M]>)
    : Object.entries(modules as Readonly<Record<string, M>>);

/**
 * Modules by name, in the order in which they were added. The names are the state-dict keys as
 * they stand.
 *
 * @param modules - The first modules: an object, or pairs such as a Map's.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
 * @example
 * import assert from "node:assert/strict";
 * import { ModuleDict, ReLU, Tanh } from "@tead/nn";
 *
 * const activations = new ModuleDict({ relu: new ReLU(), tanh: new Tanh() });
 * assert.deepEqual([...activations.keys()], ["relu", "tanh"]);
 * assert.equal(String(activations.get("tanh")), "Tanh()");
 */
export class ModuleDict<M extends AnyModule = Layer> extends Module<never, never> {
  private readonly held = new Map<string, M>();

  constructor(modules: Entries<M> = {}) {
    super();
    this.update(modules);
  }

  /** @internal */
  override members(): readonly Member[] {
    return [...super.members(), ...this.held];
  }

  /** How many modules it has. */
  get size(): number {
    return this.held.size;
  }
  /** The module of a name. @throws RangeError if there is none; `has()` asks. */
  get(key: string): M {
    const module = this.held.get(key);
    if (module === undefined)
      throw new RangeError(
        `ModuleDict: No module "${key}": expected one of ${[...this.held.keys()].join(", ")}`,
      );
    return module;
  }
  /** Whether there is a module under `key`. */
  has(key: string): boolean {
    return this.held.has(key);
  }
  /** Adds a module under a name, or puts it in the place of the one there. */
  set(key: string, module: M): this {
    checkModule(this, key, module);
    this.held.set(key, module);
    return this;
  }
  /** Adds several modules, in order. */
  update(modules: Entries<M>): this {
    for (const [key, module] of entriesOf(modules)) this.set(key, module);
    return this;
  }
  /** Takes out the module of a name and says whether there was one. */
  delete(key: string): boolean {
    return this.held.delete(key);
  }
  /** Takes out the module of a name and gives it. @throws RangeError if there is none. */
  pop(key: string): M {
    const module = this.get(key);
    this.held.delete(key);
    return module;
  }
  /** Adds a module under a name, or puts it in the place of the one there. */
  override addModule(name: string, module: AnyModule): void {
    this.set(name, module as M);
  }
  /** Takes all modules out. */
  clear(): void {
    this.held.clear();
  }
  /** The keys, in order. */
  keys(): IterableIterator<string> {
    return this.held.keys();
  }
  /** The modules, in order. */
  values(): IterableIterator<M> {
    return this.held.values();
  }
  /** Keys and modules, in order. */
  entries(): IterableIterator<[string, M]> {
    return this.held.entries();
  }
  /** Keys and modules, in order. */
  [Symbol.iterator](): IterableIterator<[string, M]> {
    return this.held.entries();
  }
}
