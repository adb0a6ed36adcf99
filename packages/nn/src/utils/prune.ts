// Pruning: elements of parameters held at 0 by a mask, PyTorch's torch.nn.utils.prune.
import { cat, noGrad, ShapeError, sameShape, type Tensor } from "@tead/tensor";
import type { AnyModule } from "../module/module.ts";
import { buffer, ModuleBuffer, Parameter } from "../parameter.ts";
import {
  type Fields,
  heldIn,
  parameterIn,
  replaceByComputed,
  restoreParameter,
} from "./computed.ts";
import {
  type BasePruningMethod,
  CustomFromMask,
  Identity,
  L1Unstructured,
  LnStructured,
  PruningContainer,
  RandomStructured,
  RandomUnstructured,
} from "./prune-methods.ts";

export * from "./prune-methods.ts";

/** Options of the functions that prune by importance. */
export interface PruneOptions {
  /** By what elements are chosen, in the parameter's shape. Default: the parameter itself. */
  readonly importanceScores?: Tensor;
}

/**
 * Prunes a parameter by any method: it becomes `weightOrig` and the buffer `weightMask`, and is their
 * product before each forward. Again, it prunes what is left. Changes the module. The device must be
 * one that can be read at once.
 *
 * @param name - The parameter's field, such as "weight".
 * @param method - How the mask is made.
 * @param options - `importanceScores`.
 * @throws StateError where the field holds no parameter.
 * @throws ShapeError where the scores have another shape.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.BasePruningMethod.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, utils } from "@tead/nn";
 * import { setDefaultDevice, type Tensor } from "@tead/tensor";
 *
 * class EveryOther extends utils.prune.BasePruningMethod {
 *   override readonly pruningType = "unstructured";
 *   override computeMask(_: Tensor, mask: Tensor): Tensor {
 *     const pruned = mask.clone();
 *     pruned.view([-1]).view([-1, 2]).select(1, 0).zero_();
 *     return pruned;
 *   }
 * }
 * setDefaultDevice(cpu());
 * const layer = utils.prune.apply(new Linear(4, 1), "weight", new EveryOther());
 * assert.deepEqual(layer.getBuffer("weight_mask").tolistSync(), [[0, 1, 0, 1]]);
 */
export function apply<M extends AnyModule>(
  module: M,
  name: string,
  method: BasePruningMethod,
  { importanceScores }: PruneOptions = {},
): M {
  const fields = module as unknown as Fields;
  const before = fields[`${name}Mask`];
  const pruned = before instanceof ModuleBuffer;
  const weight = pruned
    ? heldIn(method.constructor.name, module, `${name}Orig`)
    : parameterIn(method.constructor.name, module, name);
  const present = (fields[name] as Tensor).detach();
  const scores = importanceScores?.detach() ?? present;
  if (!sameShape(scores.shape, weight.shape))
    throw new ShapeError(
      `prune: Importance scores do not fit: expected [${weight.shape.join(", ")}], received [${scores.shape.join(", ")}]`,
    );
  const mask = noGrad(() => {
    if (pruned) return new PruningContainer(method).computeMask(scores, before);
    return method.computeMask(scores, present.onesLike());
  });
  if (pruned) {
    noGrad(() => before.copy_(mask));
    fields[name] = weight.mul(before).detach();
    return module;
  }
  const held = {
    [`${name}Orig`]: new Parameter(weight.detach()),
    [`${name}Mask`]: buffer(mask.detach().clone()),
  };
  replaceByComputed(module, name, held, (own) =>
    (own[`${name}Orig`] as Tensor).mul(own[`${name}Mask`] as Tensor),
  );
  return module;
}

/**
 * Prunes nothing, but puts the mask of ones in place, as a start for masks of your own.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.identity.html
 */
export function identity<M extends AnyModule>(module: M, name: string): M {
  return apply(module, name, new Identity());
}

/**
 * Prunes elements by chance, the same ones as PyTorch for the same seed.
 *
 * @param name - The parameter's field, such as "weight".
 * @param amount - A share from 0 to 1 of what is left, or a number of elements; 1 is one element.
 * @throws RangeError where the amount is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.random_unstructured.html
 */
export function randomUnstructured<M extends AnyModule>(
  module: M,
  name: string,
  amount: number,
): M {
  return apply(module, name, new RandomUnstructured(amount));
}

/**
 * Prunes the elements of least magnitude: {@link apply} with `L1Unstructured`.
 *
 * @param name - The parameter's field, such as "weight".
 * @param amount - A share from 0 to 1 of what is left, or a number of elements; 1 is one element.
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
export function l1Unstructured<M extends AnyModule>(
  module: M,
  name: string,
  amount: number,
  options?: PruneOptions,
): M {
  return apply(module, name, new L1Unstructured(amount), options);
}

/**
 * Prunes whole slices along a dim by chance, the same ones as PyTorch for the same seed.
 *
 * @param name - The parameter's field, such as "weight".
 * @param amount - A share from 0 to 1 of the slices left, or a number of slices.
 * @param dim - Along which dim the slices lie.
 * @throws RangeError where the amount or the dim is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.random_structured.html
 */
export function randomStructured<M extends AnyModule>(
  module: M,
  name: string,
  amount: number,
  dim: number,
): M {
  return apply(module, name, new RandomStructured(amount, dim));
}

/**
 * Prunes the slices along a dim whose n-norm is least.
 *
 * @param name - The parameter's field, such as "weight".
 * @param amount - A share from 0 to 1 of the slices left, or a number of slices.
 * @param n - The norm's order; Infinity for the largest element.
 * @param dim - Along which dim the slices lie.
 * @throws RangeError where the amount or the dim is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.ln_structured.html
 */
export function lnStructured<M extends AnyModule>(
  module: M,
  name: string,
  amount: number,
  n: number,
  dim: number,
  options?: PruneOptions,
): M {
  return apply(module, name, new LnStructured(amount, n, dim), options);
}

/**
 * Prunes by a mask of zeros and ones; where there is a mask already, their product.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.custom_from_mask.html
 */
export function customFromMask<M extends AnyModule>(module: M, name: string, mask: Tensor): M {
  return apply(module, name, new CustomFromMask(mask));
}

/** Scores for {@link globalUnstructured}, in the order of the parameters. */
export interface GlobalPruneOptions {
  /** By what elements are chosen; `undefined` for the parameter itself. */
  readonly importanceScores?: readonly (Tensor | undefined)[];
}

/**
 * Prunes several parameters as if they were one vector.
 *
 * @param parameters - Modules and the names of their fields.
 * @param method - An unstructured method, such as `new L1Unstructured(0.2)`.
 * @param options - `importanceScores`.
 * @throws TypeError for a method that prunes slices.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.global_unstructured.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, utils } from "@tead/nn";
 * import { setDefaultDevice, type Tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const [a, b] = [new Linear(4, 2), new Linear(2, 4)];
 * const { prune } = utils;
 * prune.globalUnstructured([[a, "weight"], [b, "weight"]], new prune.L1Unstructured(0.5));
 * const [inA, inB] = [a, b].map((layer) => layer.getBuffer("weight_mask").sum()) as [Tensor, Tensor];
 * assert.equal(inA.add(inB).itemSync(), 8);
 */
export function globalUnstructured(
  parameters: Iterable<readonly [module: AnyModule, name: string]>,
  method: BasePruningMethod,
  { importanceScores = [] }: GlobalPruneOptions = {},
): void {
  if (method.pruningType !== "unstructured")
    throw new TypeError(
      `globalUnstructured: Cannot prune by ${method.constructor.name}: expected an unstructured method, ` +
        `received a ${method.pruningType} one`,
    );
  const places = [...parameters].map(([module, name], i) => {
    const fields = module as unknown as Fields;
    const value = heldIn("globalUnstructured", module, name).detach();
    const mask = (fields[`${name}Mask`] as Tensor | undefined)?.detach() ?? value.onesLike();
    return { module, name, value, mask, score: importanceScores[i]?.detach() ?? value };
  });
  const vector = (tensors: readonly Tensor[]): Tensor => cat(tensors.map((t) => t.reshape([-1])));
  const [scores, masks] = [places.map((p) => p.score), places.map((p) => p.mask)].map(vector) as [
    Tensor,
    Tensor,
  ];
  const mask = new PruningContainer(method).computeMask(scores, masks);
  let start = 0;
  for (const { module, name, value } of places) {
    customFromMask(module, name, mask.narrow(0, start, value.numel()).reshape(value.shape));
    start += value.numel();
  }
}

/** Whether a module, or one below, is pruned. */
export function isPruned(module: AnyModule): boolean {
  const kept = new Set(module.namedParameters().map(([key]) => key));
  return module
    .namedBuffers()
    .some(([key]) => /_mask$/.test(key) && kept.has(key.replace(/_mask$/, "_orig")));
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
