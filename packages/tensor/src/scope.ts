// Scopes: what is made inside and neither returned nor kept is freed at the end. The CPU needs
// none, since its memory is the collector's; there they recycle buffers.
import { runtime, type ScopeTracker, withContext } from "./context.ts";
import { Storage } from "./storage.ts";
import { Tensor } from "./tensor.ts";

class Scope implements ScopeTracker {
  readonly #start = Storage.made;
  readonly #made: Storage[] = [];
  /** Outer tensors whose graph has grown inside. */
  #written: Set<Tensor> | undefined;

  /** Some come twice, as a `.grad` that another scope has spared: freeing them again does nothing. */
  track(storage: Storage): void {
    this.#made.push(storage);
  }
  wrote(tensor: Tensor): void {
    const base = tensor.viewOf?.base ?? tensor;
    if (base.storage.serial >= this.#start) return;
    this.#written ??= new Set();
    this.#written.add(base);
  }

  /** Frees what was made inside, but for what is kept or in reach of `result`. */
  end(result: unknown, outer: ScopeTracker | undefined): void {
    const spared = this.#spared(result, outer);
    for (const storage of this.#made) {
      if (storage.kept) continue;
      if (storage.holds > 0) storage.outlived = true;
      else if (spared?.has(storage)) outer?.track(storage);
      else storage.free();
    }
  }

  /** What is in reach of the result and of outer tensors. */
  #spared(result: unknown, outer: ScopeTracker | undefined): ReadonlySet<Storage> | undefined {
    const isNothing = typeof result !== "object" || result === null;
    if (isNothing && this.#written === undefined) return undefined;
    const spared = new Set<Storage>();
    for (const tensor of tensorsIn(result)) this.#spare(tensor, spared);
    for (const tensor of this.#written ?? []) {
      outer?.wrote(tensor);
      this.#spare(tensor, spared);
    }
    return spared;
  }

  #spare(tensor: Tensor, spared: Set<Storage>): void {
    spared.add(tensor.storage);
    const saved = runtime.recorder?.savedBy(tensor) ?? [];
    for (const { storage } of saved) spared.add(storage);
  }
}

/** The tensors in a value: itself, or those in arrays, maps, sets and plain objects. */
function* tensorsIn(value: unknown, seen: Set<object> = new Set()): Iterable<Tensor> {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Tensor) yield value;
  else if (Array.isArray(value) || value instanceof Set)
    for (const one of value) yield* tensorsIn(one, seen);
  else if (value instanceof Map) for (const pair of value) yield* tensorsIn(pair, seen);
  else if (isPlain(value)) for (const one of Object.values(value)) yield* tensorsIn(one, seen);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/**
 * Runs `fn` and frees the tensors that it made, except those it returns (also inside arrays, maps,
 * sets and plain objects), what their graphs need for backward, every `.grad`, and what the library
 * or `keep()` has marked: parameters, buffers, optimizer state. A `.grad` that was spared so is freed
 * by the scope in which `zeroGrad()` or another gradient takes its place. An asynchronous `fn` keeps
 * the scope open until its promise settles. Touching a freed tensor is a StateError.
 *
 * On the GPU this gives memory back at once; on the CPU it only recycles buffers.
 *
 * @param fn - The body; its value is the scope's.
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ones, scope, setDefaultDevice, type Tensor } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * let inner: Tensor | undefined;
 * const sum = scope(() => {
 *   inner = ones([3]).mul(2);
 *   return inner.sum();
 * });
 * assert.equal(await sum.item(), 6);
 * assert.throws(() => inner?.add(1), /freed/);
 * @category Memory
 */
export function scope<R>(fn: () => R): R {
  const outer = runtime.context.scope;
  const own = new Scope();
  const ended = <V>(value: V): V => {
    own.end(value, outer);
    return value;
  };
  const failed = (error: unknown): never => {
    own.end(undefined, outer);
    throw error;
  };
  let result: R;
  try {
    result = withContext({ scope: own }, fn);
  } catch (error) {
    return failed(error);
  }
  return result instanceof Promise ? (result.then(ended, failed) as R) : ended(result);
}

/**
 * Marks a tensor so that no scope frees it: state that outlives the step it was made in.
 * @returns the tensor.
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { keep, ones, scope, setDefaultDevice, type Tensor } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const cache: Tensor[] = [];
 * scope(() => {
 *   cache.push(keep(ones([2])));
 * });
 * assert.deepEqual(await cache[0]?.tolist(), [1, 1]);
 * @category Memory
 */
export function keep<T extends Tensor>(tensor: T): T {
  tensor.storage.kept = true;
  return tensor;
}
