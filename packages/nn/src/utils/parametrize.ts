// Tensors of modules that are computed from others: PyTorch's torch.nn.utils.parametrize.
import { noGrad, StateError, type Tensor } from "@tead/tensor";
import { ModuleDict } from "../containers/module-dict.ts";
import type { AnyModule } from "../module/module.ts";
import { keyOfField } from "../module/state-key.ts";
import { ModuleBuffer, Parameter, replaceContents } from "../parameter.ts";
import { checkAlike, type Parametrization, ParametrizationList } from "./parametrization-list.ts";

export { type Parametrization, ParametrizationList } from "./parametrization-list.ts";

/** Options of {@link registerParametrization}. */
export interface ParametrizeOptions {
  /** Whether the tensor's dtype and shape may change, and nothing is computed to check. Default false. */
  readonly unsafe?: boolean;
}

type Fields = Record<string, unknown>;
interface Parametrized {
  readonly parametrizations?: ModuleDict<ParametrizationList>;
}

/** Prototypes that were made here, with the classes that they stand for. */
const injected = new WeakMap<object, object>();

const listOf = (module: AnyModule, name: string): ParametrizationList | undefined => {
  const lists = (module as Parametrized).parametrizations;
  if (!(lists instanceof ModuleDict)) return undefined;
  const key = keyOfField(module, name);
  return lists.has(key) ? lists.get(key) : undefined;
};

/** What was computed within {@link cached}, while that runs. */
let cache: Map<ParametrizationList, Tensor> | undefined;
let depth = 0;

/**
 * Runs `fn`, in which each parametrized tensor is computed once at most, however often it is used:
 * for layers that run many times in one step, such as a recurrent cell.
 *
 * @param fn - What to run; while what it returns is a promise, the cache lasts.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.cached.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, utils } from "@tead/nn";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = utils.parametrizations.weightNorm(new Linear(2, 2));
 * assert.equal(utils.parametrize.cached(() => layer.weight === layer.weight), true);
 * assert.equal(layer.weight === layer.weight, false);
 */
export function cached<R>(fn: () => R): R {
  const end = (): void => {
    if (--depth === 0) cache = undefined;
  };
  depth++;
  cache ??= new Map();
  let result: R;
  try {
    result = fn();
  } catch (error) {
    end();
    throw error;
  }
  if (result instanceof Promise) return result.finally(end) as R;
  end();
  return result;
}

function computed(list: ParametrizationList): Tensor {
  const known = cache?.get(list);
  if (known !== undefined) return known;
  const value = list.forward();
  cache?.set(list, value);
  return value;
}

/** Gives a module a class of its own, whose accessor computes the tensor. */
function inject(module: AnyModule, name: string): void {
  let prototype = Object.getPrototypeOf(module) as object;
  if (!injected.has(prototype)) {
    const base = module.constructor as new () => AnyModule;
    const Class = class extends base {};
    Object.defineProperty(Class, "name", { value: `Parametrized${base.name}` });
    injected.set(Class.prototype, prototype);
    prototype = Class.prototype;
    Object.setPrototypeOf(module, prototype);
  }
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: true,
    get(this: AnyModule): Tensor {
      return computed(listOf(this, name) as ParametrizationList);
    },
    set(this: AnyModule, value: Tensor): void {
      (listOf(this, name) as ParametrizationList).rightInverse(value);
    },
  });
}

const setField = (module: AnyModule, name: string, value: unknown): void => {
  Object.defineProperty(module, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
};

/** What a parametrization of a parametrized tensor must keep to. */
function checkKeeps(parametrization: Parametrization, before: Tensor): void {
  noGrad(() => {
    const forward = parametrization.forward as unknown as (value: Tensor) => unknown;
    const after = forward.call(parametrization, before);
    checkAlike("forward()", after, before);
    if (parametrization.rightInverse !== undefined)
      checkAlike("rightInverse()", parametrization.rightInverse(after), before);
  });
}

/**
 * Has a parameter or buffer computed by a module, whenever it is read: `module.weight` becomes
 * `parametrization.forward(original)`, and what is trained is `parametrizations.weight.original` or,
 * where `rightInverse` gives several tensors, `original0`, `original1`, ... A further call
 * parametrizes what the earlier ones compute. Assigning to `module.weight` goes through
 * `rightInverse`. Changes the module, and its class to one of its own.
 *
 * @param name - The field, such as "weight".
 * @param parametrization - A module from the stored tensor to the one that is used.
 * @param options - `unsafe`.
 * @throws StateError where the field holds no parameter or buffer.
 * @throws ShapeError, DTypeError where the computed tensor has another shape or dtype.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.register_parametrization.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, Module, utils } from "@tead/nn";
 * import { setDefaultDevice, type Tensor } from "@tead/tensor";
 *
 * class Symmetric extends Module {
 *   override forward(x: Tensor): Tensor {
 *     return x.triu().add(x.triu(1).t());
 *   }
 *   rightInverse(x: Tensor): Tensor {
 *     return x.triu();
 *   }
 * }
 * setDefaultDevice(cpu());
 * const layer = utils.parametrize.registerParametrization(new Linear(3, 3), "weight", new Symmetric());
 * assert.equal(layer.weight.sub(layer.weight.t()).abs().amax().itemSync(), 0);
 * assert.deepEqual(Object.keys(layer.stateDict()), ["bias", "parametrizations.weight.original"]);
 */
export function registerParametrization<M extends AnyModule>(
  module: M,
  name: string,
  parametrization: Parametrization,
  { unsafe = false }: ParametrizeOptions = {},
): M {
  parametrization.train(module.training);
  const list = listOf(module, name);
  if (list !== undefined) {
    if (!unsafe) checkKeeps(parametrization, computed(list));
    list.append(parametrization);
    list.unsafe ||= unsafe;
    return module;
  }
  const original = (module as unknown as Fields)[name];
  if (!(original instanceof Parameter || original instanceof ModuleBuffer))
    throw new StateError(
      `registerParametrization: Cannot parametrize "${name}" of ${module.constructor.name}: ` +
        "expected a parameter, a buffer or a parametrized tensor",
    );
  const before = original.detach();
  const fresh = new ParametrizationList(parametrization, original, unsafe);
  fresh.training = module.training;
  if (!unsafe) noGrad(() => checkAlike("forward()", fresh.forward(), before));
  Reflect.deleteProperty(module, name);
  inject(module, name);
  if (!((module as Parametrized).parametrizations instanceof ModuleDict))
    setField(module, "parametrizations", new ModuleDict<ParametrizationList>());
  const lists = (module as Parametrized).parametrizations as ModuleDict<ParametrizationList>;
  lists.set(keyOfField(module, name), fresh);
  return module;
}

/** Whether a module is parametrized, or, with a name, that field of it. */
export function isParametrized(module: AnyModule, name?: string): boolean {
  if (name !== undefined) return listOf(module, name) !== undefined;
  const lists = (module as Parametrized).parametrizations;
  return lists instanceof ModuleDict && lists.size > 0;
}

/** Options of {@link removeParametrizations}. */
export interface RemoveParametrizationsOptions {
  /** Whether the computed values stay, not the stored ones. Default true. */
  readonly leaveParametrized?: boolean;
}

/**
 * Undoes {@link registerParametrization}: the field holds a parameter or buffer again. Where one
 * tensor is stored it is that same object, so that an optimizer keeps it.
 *
 * @throws StateError where the field is not parametrized, or is computed from several tensors and
 *   should not be left so.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.remove_parametrizations.html
 */
export function removeParametrizations<M extends AnyModule>(
  module: M,
  name: string,
  { leaveParametrized = true }: RemoveParametrizationsOptions = {},
): M {
  const list = listOf(module, name);
  if (list === undefined)
    throw new StateError(
      `removeParametrizations: "${name}" of ${module.constructor.name} is not parametrized`,
    );
  let [left] = list.originals as [Tensor];
  if (list.isTensor) {
    if (leaveParametrized)
      replaceContents(
        left,
        noGrad(() => list.forward().detach().clone()),
      );
  } else {
    if (!leaveParametrized)
      throw new StateError(
        `removeParametrizations: Cannot leave the stored values of "${name}": expected one tensor, ` +
          `received ${list.originals.length}`,
      );
    const { requiresGrad } = list.forward();
    const value = noGrad(() => list.forward().detach().clone());
    left = requiresGrad ? new Parameter(value) : new ModuleBuffer(value);
  }
  const lists = (module as Parametrized).parametrizations as ModuleDict<ParametrizationList>;
  lists.delete(keyOfField(module, name));
  setField(module, name, left);
  if (lists.size > 0) return module;
  Reflect.deleteProperty(module, "parametrizations");
  const prototype = Object.getPrototypeOf(module) as object;
  Object.setPrototypeOf(module, injected.get(prototype) ?? prototype);
  return module;
}

/** The class that a module had before it was parametrized. */
export function typeBeforeParametrizations(module: AnyModule): unknown {
  const prototype = Object.getPrototypeOf(module) as object;
  return ((injected.get(prototype) ?? prototype) as AnyModule).constructor;
}
