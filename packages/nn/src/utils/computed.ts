// Weights that are computed before each forward from what stands in their place.
import { StateError, Tensor } from "@tead/tensor";
import { addHook } from "../module/hooks.ts";
import type { AnyModule } from "../module/module.ts";
import { type ModuleBuffer, Parameter } from "../parameter.ts";

/** A module's fields, by name. */
export type Fields = Record<string, unknown>;
type Held = Parameter | ModuleBuffer;

/** The parameter in a field; refuses a field without one. */
export function parameterIn(op: string, module: AnyModule, name: string): Parameter {
  const held = (module as unknown as Fields)[name];
  if (held instanceof Parameter) return held;
  throw new StateError(
    `${op}: Cannot change "${name}" of ${module.constructor.name}: expected a parameter, ` +
      `received ${held === undefined ? "none" : "a value that is computed already"}`,
  );
}

/** A parameter or buffer that stands in the place of a computed weight. */
export function heldIn(op: string, module: AnyModule, name: string): Tensor {
  const held = (module as unknown as Fields)[name];
  if (held instanceof Tensor) return held;
  throw new StateError(
    `${op}: Cannot undo for ${module.constructor.name}: expected a field "${name}", received none`,
  );
}

const setField = (module: AnyModule, name: string, value: unknown): void => {
  Object.defineProperty(module, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
};

/**
 * Puts `held` in the place of a parameter, which is from now on computed before each forward; works
 * on copies of the module too.
 */
export function replaceByComputed(
  module: AnyModule,
  name: string,
  held: Readonly<Record<string, Held>>,
  compute: (fields: Fields, module: AnyModule) => Tensor,
): void {
  Reflect.deleteProperty(module, name);
  for (const [field, value] of Object.entries(held)) setField(module, field, value);
  const [mark] = Object.keys(held) as [string];
  const update = (each: AnyModule): undefined => {
    // Undone, perhaps on a copy: nothing is left to compute.
    if (mark in each) setField(each, name, compute(each as unknown as Fields, each));
    return undefined;
  };
  addHook(module, "pre", update);
  setField(module, name, compute(module as unknown as Fields, module).detach());
}

/** Puts a parameter of the computed values back, in the place of `held`. */
export function restoreParameter(
  module: AnyModule,
  name: string,
  held: readonly string[],
  value: Tensor,
): void {
  for (const field of held) Reflect.deleteProperty(module, field);
  setField(module, name, new Parameter(value.detach().clone()));
}
