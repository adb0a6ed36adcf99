// Custom differentiable functions: PyTorch's `torch.autograd.Function`.
import { isFloat, noGrad, runtime, StateError, Tensor, tracksGrad } from "@tead/tensor";
import { trace } from "./anomaly.ts";
import { nodeOf, setNode } from "./edges.ts";
import { FunctionContext } from "./function-context.ts";
import { type BackwardResult, type BackwardRule, FunctionNode } from "./function-node.ts";
import { rebase } from "./in-place.ts";
import { metaOf } from "./meta.ts";
import { type Gradient, Node } from "./node.ts";
import { savedOf, shellOf } from "./saved.ts";
import { Spec } from "./spec.ts";

/** The two static methods that a subclass of {@link Function} has. */
export interface FunctionClass<A extends readonly unknown[], R> extends BackwardRule {
  /** The result; notes in `ctx` what backward will read. */
  forward(ctx: FunctionContext, ...args: A): R;
}

/**
 * A function with a backward of its own. A subclass states `static forward(ctx, ...args)` and
 * `static backward(ctx, ...grads)`, one gradient an output in, one an argument out; it is called by
 * `apply(...args)`. Only arguments that are tensors themselves get gradients, not those in lists.
 *
 * @see https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function
 * @example
 * import assert from "node:assert/strict";
 * import { Function, type FunctionContext } from "@tead/autograd";
 * import { cpu } from "@tead/backend-cpu";
 * import { setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
 *
 * class Exp extends Function {
 *   static forward(ctx: FunctionContext, x: Tensor): Tensor {
 *     const y = x.exp();
 *     ctx.saveForBackward(y);
 *     return y;
 *   }
 *   static backward(ctx: FunctionContext, grad: Tensor): Tensor {
 *     return grad.mul(ctx.savedTensors[0] as Tensor);
 *   }
 * }
 * setDefaultDevice(cpu());
 * const x = tensor([0], { dtype: "float32", requiresGrad: true });
 * Exp.apply(x).sum().backward();
 * assert.deepEqual(await x.grad?.tolist(), [1]);
 */
// biome-ignore lint/complexity/noStaticOnlyClass: PyTorch's way: subclasses with static methods
export abstract class CustomFunction {
  /** Runs `forward` and records `backward`. */
  static apply<A extends readonly unknown[], R>(this: FunctionClass<A, R>, ...args: A): R {
    // biome-ignore lint/complexity/noThisInStatic: the subclass that apply() was called on
    return applyFunction(this, args);
  }
}

function applyFunction<A extends readonly unknown[], R>(rule: FunctionClass<A, R>, args: A): R {
  const { gradEnabled, inferenceMode } = runtime.context;
  const needs = args.map((x) => x instanceof Tensor && tracksGrad(x));
  const ctx = new FunctionContext(needs);
  const records = gradEnabled && !inferenceMode && needs.includes(true);
  const node = records ? new FunctionNode(rule, ctx, args) : undefined;
  const result = noGrad(() => rule.forward(ctx, ...args));
  const list = (Array.isArray(result) ? result : [result]) as readonly unknown[];
  const outputs = wrapOutputs(list, args, ctx, node);
  if (node !== undefined) {
    node.outputs = outputs.map((x) => (x instanceof Tensor ? new Spec(x) : undefined));
    ctx.state.node = node;
    ctx.state.saved = ctx.state.toSave.map((t) => {
      if (t === undefined) return undefined;
      const at = list.indexOf(t);
      return savedOf(t, at >= 0 && metaOf(outputs[at] as Tensor)?.node === node ? at : -1);
    });
    if (runtime.context.anomaly !== undefined) trace(node);
  }
  return (Array.isArray(result) ? outputs : outputs[0]) as R;
}

function wrapOutputs(
  results: readonly unknown[],
  args: readonly unknown[],
  ctx: FunctionContext,
  node: FunctionNode | undefined,
): unknown[] {
  const { dirty, nonDifferentiable } = ctx.state;
  for (const t of dirty)
    if (!results.includes(t))
      throw new StateError(
        "markDirty: A written input is not returned: expected forward to return every input that it marks",
      );
  const carries = (x: unknown): boolean =>
    x instanceof Tensor && isFloat(x.dtype) && !nonDifferentiable.has(x);
  const several = results.filter(carries).length > 1;
  return results.map((x, i) => {
    if (!(x instanceof Tensor)) return x;
    const isInput = args.includes(x);
    if (isInput && dirty.has(x)) {
      if (node !== undefined) rebaseDirty(x, node, i, args.indexOf(x), several);
      return x;
    }
    if (!carries(x)) return isInput ? x.detach() : x;
    // An input that comes back as it went in gets a record of its own, on a view.
    const output = isInput ? noGrad(() => x.view(x.shape)) : x;
    if (output.viewOf !== undefined)
      output.viewOf.creation = several ? "multiOutput" : "customFunction";
    if (node !== undefined) setNode(output, node, i);
    return output;
  });
}

function rebaseDirty(
  target: Tensor,
  node: FunctionNode,
  index: number,
  position: number,
  several: boolean,
): void {
  const link = target.viewOf;
  const leaf = link === undefined ? target : link.base;
  if (tracksGrad(target) && nodeOf(leaf) === undefined)
    throw new StateError(
      "markDirty: Cannot write in place to a leaf that requires grad: expected a result of other ops",
    );
  if (link !== undefined && several)
    throw new StateError(
      "markDirty: Cannot write to a view and return several tensors: expected one output",
    );
  rebase(target, node, position, index);
}

/** Passes an error on to whoever differentiates a gradient that cannot be. */
class OnceNode extends Node {
  readonly outputs: readonly Spec[];
  constructor(tensor: Tensor) {
    super(0);
    this.outputs = [new Spec(tensor)];
  }
  get name(): string {
    return "OnceDifferentiable";
  }
  apply(): readonly Gradient[] {
    throw new StateError(
      "onceDifferentiable: Cannot differentiate twice: expected a first derivative only",
    );
  }
}

/**
 * A `backward` that cannot itself be differentiated: it runs without recording, and a second
 * derivative through it is an error. PyTorch's `once_differentiable`.
 */
export function onceDifferentiable<G extends readonly Tensor[]>(
  backward: (ctx: FunctionContext, ...grads: G) => BackwardResult,
): (ctx: FunctionContext, ...grads: G) => BackwardResult {
  return (ctx, ...grads) => {
    const result = noGrad(() => backward(ctx, ...grads));
    if (!runtime.context.gradEnabled) return result;
    const isTracked = grads.some((g) => g !== undefined && tracksGrad(g));
    if (!isTracked && !ctx.needsInputGrad.includes(true)) return result;
    const guarded = ([result].flat() as readonly (Tensor | undefined | null)[]).map((g) => {
      if (g === undefined || g === null) return g;
      const copy = shellOf(g);
      setNode(copy, new OnceNode(copy), 0);
      return copy;
    });
    return Array.isArray(result) ? guarded : guarded[0];
  };
}
