// The modes that ops run in. All take a function, asynchronous ones included, and end with it.
import { runtime, withContext } from "@tead/tensor";

/**
 * Turns recording on or off: for `fn`, or, without one, from here to the end of the enclosing mode.
 * PyTorch's `torch.set_grad_enabled`.
 * @example
 * import assert from "node:assert/strict";
 * import { isGradEnabled, setGradEnabled } from "@tead/autograd";
 *
 * assert.equal(setGradEnabled(false, () => isGradEnabled()), false);
 * assert.equal(isGradEnabled(), true);
 */
export function setGradEnabled(enabled: boolean): void;
export function setGradEnabled<R>(enabled: boolean, fn: () => R): R;
export function setGradEnabled<R>(enabled: boolean, fn?: () => R): R | undefined {
  if (fn !== undefined) return withContext({ gradEnabled: enabled }, fn);
  runtime.context = { ...runtime.context, gradEnabled: enabled };
  return undefined;
}

/**
 * Runs `fn` without recording; what it makes can never take part in backward, which an error says.
 * PyTorch's `torch.inference_mode`.
 * @example
 * import assert from "node:assert/strict";
 * import { inferenceMode } from "@tead/autograd";
 * import { cpu } from "@tead/backend-cpu";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const y = inferenceMode(() => ones([2]).mul(3));
 * assert.throws(() => y.requiresGrad_(), /inference/);
 */
export function inferenceMode<R>(fn: () => R): R {
  return withContext({ inferenceMode: true, gradEnabled: false }, fn);
}

/** Whether `inferenceMode` is on. PyTorch's `torch.is_inference_mode_enabled`. */
export function isInferenceModeEnabled(): boolean {
  return runtime.context.inferenceMode;
}
