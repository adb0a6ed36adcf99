// An ordered list of hooks, each of which can be taken off again.
import type { HookHandle } from "@tead/tensor";

export class HookList<H> {
  readonly #entries = new Set<{ readonly hook: H }>();

  get size(): number {
    return this.#entries.size;
  }
  add(hook: H): HookHandle {
    const entry = { hook };
    this.#entries.add(entry);
    return { remove: () => void this.#entries.delete(entry) };
  }
  /** The hooks as they are now, in order: one may add or remove others. */
  list(): readonly H[] {
    return Array.from(this.#entries, ({ hook }) => hook);
  }
}
