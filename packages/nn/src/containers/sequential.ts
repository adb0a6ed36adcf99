// Sequential: layers called one after the other.
import type { Tensor } from "@tead/tensor";
import type { Member } from "../module/members.ts";
import { type Layer, Module } from "../module/module.ts";
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
  readonly #layers = new Map<string, Layer>();

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
      this.#layers.set(key, layer);
    }
  }

  override forward(input: Tensor): Tensor {
    let x = input;
    for (const layer of this.#layers.values()) x = layer.forward(x);
    return x;
  }

  /** @internal */
  override members(): readonly Member[] {
    return [...super.members(), ...this.#layers];
  }

  /** How many layers it has. */
  get length(): number {
    return this.#layers.size;
  }
  /** The layer at an index, counted from the end if negative. */
  at(index: number): Layer {
    return [...this.#layers.values()][checkIndex(this, index, this.length)] as Layer;
  }
  /** Adds a layer at the end. */
  append(layer: Layer): this {
    checkModule(this, String(this.length), layer);
    this.#layers.set(String(this.length), layer);
    return this;
  }
  /**
   * The layers from `start` to before `end` as a Sequential of their own; they are shared, not
   * copied.
   */
  slice(start?: number, end?: number): Sequential {
    return new Sequential(...[...this].slice(start, end));
  }
  /** The layers, in order. */
  [Symbol.iterator](): IterableIterator<Layer> {
    return this.#layers.values();
  }
}
