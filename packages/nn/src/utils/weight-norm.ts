// Weight normalization: a weight as its length and its direction.
import { noGrad, type Tensor } from "@tead/tensor";
import type { AnyModule } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { heldIn, parameterIn, replaceByComputed, restoreParameter } from "./computed.ts";

/** Options of {@link weightNorm}. */
export interface WeightNormOptions {
  /** The parameter's field. Default "weight". */
  readonly name?: string;
  /** The dim that keeps a length each; `undefined` for one length of all. Default 0. */
  readonly dim?: number | undefined;
}

/** The length of what lies at each place of `dim`, that dim kept. */
export function lengths(v: Tensor, dim: number | undefined): Tensor {
  if (dim === undefined) return v.norm();
  const kept = dim < 0 ? dim + v.ndim : dim;
  const others = v.shape.map((_, i) => i).filter((i) => i !== kept);
  return v.square().sum(others, { keepDim: true }).sqrt();
}

/**
 * Trains a weight as g v / |v|, its length apart from its direction: `weight` becomes the
 * parameters `weightG` and `weightV`, and is computed before each forward. Changes the module.
 *
 * @param options - `name`, `dim`.
 * @throws StateError where the field holds no parameter.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.weight_norm.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, utils } from "@tead/nn";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = utils.weightNorm(new Linear(20, 40));
 * assert.deepEqual(Object.keys(layer.stateDict()), ["bias", "weight_g", "weight_v"]);
 */
export function weightNorm<M extends AnyModule>(module: M, options: WeightNormOptions = {}): M {
  const { name = "weight" } = options;
  const dim = "dim" in options ? options.dim : 0;
  const weight = parameterIn("weightNorm", module, name);
  const g = new Parameter(noGrad(() => lengths(weight, dim)));
  const v = new Parameter(weight.detach());
  const held = { [`${name}G`]: g, [`${name}V`]: v };
  replaceByComputed(module, name, held, (fields) => {
    const direction = fields[`${name}V`] as Tensor;
    return direction.mul((fields[`${name}G`] as Tensor).div(lengths(direction, dim)));
  });
  return module;
}

/**
 * Undoes {@link weightNorm}: the weight is a parameter again, with its present values.
 * @throws StateError where the module's weight is not normalized.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.remove_weight_norm.html
 */
export function removeWeightNorm<M extends AnyModule>(module: M, name = "weight"): M {
  const v = heldIn("removeWeightNorm", module, `${name}V`);
  const g = heldIn("removeWeightNorm", module, `${name}G`);
  // Where g has size 1 the direction's length was taken.
  const over = g.shape.map((_, i) => i).filter((i) => g.size(i) === 1);
  const value = noGrad(() => {
    const length = g.ndim === 0 ? v.norm() : v.square().sum(over, { keepDim: true }).sqrt();
    return v.mul(g.div(length));
  });
  restoreParameter(module, name, [`${name}G`, `${name}V`], value);
  return module;
}
