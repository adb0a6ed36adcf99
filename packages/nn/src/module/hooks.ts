// Hooks around `forward`: put on the one instance that has them, or, for hooks of all modules, on the
// prototypes of all classes while there are any.
import type { HookHandle } from "@tead/tensor";
import type { AnyModule } from "./module.ts";

type Forward = (...args: readonly unknown[]) => unknown;

/** What runs before `forward`; the arguments that it returns take the place of the given ones. */
export type PreHook<M extends AnyModule> = (
  module: M,
  args: Parameters<M["forward"]>,
) => readonly [...Parameters<M["forward"]>] | undefined;
/** What runs after `forward`; the output that it returns takes the place of the computed one. */
export type Hook<M extends AnyModule> = (
  module: M,
  args: Parameters<M["forward"]>,
  output: ReturnType<M["forward"]>,
) => ReturnType<M["forward"]> | undefined;

type ErasedPreHook = (module: never, args: never) => readonly unknown[] | undefined;
type ErasedHook = (module: never, args: never, output: never) => unknown;

interface HookSets {
  readonly pre: Set<{ readonly hook: ErasedPreHook }>;
  readonly post: Set<PostEntry>;
}
interface PostEntry {
  readonly hook: ErasedHook;
  readonly always: boolean;
}
interface HookList extends HookSets {
  /** A `forward` that was the instance's own before. */
  readonly own: PropertyDescriptor | undefined;
}

/** Options of the hooks around `forward`. */
export interface HookOptions {
  /** Whether the hook runs before those that are there already. Default false. */
  readonly prepend?: boolean;
}
/** Options of the hooks after `forward`. */
export interface ForwardHookOptions extends HookOptions {
  /** Whether the hook runs, without an output, where `forward` throws. Default false. */
  readonly alwaysCall?: boolean;
}

const lists = new WeakMap<object, HookList>();
const everywhere: HookSets = { pre: new Set(), post: new Set() };

/** Puts an entry into a set, first or last; the handle takes it out. */
function insert<T extends object>(set: Set<T>, entry: T, prepend = false): () => void {
  const after = prepend ? [...set] : [];
  if (prepend) set.clear();
  for (const each of [entry, ...after]) set.add(each);
  return () => void set.delete(entry);
}
const insertHook = (
  sets: HookSets,
  kind: "pre" | "post",
  hook: ErasedPreHook | ErasedHook,
  { prepend, alwaysCall = false }: ForwardHookOptions,
): (() => void) =>
  kind === "pre"
    ? insert(sets.pre, { hook: hook as ErasedPreHook }, prepend)
    : insert(sets.post, { hook, always: alwaysCall }, prepend);

/** Adds a hook; the handle takes it off, and the last one off gives back the plain `forward`. */
export function addHook(
  module: AnyModule,
  kind: "pre" | "post",
  hook: ErasedPreHook | ErasedHook,
  options: ForwardHookOptions = {},
): HookHandle {
  const list = lists.get(module) ?? wrap(module);
  const remove = insertHook(list, kind, hook, options);
  return {
    remove: () => {
      remove();
      if (list.pre.size + list.post.size === 0 && lists.get(module) === list) unwrap(module, list);
    },
  };
}

/** Calls a `forward` with the hooks of all modules around it, and its module's own. */
function callHooked(
  module: object,
  plain: Forward,
  given: readonly unknown[],
  own?: HookSets,
): unknown {
  const post = [...everywhere.post, ...(own?.post ?? [])];
  let args = given;
  let called = 0;
  try {
    for (const { hook } of [...everywhere.pre, ...(own?.pre ?? [])])
      args = hook(module as never, args as never) ?? args;
    let output = plain.apply(module, args as unknown[]);
    for (const { hook } of post) {
      called++;
      output = hook(module as never, args as never, output as never) ?? output;
    }
    return output;
  } catch (error) {
    for (const { hook, always } of post.slice(called))
      if (always) hook(module as never, args as never, undefined as never);
    throw error;
  }
}

function wrap(module: AnyModule): HookList {
  const own = Object.getOwnPropertyDescriptor(module, "forward");
  const list: HookList = { pre: new Set(), post: new Set(), own };
  const plain = (): Forward =>
    (own?.value ?? unpatched((Object.getPrototypeOf(module) as AnyModule).forward)) as Forward;
  Object.defineProperty(module, "forward", {
    value: (...given: readonly unknown[]) => callHooked(module, plain(), given, list),
    writable: true,
    configurable: true,
    enumerable: false,
  });
  lists.set(module, list);
  return list;
}

function unwrap(module: AnyModule, { own }: HookList): void {
  lists.delete(module);
  if (own === undefined) Reflect.deleteProperty(module, "forward");
  else Object.defineProperty(module, "forward", own);
}

/** Gives a copy the hooks of what it was copied from. */
export function copyHooks(from: AnyModule, to: AnyModule): void {
  const list = lists.get(from);
  if (list === undefined) return;
  if (list.own !== undefined) Object.defineProperty(to, "forward", list.own);
  const copy = wrap(to);
  for (const entry of list.pre) copy.pre.add(entry);
  for (const entry of list.post) copy.post.add(entry);
}

/** The prototypes of all classes with an instance, and the wrappers around their `forward`s. */
const prototypes = new Set<object>();
const originals = new WeakMap<object, Forward>();
const unpatched = (forward: unknown): unknown => originals.get(forward as object) ?? forward;

/** Notes the class of a new module, for hooks of all modules. @internal */
export function noteClass(module: object): void {
  const prototype = Object.getPrototypeOf(module) as object;
  if (prototypes.has(prototype)) return;
  prototypes.add(prototype);
  if (everywhere.pre.size + everywhere.post.size > 0) patch(prototype);
}

/** Wraps each `forward` from a prototype up to the base of all modules, which has none to wrap. */
function patch(prototype: object): void {
  let link = prototype;
  while (Object.getPrototypeOf(link) !== Object.prototype) {
    const descriptor = Object.getOwnPropertyDescriptor(link, "forward");
    const plain = descriptor?.value as Forward | undefined;
    if (plain !== undefined && !originals.has(plain)) {
      const forward = function (this: object, ...given: readonly unknown[]): unknown {
        // Called by a subclass's forward: that one has the hooks.
        if ((Object.getPrototypeOf(this) as AnyModule).forward !== forward)
          return plain.apply(this, given as unknown[]);
        return callHooked(this, plain, given);
      };
      originals.set(forward, plain);
      Object.defineProperty(link, "forward", { ...descriptor, value: forward });
    }
    link = Object.getPrototypeOf(link) as object;
  }
}

function unpatch(prototype: object): void {
  let link = prototype;
  while (Object.getPrototypeOf(link) !== Object.prototype) {
    const descriptor = Object.getOwnPropertyDescriptor(link, "forward");
    if (descriptor !== undefined && originals.has(descriptor.value as object))
      Object.defineProperty(link, "forward", { ...descriptor, value: unpatched(descriptor.value) });
    link = Object.getPrototypeOf(link) as object;
  }
}

/** Adds a hook of all modules, those that are made later too; the handle takes it off. */
export function addHookEverywhere(
  kind: "pre" | "post",
  hook: ErasedPreHook | ErasedHook,
  options: ForwardHookOptions = {},
): HookHandle {
  const remove = insertHook(everywhere, kind, hook, options);
  for (const prototype of prototypes) patch(prototype);
  return {
    remove: () => {
      remove();
      if (everywhere.pre.size + everywhere.post.size > 0) return;
      for (const prototype of prototypes) unpatch(prototype);
    },
  };
}
