// Backward hooks: the module's tensors pass through views of their own, so that their gradients
// are the module's alone.
import { type HookHandle, Tensor } from "@tead/tensor";
import { addHook, addHookEverywhere, type HookOptions } from "./hooks.ts";
import type { AnyModule } from "./module.ts";

type Grads = readonly (Tensor | undefined)[];
/** What runs in backward: `undefined` stands for a tensor that asks for no gradient. */
export type BackwardHook<M> = (
  module: M,
  gradInputs: Grads,
  gradOutputs: Grads,
) => Grads | undefined;

/** One call of `forward`: the gradients that have arrived so far. */
interface Pass {
  readonly inputs: (Tensor | undefined)[];
  readonly outputs: (Tensor | undefined)[];
  waiting: number;
}

const alias = (t: Tensor): Tensor => t.view(t.shape);
const tensorsOf = (values: readonly unknown[]): number[] =>
  values.flatMap((value, i) => (value instanceof Tensor && value.requiresGrad ? [i] : []));

type Add = (
  kind: "pre" | "post",
  hook: (module: never, args: never, output: never) => readonly unknown[] | undefined,
) => HookHandle;
/** Where hooks go: around one module, or around all. */
const around =
  (module: AnyModule | undefined, options: HookOptions): Add =>
  (kind, hook) =>
    module === undefined
      ? addHookEverywhere(kind, hook, options)
      : addHook(module, kind, hook, options);

/** @internal Without a module, for all modules. */
export function registerBackwardHook(
  module: AnyModule | undefined,
  hook: BackwardHook<never>,
  options: HookOptions = {},
): HookHandle {
  const add = around(module, options);
  const passes: Pass[] = [];

  const pre = add("pre", (owner: never, args: readonly unknown[]) => {
    const run = (pass: Pass): Grads | undefined => hook(owner, [...pass.inputs], [...pass.outputs]);
    const watched = tensorsOf(args);
    const pass: Pass = { inputs: args.map(() => undefined), outputs: [], waiting: watched.length };
    passes.push(pass);
    const seen = [...args];
    for (const i of watched) {
      const input = alias(args[i] as Tensor);
      input.registerHook((grad) => {
        pass.inputs[i] = grad;
        if (--pass.waiting > 0) return undefined;
        return run(pass)?.[i];
      });
      seen[i] = input;
    }
    return seen;
  });
  const post = add("post", (owner: never, _: never, output: unknown) => {
    const pass = passes.pop() as Pass;
    const outputs = Array.isArray(output) ? output : [output];
    const silent = pass.waiting === 0;
    const seen = [...outputs];
    for (const i of tensorsOf(outputs)) {
      const result = alias(outputs[i] as Tensor);
      result.registerHook((grad) => {
        pass.outputs[i] = grad;
        // No input asks for a gradient: the outputs' are all there is to show.
        if (silent) hook(owner, [...pass.inputs], [...pass.outputs]);
        return undefined;
      });
      seen[i] = result;
    }
    return Array.isArray(output) ? seen : seen[0];
  });
  return {
    remove: () => {
      pre.remove();
      post.remove();
    },
  };
}

/** What runs in backward before a module's own gradients are computed. */
export type BackwardPreHook<M> = (module: M, gradOutputs: Grads) => Grads | undefined;

/** @internal Without a module, for all modules. */
export function registerBackwardPreHook(
  module: AnyModule | undefined,
  hook: BackwardPreHook<never>,
  options: HookOptions = {},
): HookHandle {
  return around(module, options)("post", (owner: never, _: never, output: unknown) => {
    const outputs = Array.isArray(output) ? output : [output];
    const watched = tensorsOf(outputs);
    const grads: (Tensor | undefined)[] = outputs.map(() => undefined);
    let waiting = watched.length;
    const seen = [...outputs];
    for (const i of watched) {
      const result = alias(outputs[i] as Tensor);
      result.registerHook((grad) => {
        grads[i] = grad;
        if (--waiting > 0) return undefined;
        waiting = watched.length;
        return hook(owner, [...grads])?.[i];
      });
      seen[i] = result;
    }
    return Array.isArray(output) ? seen : seen[0];
  });
}
