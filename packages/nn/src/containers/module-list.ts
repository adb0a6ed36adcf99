// ModuleList: modules by index, for a `forward` of your own.
import { describeList } from "../module/describe.ts";
import type { Member } from "../module/members.ts";
import { type AnyModule, type Layer, Module } from "../module/module.ts";
import { checkIndex, checkModule } from "./check.ts";

/**
 * Modules by index, under the keys "0", "1", ...; what they compute together is up to your
 * `forward`.
 *
 * @param modules - The first modules.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, Module, ModuleList } from "@tead/nn";
 * import { ones, setDefaultDevice, type Tensor } from "@tead/tensor";
 *
 * class Residual extends Module {
 *   readonly layers = new ModuleList([new Linear(3, 3), new Linear(3, 3)]);
 *   override forward(x: Tensor): Tensor {
 *     let y = x;
 *     for (const layer of this.layers) y = y.add(layer.forward(y));
 *     return y;
 *   }
 * }
 * setDefaultDevice(cpu());
 * assert.deepEqual(new Residual().forward(ones([2, 3])).shape, [2, 3]);
 */
export class ModuleList<M extends AnyModule = Layer> extends Module<never, never> {
  private readonly held: M[] = [];

  constructor(modules: Iterable<M> = []) {
    super();
    this.extend(modules);
  }

  /** @internal */
  override members(): readonly Member[] {
    return [...super.members(), ...this.held.map((m, i): Member => [String(i), m])];
  }

  /** PyTorch's printout: modules that print alike, one after the other, are shown once. */
  override toString(): string {
    return describeList(this.constructor.name, this.held);
  }
  /** How many modules it has. */
  get length(): number {
    return this.held.length;
  }
  /** The module at an index, counted from the end if negative. */
  at(index: number): M {
    return this.held[checkIndex(this, index, this.length)] as M;
  }
  /** Puts a module in the place of another. */
  set(index: number, module: M): this {
    const position = checkIndex(this, index, this.length);
    checkModule(this, String(position), module);
    this.held[position] = module;
    return this;
  }
  /** Adds a module at the end. */
  append(module: M): this {
    return this.extend([module]);
  }
  /** Adds modules at the end. */
  extend(modules: Iterable<M>): this {
    for (const module of [...modules]) {
      checkModule(this, String(this.length), module);
      this.held.push(module);
    }
    return this;
  }
  /** Puts a module before the one at `index`, counted from the end if negative; the others move up. */
  insert(index: number, module: M): this {
    const position = index === this.length ? index : checkIndex(this, index, this.length);
    checkModule(this, String(position), module);
    this.held.splice(position, 0, module);
    return this;
  }
  /** Takes out the module at an index, the last one unless said, and gives it. */
  pop(index = -1): M {
    return this.held.splice(checkIndex(this, index, this.length), 1)[0] as M;
  }
  /** The modules from `start` to before `end` as a list of their own; they are shared. */
  slice(start?: number, end?: number): ModuleList<M> {
    return new ModuleList(this.held.slice(start, end));
  }
  /** This list's modules and then another's, as a new list; they are shared. */
  concat(others: Iterable<M>): ModuleList<M> {
    return new ModuleList([...this.held, ...others]);
  }
  /** Adds a module under a name; the next number appends. */
  override addModule(name: string, module: AnyModule): void {
    if (name === String(this.length)) this.append(module as M);
    else super.addModule(name, module);
  }
  /** The modules, in order. */
  [Symbol.iterator](): IterableIterator<M> {
    return this.held.values();
  }
}
