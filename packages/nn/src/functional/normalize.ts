// Compositions that are neither ops nor methods of Tensor.
import type { Tensor } from "@tead/tensor";

/**
 * y = e^-x / sum(e^-x) along `dim`
 *
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(F.softmin(zeros([1, 2]), 1).tolistSync(), [[0.5, 0.5]]);
 */
export function softmin(input: Tensor, dim: number): Tensor {
  return input.neg().softmax(dim);
}

/** Options of {@link normalize}. */
export interface NormalizeOptions {
  /** The norm's order. Default 2. */
  readonly p?: number;
  /** The dim along which the norm becomes 1. Default 1. */
  readonly dim?: number;
  /** The least norm that is divided by. Default 1e-12. */
  readonly eps?: number;
}

/**
 * y = x / max(norm of x along `dim`, eps)
 *
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = F.normalize(tensor([[0, 4]]).float());
 * assert.deepEqual(y.tolistSync(), [[0, 1]]);
 */
export function normalize(
  input: Tensor,
  { p = 2, dim = 1, eps = 1e-12 }: NormalizeOptions = {},
): Tensor {
  return input.div(input.norm(p, dim, { keepDim: true }).clamp(eps));
}
