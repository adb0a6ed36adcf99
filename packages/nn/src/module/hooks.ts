// Hooks around `forward`, put on the one instance that has them.
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

interface HookList {
  readonly pre: Set<{ readonly hook: ErasedPreHook }>;
  readonly post: Set<{ readonly hook: ErasedHook }>;
  /** A `forward` that was the instance's own before. */
  readonly own: PropertyDescriptor | undefined;
}

const lists = new WeakMap<object, HookList>();

/** Adds a hook; the handle takes it off, and the last one off gives back the plain `forward`. */
export function addHook(module: AnyModule, kind: "pre", hook: ErasedPreHook): HookHandle;
export function addHook(module: AnyModule, kind: "post", hook: ErasedHook): HookHandle;
export function addHook(
  module: AnyModule,
  kind: "pre" | "post",
  hook: ErasedPreHook | ErasedHook,
): HookHandle {
  const list = lists.get(module) ?? wrap(module);
  const entry = { hook: hook as ErasedPreHook & ErasedHook };
  list[kind].add(entry);
  return {
    remove: () => {
      list[kind].delete(entry);
      if (list.pre.size + list.post.size === 0 && lists.get(module) === list) unwrap(module, list);
    },
  };
}

function wrap(module: AnyModule): HookList {
  const own = Object.getOwnPropertyDescriptor(module, "forward");
  const list: HookList = { pre: new Set(), post: new Set(), own };
  const plain = (): Forward =>
    (own?.value ?? (Object.getPrototypeOf(module) as AnyModule).forward) as Forward;
  const forward: Forward = (...given) => {
    let args: readonly unknown[] = given;
    for (const { hook } of [...list.pre]) args = hook(module as never, args as never) ?? args;
    let output = plain().apply(module, args as unknown[]);
    for (const { hook } of [...list.post])
      output = hook(module as never, args as never, output as never) ?? output;
    return output;
  };
  Object.defineProperty(module, "forward", {
    value: forward,
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
