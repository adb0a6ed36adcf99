// Finding what a module owns: its own enumerable fields, in order of definition, and all that lies
// below.
import { StateError, type Tensor } from "@tead/tensor";
import { ModuleBuffer, Parameter } from "../parameter.ts";
import type { AnyModule } from "./module.ts";
import { keyOfField } from "./state-key.ts";

/** Parameter, buffer or child, with its state-dict key. */
export type Member = readonly [key: string, value: Parameter | ModuleBuffer | AnyModule];

/** The module's fields that hold parameters, buffers or modules; two on one key throw. */
export function fieldMembers(
  owner: object,
  isModule: (value: unknown) => value is AnyModule,
): Member[] {
  const members: Member[] = [];
  const fieldOf = new Map<string, string>();
  for (const [field, value] of Object.entries(owner)) {
    if (!(value instanceof Parameter || value instanceof ModuleBuffer || isModule(value))) continue;
    const key = keyOfField(owner, field);
    const other = fieldOf.get(key);
    if (other !== undefined)
      throw new StateError(
        `${owner.constructor.name}: Two fields have one state-dict key: expected distinct keys, ` +
          `received "${key}" for ${other} and ${field}`,
        { hint: "name one of them in static stateKeys" },
      );
    fieldOf.set(key, field);
    members.push([key, value]);
  }
  return members;
}

export const joinKeys = (prefix: string, key: string): string =>
  prefix === "" ? key : `${prefix}.${key}`;

/** How a listing of members runs. */
export interface NamedOptions {
  /** Put before every key, with a dot. */
  readonly prefix?: string;
  /** Whether to go into children. Default true. */
  readonly recurse?: boolean;
  /** Whether a member that is reached twice is listed once. Default true. */
  readonly removeDuplicate?: boolean;
}

/** The tensors of one kind in `root` and below, each module's own before its children's. */
export function namedTensors<T extends Tensor>(
  root: AnyModule,
  isKind: (value: unknown) => value is T,
  { prefix = "", recurse = true, removeDuplicate = true }: NamedOptions,
): [string, T][] {
  const modules: [string, AnyModule][] = recurse
    ? namedModules(root, { prefix, removeDuplicate })
    : [[prefix, root]];
  const found: [string, T][] = [];
  const seen = new Set<T>();
  for (const [path, module] of modules)
    for (const [key, value] of module.members()) {
      if (!isKind(value) || (removeDuplicate && seen.has(value))) continue;
      seen.add(value);
      found.push([joinKeys(path, key), value]);
    }
  return found;
}

/** `root` and all modules below, a parent before its children. */
export function namedModules(
  root: AnyModule,
  { prefix = "", removeDuplicate = true }: NamedOptions,
): [string, AnyModule][] {
  const found: [string, AnyModule][] = [];
  const seen = new Set<AnyModule>();
  const visit = (path: string, module: AnyModule): void => {
    if (removeDuplicate && seen.has(module)) return;
    seen.add(module);
    found.push([path, module]);
    for (const [key, child] of module.namedChildren({ removeDuplicate: false }))
      visit(joinKeys(path, key), child);
  };
  visit(prefix, root);
  return found;
}
