// Pruning: weights of least magnitude set to 0 by a mask, PyTorch's torch.nn.utils.prune.
import { noGrad, type Tensor } from "@tead/tensor";
import type { AnyModule } from "../module/module.ts";
import { buffer, Parameter } from "../parameter.ts";
import {
  type Fields,
  heldIn,
  parameterIn,
  replaceByComputed,
  restoreParameter,
} from "./computed.ts";

/** How many of `count` elements an amount stands for: a share below 1, or a number. */
function amountOf(amount: number, count: number): number {
  const share = amount >= 0 && amount <= 1 && !(Number.isInteger(amount) && amount === 1);
  const wanted = share ? Math.round(amount * count) : amount;
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > count)
    throw new RangeError(
      `l1Unstructured: Argument amount is not valid: expected a share from 0 to 1 or at most ` +
        `${count} elements, received ${amount}`,
    );
  return wanted;
}

/** The mask with `amount` more elements of least magnitude at 0. */
function pruned(weight: Tensor, mask: Tensor | undefined, amount: number): Tensor {
  const all = (mask ?? weight.onesLike()).reshape([-1]);
  const left = mask === undefined ? weight.numel() : Number(mask.sum().itemSync());
  const count = amountOf(amount, left);
  const sizes = all.eq(0).where(Number.POSITIVE_INFINITY, weight.detach().abs().reshape([-1]));
  const { indices } = sizes.topk(count, { largest: false });
  return all.indexFill(0, indices, 0).reshape(weight.shape);
}

/**
 * Sets the elements of least magnitude to 0 and keeps them there: the parameter becomes `weightOrig`
 * and the buffer `weightMask`, and is their product before each forward. Again, it prunes what is
 * left. Changes the module.
 *
 * @param name - The parameter's field, such as "weight".
 * @param amount - A share from 0 to 1 of what is left, or a number of elements.
 * @throws StateError where the field holds no parameter.
 * @throws RangeError where the amount is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.l1_unstructured.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, utils } from "@tead/nn";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = utils.prune.l1Unstructured(new Linear(4, 5), "weight", 0.25);
 * assert.equal(layer.getBuffer("weight_mask").sum().itemSync(), 15);
 */
export function l1Unstructured<M extends AnyModule>(module: M, name: string, amount: number): M {
  const fields = module as unknown as Fields;
  const before = fields[`${name}Mask`] as Tensor | undefined;
  if (before !== undefined) {
    const weight = heldIn("l1Unstructured", module, `${name}Orig`);
    noGrad(() => before.copy_(pruned(weight, before, amount)));
    fields[name] = weight.mul(before).detach();
    return module;
  }
  const weight = parameterIn("l1Unstructured", module, name);
  const mask = noGrad(() => pruned(weight, undefined, amount));
  const held = { [`${name}Orig`]: new Parameter(weight.detach()), [`${name}Mask`]: buffer(mask) };
  replaceByComputed(module, name, held, (own) =>
    (own[`${name}Orig`] as Tensor).mul(own[`${name}Mask`] as Tensor),
  );
  return module;
}

/** Whether a module, or one below, is pruned. */
export function isPruned(module: AnyModule): boolean {
  return module.namedBuffers().some(([key]) => key.endsWith("_mask"));
}

/**
 * Makes pruning permanent: the parameter is one again, with zeros where the mask has them.
 * @throws StateError where the parameter is not pruned.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.remove.html
 */
export function remove<M extends AnyModule>(module: M, name: string): M {
  const mask = heldIn("remove", module, `${name}Mask`);
  const weight = heldIn("remove", module, `${name}Orig`);
  const value = noGrad(() => weight.mul(mask));
  restoreParameter(module, name, [`${name}Orig`, `${name}Mask`], value);
  return module;
}
