// Hooks around saving and loading a module's state.
import type { HookHandle } from "@tead/tensor";
import type { AnyModule } from "./module.ts";
import type { LoadResult, StateDict } from "./state-dict.ts";

/** What runs before a module's state is collected. `prefix` ends in a dot unless it is empty. */
export type StateDictPreHook<M> = (module: M, prefix: string) => void;
/** What runs when a module's state, and that of all below, is collected: it may change it. */
export type StateDictHook<M> = (module: M, state: StateDict, prefix: string) => void;
/** What runs before a module loads: it may rename, add and delete entries of its own copy. */
export type LoadStateDictPreHook<M> = (module: M, state: StateDict, prefix: string) => void;
/** What runs when a module, and all below, has loaded. */
export type LoadStateDictPostHook<M> = (module: M, result: LoadResult) => void;

/** All four, with the module's type erased. */
export interface StateHooks {
  readonly save: Set<{ readonly hook: StateDictPreHook<never> }>;
  readonly saved: Set<{ readonly hook: StateDictHook<never> }>;
  readonly load: Set<{ readonly hook: LoadStateDictPreHook<never> }>;
  readonly loaded: Set<{ readonly hook: LoadStateDictPostHook<never> }>;
}
type HookOf<K extends keyof StateHooks> =
  StateHooks[K] extends Set<{ readonly hook: infer H }> ? H : never;

const hooks = new WeakMap<AnyModule, StateHooks>();

/** Adds a hook; the handle takes it off. */
export function addStateHook<K extends keyof StateHooks>(
  module: AnyModule,
  kind: K,
  hook: HookOf<K>,
): HookHandle {
  const own = hooks.get(module) ?? {
    save: new Set(),
    saved: new Set(),
    load: new Set(),
    loaded: new Set(),
  };
  hooks.set(module, own);
  const entry = { hook };
  (own[kind] as Set<{ readonly hook: HookOf<K> }>).add(entry);
  return { remove: () => void (own[kind] as Set<unknown>).delete(entry) };
}

/** The hooks of one kind that a module has, in order. */
export function stateHooks<K extends keyof StateHooks>(module: AnyModule, kind: K): HookOf<K>[] {
  const own = hooks.get(module)?.[kind] as Set<{ readonly hook: HookOf<K> }> | undefined;
  return [...(own ?? [])].map(({ hook }) => hook);
}

/** Gives a copy the hooks of what it was copied from. */
export function copyStateHooks(from: AnyModule, to: AnyModule): void {
  const own = hooks.get(from);
  if (own === undefined) return;
  hooks.set(to, {
    save: new Set(own.save),
    saved: new Set(own.saved),
    load: new Set(own.load),
    loaded: new Set(own.loaded),
  });
}
