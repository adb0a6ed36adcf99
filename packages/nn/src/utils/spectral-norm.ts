// Spectral normalization: a weight divided by its largest singular value.
import { noGrad, type Tensor } from "@tead/tensor";
import { normalize } from "../functional/normalize.ts";
import { normal_ } from "../init/index.ts";
import type { AnyModule } from "../module/module.ts";
import { buffer, Parameter } from "../parameter.ts";
import {
  type Fields,
  heldIn,
  parameterIn,
  replaceByComputed,
  restoreParameter,
} from "./computed.ts";

/** Options of {@link spectralNorm}. */
export interface SpectralNormOptions {
  /** The parameter's field. Default "weight". */
  readonly name?: string;
  /** How many steps of power iteration each forward takes in training. Default 1. */
  readonly nPowerIterations?: number;
  /** The least norm that is divided by. Default 1e-12. */
  readonly eps?: number;
  /** The dim of the outputs. Default 0, 1 for transposed convolutions. */
  readonly dim?: number;
}

/** A weight as a matrix with the rows of `dim`. */
export const matrixOf = (weight: Tensor, dim: number): Tensor =>
  weight.movedim(dim, 0).reshape([weight.size(dim), -1]);

function normalized(
  fields: Fields,
  training: boolean,
  { name = "weight", nPowerIterations = 1, eps = 1e-12, dim = 0 }: SpectralNormOptions,
): Tensor {
  const weight = fields[`${name}Orig`] as Tensor;
  const u = fields[`${name}U`] as Tensor;
  const v = fields[`${name}V`] as Tensor;
  const matrix = matrixOf(weight, dim);
  const unit = (x: Tensor): Tensor => normalize(x, { dim: 0, eps });
  if (training)
    noGrad(() => {
      for (let i = 0; i < nPowerIterations; i++) {
        v.copy_(unit(matrix.t().mv(u)));
        u.copy_(unit(matrix.mv(v)));
      }
    });
  // Copies: the next forward writes over u and v, which backward still reads.
  const sigma = u.clone().dot(matrix.mv(v.clone()));
  return weight.div(sigma);
}

/**
 * Divides a weight by its largest singular value, which power iteration follows from step to step:
 * `weight` becomes the parameter `weightOrig` and the buffers `weightU` and `weightV`, and is
 * computed before each forward. Changes the module; the first vectors are PyTorch's for the same
 * seed.
 *
 * @param options - `name`, `nPowerIterations`, `eps`, `dim`.
 * @throws StateError where the field holds no parameter.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.spectral_norm.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, utils } from "@tead/nn";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = utils.spectralNorm(new Linear(20, 40));
 * const keys = ["bias", "weight_orig", "weight_u", "weight_v"];
 * assert.deepEqual(Object.keys(layer.stateDict()), keys);
 */
export function spectralNorm<M extends AnyModule>(module: M, options: SpectralNormOptions = {}): M {
  const { name = "weight", eps = 1e-12 } = options;
  const transposed = /ConvTranspose[123]d$/.test(module.constructor.name);
  const settings = { ...options, dim: options.dim ?? (transposed ? 1 : 0) };
  const weight = parameterIn("spectralNorm", module, name);
  const matrix = matrixOf(weight.detach(), settings.dim);
  const drawn = (size: number) =>
    buffer(normalize(normal_(weight.newEmpty([size])), { dim: 0, eps }));
  const [rows, columns] = matrix.shape as [number, number];
  const held = {
    [`${name}Orig`]: new Parameter(weight.detach()),
    [`${name}U`]: drawn(rows),
    [`${name}V`]: drawn(columns),
  };
  let first = true;
  replaceByComputed(module, name, held, (fields, each) => {
    // Nothing iterates before the first forward.
    const training = each.training && !first;
    first = false;
    return normalized(fields, training, settings);
  });
  return module;
}

/**
 * Undoes {@link spectralNorm}: the weight is a parameter again, with its present values.
 * @throws StateError where the module's weight is not normalized.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.remove_spectral_norm.html
 */
export function removeSpectralNorm<M extends AnyModule>(module: M, name = "weight"): M {
  const fields = module as unknown as Fields;
  const weight = heldIn("removeSpectralNorm", module, `${name}Orig`);
  const [u, v] = [heldIn("removeSpectralNorm", module, `${name}U`), fields[`${name}V`] as Tensor];
  const dim = weight.size(0) === u.size(0) && weight.numel() / u.size(0) === v.size(0) ? 0 : 1;
  const value = noGrad(() => normalized(fields, false, { name, dim }));
  restoreParameter(module, name, [`${name}Orig`, `${name}U`, `${name}V`], value);
  return module;
}
