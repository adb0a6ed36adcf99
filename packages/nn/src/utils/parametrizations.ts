// Ready-made parametrizations: PyTorch's torch.nn.utils.parametrizations.
import { ShapeError, Tensor } from "@tead/tensor";
import { type AnyModule, Module } from "../module/module.ts";
import { addStateHook } from "../module/state-hooks.ts";
import { keyOfField } from "../module/state-key.ts";
import { registerParametrization } from "./parametrize.ts";
import { _Orthogonal, type OrthogonalMap, orthogonalMaps } from "./parametrized-orthogonal.ts";
import { _SpectralNorm } from "./parametrized-spectral.ts";
import type { SpectralNormOptions } from "./spectral-norm.ts";
import { lengths, type WeightNormOptions } from "./weight-norm.ts";

export type { OrthogonalMap } from "./parametrized-orthogonal.ts";

const isTransposed = (module: AnyModule): boolean =>
  /ConvTranspose[123]d$/.test(module.constructor.name);

function tensorIn(op: string, module: AnyModule, name: string): Tensor {
  const held = (module as unknown as Record<string, unknown>)[name];
  if (held instanceof Tensor) return held;
  throw new TypeError(
    `${op}: Cannot parametrize "${name}" of ${module.constructor.name}: expected a tensor there`,
  );
}

/** g v / |v|. */
class _WeightNorm extends Module<[g: Tensor, v: Tensor]> {
  private readonly dim: number | undefined;

  constructor(dim: number | undefined) {
    super();
    this.dim = dim === -1 ? undefined : dim;
  }
  override forward(g: Tensor, v: Tensor): Tensor {
    return v.mul(g.div(lengths(v, this.dim)));
  }
  rightInverse(weight: Tensor): readonly Tensor[] {
    return [lengths(weight, this.dim), weight];
  }
}

/**
 * Trains a weight as g v / |v|, its length apart from its direction: as `parametrizations.weight`
 * with `original0` for g and `original1` for v. State dicts of `utils.weightNorm()` load.
 *
 * @param options - `name`, `dim`.
 * @throws StateError where the field holds no parameter.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.weight_norm.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, utils } from "@tead/nn";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = utils.parametrizations.weightNorm(new Linear(20, 40));
 * assert.deepEqual(layer.getParameter("parametrizations.weight.original0").shape, [40, 1]);
 */
export function weightNorm<M extends AnyModule>(module: M, options: WeightNormOptions = {}): M {
  const { name = "weight" } = options;
  const dim = "dim" in options ? options.dim : 0;
  registerParametrization(module, name, new _WeightNorm(dim), { unsafe: true });
  const key = keyOfField(module, name);
  addStateHook(module, "load", (_: never, state, prefix) => {
    const [g, v] = [`${prefix}${key}_g`, `${prefix}${key}_v`];
    const { [g]: length, [v]: direction } = state;
    if (length === undefined || direction === undefined) return;
    delete state[g];
    delete state[v];
    state[`${prefix}parametrizations.${key}.original0`] = length;
    state[`${prefix}parametrizations.${key}.original1`] = direction;
  });
  return module;
}

/**
 * Divides a weight by its largest singular value, which power iteration follows from step to step in
 * training. The first vectors are PyTorch's for the same seed, after 15 steps of iteration.
 *
 * @param options - `name`, `nPowerIterations`, `eps`, `dim`.
 * @throws RangeError where an option is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.spectral_norm.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, utils } from "@tead/nn";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = utils.parametrizations.spectralNorm(new Linear(20, 40));
 * const keys = ["original", "0._u", "0._v"].map((key) => `parametrizations.weight.${key}`);
 * assert.deepEqual(Object.keys(layer.stateDict()), ["bias", ...keys]);
 */
export function spectralNorm<M extends AnyModule>(module: M, options: SpectralNormOptions = {}): M {
  const { name = "weight", dim = isTransposed(module) ? 1 : 0 } = options;
  const weight = tensorIn("spectralNorm", module, name);
  return registerParametrization(module, name, new _SpectralNorm(weight, { ...options, dim }));
}

/** Options of {@link orthogonal}. */
export interface OrthogonalParametrizationOptions {
  /** The field. Default "weight". */
  readonly name?: string;
  /** How the matrix is made: by default "matrixExp" for square ones, else "householder". */
  readonly orthogonalMap?: OrthogonalMap;
  /** Whether the map starts from the present values: a buffer `base` holds them. Default true. */
  readonly useTrivialization?: boolean;
}

/**
 * Keeps a matrix orthogonal while it is trained: its rows, or its columns where it is tall, have
 * length 1 and are perpendicular. Of more than two dims the last two count.
 *
 * @param options - `name`, `orthogonalMap`, `useTrivialization`.
 * @throws ShapeError for fewer than two dims.
 * @throws RangeError for a map that it does not know.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.orthogonal.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, utils } from "@tead/nn";
 * import { eye, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const { weight } = utils.parametrizations.orthogonal(new Linear(4, 3));
 * assert.ok(Number(weight.matmul(weight.t()).sub(eye(3)).abs().amax().itemSync()) < 1e-5);
 */
export function orthogonal<M extends AnyModule>(
  module: M,
  options: OrthogonalParametrizationOptions = {},
): M {
  const { name = "weight", useTrivialization = true } = options;
  const weight = tensorIn("orthogonal", module, name);
  if (weight.ndim < 2)
    throw new ShapeError(
      `orthogonal: Cannot keep the tensor orthogonal: expected at least 2 dims, received ${weight.ndim}`,
    );
  const square = weight.size(-2) === weight.size(-1);
  const { orthogonalMap = square ? "matrixExp" : "householder" } = options;
  if (!orthogonalMaps.includes(orthogonalMap))
    throw new RangeError(
      `orthogonal: Option orthogonalMap is not valid: expected ${orthogonalMaps.join(", ")}, received ${orthogonalMap}`,
    );
  const parametrization = new _Orthogonal(weight.shape, orthogonalMap, useTrivialization);
  return registerParametrization(module, name, parametrization, { unsafe: true });
}
