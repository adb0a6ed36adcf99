// Members by name: adding them at run time and finding them by path.
import { StateError } from "@tead/tensor";
import type { ModuleBuffer, Parameter } from "../parameter.ts";
import type { AnyModule } from "./module.ts";

type Value = Parameter | ModuleBuffer | AnyModule | undefined;

/** Defines a field under a name that is new, or holds what may be replaced. */
export function define(
  module: AnyModule,
  name: string,
  value: Value,
  replaceable: (held: unknown) => boolean = () => false,
): void {
  const refuse = (why: string): never => {
    throw new StateError(
      `${module.constructor.name}: Cannot register "${name}": expected a new name without dots, received ${why}`,
      /^\d+$/.test(name) ? { hint: "use ModuleList or ModuleDict for numbered members" } : {},
    );
  };
  if (name === "") refuse("an empty name");
  if (name.includes(".")) refuse("one with a dot");
  if (/^\d+$/.test(name)) refuse("a number");
  const held = Object.getOwnPropertyDescriptor(module, name)?.value as unknown;
  if (name in module && !replaceable(held)) refuse("one that the module has");
  Object.defineProperty(module, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** The module at a path of keys. */
export function submodule(root: AnyModule, path: string): AnyModule {
  let module = root;
  if (path === "") return module;
  for (const key of path.split(".")) {
    const child = module.namedChildren({ removeDuplicate: false }).find(([name]) => name === key);
    if (child === undefined)
      throw new StateError(
        `${root.constructor.name}: No submodule "${path}": ${module.constructor.name} has no child "${key}"`,
      );
    module = child[1];
  }
  return module;
}

/** What holds children by key or index. */
interface Holder {
  set(key: never, module: AnyModule): unknown;
}

/** Puts a module at a path of keys. */
export function setSubmodule(root: AnyModule, path: string, module: AnyModule): void {
  if (path === "")
    throw new StateError(
      `${root.constructor.name}: Cannot put a module in its own place: path is ""`,
    );
  const dot = path.lastIndexOf(".");
  const owner = submodule(root, path.slice(0, Math.max(dot, 0)));
  const key = path.slice(dot + 1);
  const held = owner.namedChildren({ removeDuplicate: false }).find(([name]) => name === key)?.[1];
  const field = Object.entries(owner).find(
    ([, value]) => held !== undefined && value === held,
  )?.[0];
  if (field !== undefined || held === undefined) owner.addModule(field ?? key, module);
  else (owner as unknown as Holder).set((/^\d+$/.test(key) ? Number(key) : key) as never, module);
}

/** The tensor of one kind at a path of keys. */
export function tensorAt<T extends Parameter | ModuleBuffer>(
  root: AnyModule,
  path: string,
  isKind: (value: unknown) => value is T,
  kind: string,
): T {
  const dot = path.lastIndexOf(".");
  const owner = submodule(root, path.slice(0, Math.max(dot, 0)));
  const found = owner.members().find(([key]) => key === path.slice(dot + 1))?.[1];
  if (isKind(found)) return found;
  throw new StateError(`${root.constructor.name}: No ${kind} "${path}": expected one of its keys`);
}
