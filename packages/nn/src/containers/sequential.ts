// Sequential: layers called one after the other.
import type { Tensor } from "@tead/tensor";
import type { Member } from "../module/members.ts";
import { type AnyModule, type Layer, Module } from "../module/module.ts";
import { checkIndex, checkModule } from "./check.ts";

const isLayer = (value: Layer | Readonly<Record<string, Layer>>): value is Layer =>
  value instanceof Module;

/**
 * Layers called one after the other, under the keys "0", "1", ... or the names of an object.
 *
 * @param layers - The layers, or one object of named ones, whose names are the state-dict keys as
 * they stand.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, ReLU, Sequential } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 2));
 * assert.deepEqual(model.forward(ones([3, 4])).shape, [3, 2]);
 * assert.deepEqual(Object.keys(model.stateDict()), ["0.weight", "0.bias", "2.weight", "2.bias"]);
 *
 * const named = new Sequential({ hidden: new Linear(4, 8), act: new ReLU() });
 * assert.deepEqual(named.namedChildren().map(([key]) => key), ["hidden", "act"]);
 */
export class Sequential extends Module {
  private held = new Map<string, Layer>();

  constructor(...layers: readonly Layer[]);
  constructor(layers: Readonly<Record<string, Layer>>);
  constructor(...layers: readonly (Layer | Readonly<Record<string, Layer>>)[]) {
    super();
    const [first] = layers;
    const named = layers.length === 1 && typeof first === "object" && !isLayer(first);
    const entries = named
      ? Object.entries(first)
      : layers.map((layer, i): [string, Layer] => [String(i), layer as Layer]);
    for (const [key, layer] of entries) {
      checkModule(this, key, layer);
      this.held.set(key, layer);
    }
  }

  override forward(input: Tensor): Tensor {
    let x = input;
    for (const layer of this.held.values()) x = layer.forward(x);
    return x;
  }

  /** @internal */
  override members(): readonly Member[] {
    return [...super.members(), ...this.held];
  }

  /** How many layers it has. */
  get length(): number {
    return this.held.size;
  }
  /** The layer at an index, counted from the end if negative. */
  at(index: number): Layer {
    return [...this.held.values()][checkIndex(this, index, this.length)] as Layer;
  }
  /** Puts a layer in the place of another; its key stays. */
  set(index: number, layer: Layer): this {
    const key = [...this.held.keys()][checkIndex(this, index, this.length)] as string;
    checkModule(this, key, layer);
    this.held.set(key, layer);
    return this;
  }
  /** Adds a layer at the end. */
  append(layer: Layer): this {
    return this.extend([layer]);
  }
  /** Adds layers at the end. */
  extend(layers: Iterable<Layer>): this {
    for (const layer of [...layers]) this.addModule(String(this.length), layer);
    return this;
  }
  /**
   * Puts a layer before the one at `index`, counted from the end if negative. All layers are keyed
   * by number afterwards.
   */
  insert(index: number, layer: Layer): this {
    const position = index === this.length ? index : checkIndex(this, index, this.length);
    checkModule(this, String(position), layer);
    return this.renumber([...this].toSpliced(position, 0, layer));
  }
  /** Takes out the layer at an index, the last one unless said, and gives it. */
  pop(index = -1): Layer {
    const position = checkIndex(this, index, this.length);
    const [key, layer] = [...this.held][position] as [string, Layer];
    this.held.delete(key);
    // Numbers close up, as in a list; names stay.
    if ([...this.held.keys()].every((each) => /^\d+$/.test(each))) this.renumber([...this]);
    return layer;
  }
  /**
   * The layers from `start` to before `end` as a Sequential of their own, under their names or new
   * numbers; they are shared, not copied.
   */
  slice(start?: number, end?: number): Sequential {
    const entries = [...this.held].slice(start, end);
    const numbered = entries.every(([key]) => /^\d+$/.test(key));
    return numbered
      ? new Sequential(...entries.map(([, layer]) => layer))
      : new Sequential(Object.fromEntries(entries));
  }
  /** This one's layers and then another's, numbered, as a new Sequential; they are shared. */
  concat(others: Iterable<Layer>): Sequential {
    return new Sequential(...this, ...others);
  }
  /** Adds a layer at the end under a name, or puts it in the place of the one there. */
  override addModule(name: string, module: AnyModule): void {
    checkModule(this, name, module);
    this.held.set(name, module as Layer);
  }
  private renumber(layers: readonly Layer[]): this {
    this.held = new Map(layers.map((layer, i) => [String(i), layer]));
    return this;
  }
  /** The layers, in order. */
  [Symbol.iterator](): IterableIterator<Layer> {
    return this.held.values();
  }
}
