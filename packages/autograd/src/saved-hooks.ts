// Hooks on what graphs save.
import { type SavedTensorHooks, withContext } from "@tead/tensor";

/**
 * Runs `fn` so that every tensor its ops save for backward goes through `pack` as it is saved and
 * through `unpack` when backward reads it: to move it elsewhere, compress it, or compute it again.
 * PyTorch's `torch.autograd.graph.saved_tensors_hooks`.
 *
 * @param hooks - `pack` gives anything; `unpack` gives a tensor of the same values, shape and dtype.
 * @see https://pytorch.org/docs/stable/autograd.html#torch.autograd.graph.saved_tensors_hooks
 * @example
 * import assert from "node:assert/strict";
 * import { savedTensorsHooks } from "@tead/autograd";
 * import { cpu } from "@tead/backend-cpu";
 * import { setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const x = tensor([1.5, 2], { requiresGrad: true });
 * const hooks = { pack: (t: Tensor) => t.half(), unpack: (t: Tensor) => t.float() };
 * savedTensorsHooks(hooks, () => x.mul(x)).sum().backward();
 * assert.deepEqual(await x.grad?.tolist(), [3, 4]);
 */
export function savedTensorsHooks<R>(hooks: SavedTensorHooks, fn: () => R): R {
  return withContext({ savedTensorHooks: hooks }, fn);
}
