// Hooks of all modules: to log, time or check whatever runs, without naming it.
import type { HookHandle } from "@tead/tensor";
import {
  type BackwardHook,
  type BackwardPreHook,
  registerBackwardHook,
  registerBackwardPreHook,
} from "./backward-hook.ts";
import { addHookEverywhere, type ForwardHookOptions } from "./hooks.ts";
import type { AnyModule } from "./module.ts";

/** What runs before any module's `forward`. */
export type ModuleForwardPreHook = (
  module: AnyModule,
  args: readonly unknown[],
) => readonly unknown[] | undefined;
/** What runs after any module's `forward`. */
export type ModuleForwardHook = (
  module: AnyModule,
  args: readonly unknown[],
  output: unknown,
) => unknown;

/**
 * Calls `hook` before each `forward` of every module, those made later too, before the module's own
 * hooks. The arguments that it returns take the place of the given ones. A `forward` that is an
 * instance's own field has no part in it.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.modules.module.register_module_forward_pre_hook.html
 */
export function registerModuleForwardPreHook(hook: ModuleForwardPreHook): HookHandle {
  return addHookEverywhere("pre", hook);
}

/**
 * Calls `hook` after each `forward` of every module, those made later too, before the module's own
 * hooks. The output that it returns takes the place of the computed one.
 *
 * @param options - `alwaysCall`: also, without an output, where `forward` throws.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.modules.module.register_module_forward_hook.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, ReLU, registerModuleForwardHook, Sequential } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const model = new Sequential(new Linear(2, 2), new ReLU());
 * const seen: string[] = [];
 * const handle = registerModuleForwardHook((module) => void seen.push(module.constructor.name));
 * model.forward(ones([1, 2]));
 * handle.remove();
 * model.forward(ones([1, 2]));
 * assert.deepEqual(seen, ["Linear", "ReLU", "Sequential"]);
 */
export function registerModuleForwardHook(
  hook: ModuleForwardHook,
  options: Pick<ForwardHookOptions, "alwaysCall"> = {},
): HookHandle {
  return addHookEverywhere("post", hook, options);
}

/**
 * Calls `hook` in backward with the gradients of every module's inputs and outputs, as
 * `registerFullBackwardHook()` does for one.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.modules.module.register_module_full_backward_hook.html
 */
export function registerModuleFullBackwardHook(hook: BackwardHook<AnyModule>): HookHandle {
  return registerBackwardHook(undefined, hook);
}

/**
 * Calls `hook` in backward with the gradients of every module's outputs, as
 * `registerFullBackwardPreHook()` does for one.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.modules.module.register_module_full_backward_pre_hook.html
 */
export function registerModuleFullBackwardPreHook(hook: BackwardPreHook<AnyModule>): HookHandle {
  return registerBackwardPreHook(undefined, hook);
}
