// Layers of two inputs: distances and similarities of vectors.
import type { Tensor } from "@tead/tensor";
import {
  type CosineSimilarityOptions,
  cosineSimilarity,
  type PairwiseDistanceOptions,
  pairwiseDistance,
} from "../functional/distance.ts";
import { Module } from "../module/module.ts";

/**
 * The p-norm of x1 - x2 + eps along the last dim.
 *
 * **Shapes**: `x1`, `x2 [..., D] -> [...]`.
 *
 * @param options - `p`, `eps`, `keepDim`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { PairwiseDistance } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const d = new PairwiseDistance({ p: 1, eps: 0 }).forward(zeros([1, 4]), ones([1, 4]));
 * assert.deepEqual(d.tolistSync(), [4]);
 */
export class PairwiseDistance extends Module<[x1: Tensor, x2: Tensor]> {
  readonly p: number;
  readonly eps: number;
  readonly keepDim: boolean;

  constructor({ p = 2, eps = 1e-6, keepDim = false }: PairwiseDistanceOptions = {}) {
    super();
    this.p = p;
    this.eps = eps;
    this.keepDim = keepDim;
  }
  override forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this);
  }
}

/**
 * The cosine of the angle between x1 and x2 along `dim`.
 *
 * @param options - `dim`, `eps`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { CosineSimilarity } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const [x, y] = [tensor([[1, 0]]).float(), tensor([[0, 1]]).float()];
 * assert.deepEqual(new CosineSimilarity().forward(x, y).tolistSync(), [0]);
 */
export class CosineSimilarity extends Module<[x1: Tensor, x2: Tensor]> {
  readonly dim: number;
  readonly eps: number;

  constructor({ dim = 1, eps = 1e-8 }: CosineSimilarityOptions = {}) {
    super();
    this.dim = dim;
    this.eps = eps;
  }
  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this);
  }
}
