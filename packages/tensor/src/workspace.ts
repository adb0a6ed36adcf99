// What the library makes on its way to a result, and user code never sees: it is freed at once.
import { runtime, type ScopeTracker } from "./context.ts";
import type { Storage } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

/** Stands in a scope's place while a decomposition or a gradient runs. @internal */
export class Workspace implements ScopeTracker {
  /** The scope that what is left belongs to. */
  readonly outer: ScopeTracker | undefined;
  /** The first `#count` are those of now; the places behind them stay for the next. */
  readonly #made: (Storage | undefined)[] = [];
  #count = 0;

  constructor(outer: ScopeTracker | undefined = runtime.context.scope) {
    this.outer = outer;
  }
  track(storage: Storage): void {
    this.#made[this.#count++] = storage;
  }
  wrote(tensor: Tensor): void {
    this.outer?.wrote(tensor);
  }

  /** Frees what was made since the last call, but for what backward holds and the results' storages, which `heir` takes. */
  settle(results: readonly unknown[], heir?: ScopeTracker): void {
    const made = this.#made;
    for (let i = 0; i < this.#count; i++) {
      const storage = made[i] as Storage;
      made[i] = undefined;
      if (isAmong(results, storage)) heir?.track(storage);
      else if (!storage.kept && storage.passes === 0) storage.free();
    }
    this.#count = 0;
  }
}

function isAmong(results: readonly unknown[], storage: Storage): boolean {
  for (let i = 0; i < results.length; i++)
    if ((results[i] as Tensor | undefined)?.storage === storage) return true;
  return false;
}
