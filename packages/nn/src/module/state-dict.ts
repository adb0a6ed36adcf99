// Saving a module's state under PyTorch's keys, and loading it back.
import { getDefaultDevice, noGrad, StateError, sameShape, Tensor, tensor } from "@tead/tensor";
import { ModuleBuffer, Parameter } from "../parameter.ts";
import { checkInitialized, isUninitialized } from "../uninitialized.ts";
import { joinKeys, namedModules } from "./members.ts";
import type { AnyModule } from "./module.ts";
import { stateHooks } from "./state-hooks.ts";
import { keyOfField } from "./state-key.ts";

/**
 * A module's state: tensors by PyTorch's keys, and what a module's `getExtraState()` gave, whatever
 * that is, under `_extra_state`.
 */
export type StateDict = Record<string, Tensor>;

/** Options of `stateDict`. */
export interface StateDictOptions {
  /** Put before every key, with a dot. */
  readonly prefix?: string;
  /** Whether to give the parameters themselves, not detached. Default false. */
  readonly keepVars?: boolean;
}

/** Options of `loadStateDict`. */
export interface LoadOptions {
  /** Whether missing and unexpected keys are an error. Default true. */
  readonly strict?: boolean;
}

/** The keys that did not match; both empty unless `strict` is false. */
export interface LoadResult {
  readonly missingKeys: readonly string[];
  readonly unexpectedKeys: readonly string[];
}

/** A place in a module where one entry of a state dict goes. */
interface Slot {
  readonly key: string;
  readonly target: Target;
}
type Target = Tensor | Counter | Extra;
/** A module with state beside its tensors. */
interface Extra {
  readonly extraOf: AnyModule;
}
interface Counter {
  readonly owner: Record<string, number>;
  readonly field: string;
}

const isCounter = (target: Target): target is Counter => "owner" in target;
const isExtra = (target: Target): target is Extra => "extraOf" in target;
const extraKey = "_extra_state";

/**
 * What stands in `root`'s state dict, in order: parameters, buffers, counters, extra state, then each
 * child's.
 */
function slots(root: AnyModule, prefix: string, extra: "getExtraState" | "setExtraState"): Slot[] {
  return namedModules(root, { prefix, removeDuplicate: false }).flatMap(([path, module]) => {
    const members = module.members();
    const counters = (module.constructor as { counters?: readonly string[] }).counters ?? [];
    return [
      ...members.filter(([, value]) => value instanceof Parameter),
      ...members.filter(([, value]) => value instanceof ModuleBuffer && value.persistent),
      ...counters.flatMap((field): [string, Counter][] => {
        const owner = module as unknown as Record<string, number>;
        return owner[field] === undefined ? [] : [[keyOfField(module, field), { owner, field }]];
      }),
      ...(module[extra] === undefined ? [] : [[extraKey, { extraOf: module }] as const]),
    ].map(([key, target]) => ({ key: joinKeys(path, key), target: target as Target }));
  });
}

/** The counters' values of state dicts made here, so that loading one back reads no device. */
const counted = new WeakMap<Tensor, { readonly value: number; readonly version: number }>();

function counterTensor({ owner, field }: Counter): Tensor {
  const value = owner[field] as number;
  const [sibling] = (owner as unknown as AnyModule).buffers({ recurse: false });
  const device = sibling?.device ?? getDefaultDevice();
  const dtype = device.capabilities.dtypes.includes("int64") ? "int64" : "int32";
  const result = tensor(BigInt(value), { dtype, device });
  counted.set(result, { value, version: result.version });
  return result;
}

function readCounter(source: Tensor): number {
  const known = counted.get(source);
  return known?.version === source.version ? known.value : Number(source.itemSync());
}

/** @internal */
export function stateDictOf(root: AnyModule, options: StateDictOptions): StateDict {
  const { prefix = "", keepVars = false } = options;
  const modules = namedModules(root, { prefix, removeDuplicate: false });
  for (const [path, module] of modules)
    for (const hook of stateHooks(module, "save")) hook(module as never, prefixOf(path));
  const state = Object.fromEntries(
    slots(root, prefix, "getExtraState").map(({ key, target }) => {
      if (isExtra(target)) return [key, target.extraOf.getExtraState?.() as Tensor];
      if (isCounter(target)) return [key, counterTensor(target)];
      checkInitialized(key, target);
      return [key, keepVars ? target : target.detach()];
    }),
  );
  for (const [path, module] of modules.reverse())
    for (const hook of stateHooks(module, "saved")) hook(module as never, state, prefixOf(path));
  return state;
}

const prefixOf = (path: string): string => (path === "" ? "" : `${path}.`);

/** The state dict as the modules' hooks want it: a copy where there are any. */
function prepared(
  modules: readonly (readonly [string, AnyModule])[],
  given: Readonly<StateDict>,
): Readonly<StateDict> {
  const hooked = modules.filter(([, module]) => stateHooks(module, "load").length > 0);
  const state = hooked.length === 0 ? given : { ...given };
  for (const [path, module] of hooked)
    for (const hook of stateHooks(module, "load")) hook(module as never, state, prefixOf(path));
  return state;
}

/** @internal */
export function loadInto(
  root: AnyModule,
  given: Readonly<StateDict>,
  { strict = true }: LoadOptions,
): LoadResult {
  const modules = namedModules(root, { removeDuplicate: false });
  const state = prepared(modules, given);
  const places = slots(root, "", "setExtraState");
  const known = new Set(places.map(({ key }) => key));
  const unexpectedKeys = Object.keys(state).filter((key) => !known.has(key));
  // Checkpoints older than PyTorch 0.4 have no counters: they begin at 0 again.
  const missing = places.filter(
    ({ key, target }) => !Object.hasOwn(state, key) && !isCounter(target),
  );
  const misshaped = places.filter(({ key, target }) => {
    // What waits for its shape takes that of what it loads.
    if (isExtra(target) || isUninitialized(target)) return false;
    const shape = isCounter(target) ? [] : target.shape;
    return Object.hasOwn(state, key) && !sameShape((state[key] as Tensor).shape, shape);
  });
  const refused = strict && missing.length + unexpectedKeys.length > 0;
  if (refused || misshaped.length > 0)
    throw refusal(root, state, missing, unexpectedKeys, misshaped);
  noGrad(() => {
    for (const { key, target } of places) {
      const source = state[key];
      if (isExtra(target)) {
        if (Object.hasOwn(state, key)) target.extraOf.setExtraState?.(source);
      } else if (isCounter(target)) target.owner[target.field] = source ? readCounter(source) : 0;
      else if (source !== undefined) {
        if (isUninitialized(target)) target.materialize(source.shape);
        target.copy_(source);
      }
    }
  });
  const result = { missingKeys: missing.map(({ key }) => key), unexpectedKeys };
  for (const [, module] of modules.reverse())
    for (const hook of stateHooks(module, "loaded")) hook(module as never, result);
  return result;
}

const formatted = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
const shown = (target: unknown): string =>
  target instanceof Tensor ? formatted(target.shape) : "";

function refusal(
  root: AnyModule,
  state: Readonly<StateDict>,
  missing: readonly Slot[],
  unexpected: readonly string[],
  misshaped: readonly Slot[],
): StateError {
  const shapes = (key: string): string => shown(state[key]);
  const lines = [
    ...missing.map(({ key, target }) =>
      `  missing     ${key}  ${isCounter(target) ? "[]" : shown(target)}`.trimEnd(),
    ),
    ...unexpected.map((key) => `  unexpected  ${key}  ${shapes(key)}`.trimEnd()),
    ...misshaped.map(
      ({ key, target }) =>
        `  mis-shaped  ${key}  expected ${isCounter(target) ? "[]" : shown(target)}, received ${shapes(key)}`,
    ),
  ];
  return new StateError(
    `${root.constructor.name}: Cannot load the state dict: expected the module's own keys and shapes, ` +
      `received ${missing.length} missing, ${unexpected.length} unexpected, ` +
      `${misshaped.length} mis-shaped\n${lines.join("\n")}`,
    missing.length + unexpected.length > 0
      ? { hint: "pass { strict: false } to leave missing and unexpected keys alone" }
      : {},
  );
}
