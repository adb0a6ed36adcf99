// Distances and similarities of vectors, and losses by them.
import type { LossOptions, Tensor } from "@tead/tensor";
import { reduced } from "./reduction.ts";

/** Options of {@link pairwiseDistance}. */
export interface PairwiseDistanceOptions {
  /** The norm's order. Default 2. */
  readonly p?: number;
  /** Added to each difference, so that its gradient exists. Default 1e-6. */
  readonly eps?: number;
  /** Whether the last dim stays, with size 1. Default false. */
  readonly keepDim?: boolean;
}

/**
 * The p-norm of x1 - x2 + eps along the last dim.
 *
 * **Shapes**: `x1`, `x2 [..., D] -> [...]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pairwise_distance.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const d = F.pairwiseDistance(zeros([1, 4]), ones([1, 4]), { eps: 0 });
 * assert.deepEqual(d.tolistSync(), [2]);
 */
export function pairwiseDistance(
  x1: Tensor,
  x2: Tensor,
  { p = 2, eps = 1e-6, keepDim = false }: PairwiseDistanceOptions = {},
): Tensor {
  return x1.sub(x2).add(eps).norm(p, -1, { keepDim });
}

/** Options of {@link cosineSimilarity}. */
export interface CosineSimilarityOptions {
  /** The dim along which the vectors lie. Default 1. */
  readonly dim?: number;
  /** The least norm that is divided by. Default 1e-8. */
  readonly eps?: number;
}

/**
 * x1 · x2 / (max(|x1|, eps) max(|x2|, eps)) along `dim`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_similarity.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const [x, y] = [tensor([[1, 0]]).float(), tensor([[0, 1]]).float()];
 * assert.deepEqual(F.cosineSimilarity(x, y).tolistSync(), [0]);
 */
export function cosineSimilarity(
  x1: Tensor,
  x2: Tensor,
  { dim = 1, eps = 1e-8 }: CosineSimilarityOptions = {},
): Tensor {
  const unit = (x: Tensor): Tensor => x.div(x.norm(2, dim, { keepDim: true }).clamp(eps));
  return unit(x1).mul(unit(x2)).sum(dim);
}

/** An option of losses with a margin. */
export interface MarginOption extends LossOptions {
  /** How far apart is far enough. */
  readonly margin?: number;
}

/**
 * 1 - cos(x1, x2) where the target is 1, max(0, cos(x1, x2) - margin) where it is -1.
 *
 * **Shapes**: `x1`, `x2 [N, D]` or `[D]`, `target [N]` or `[] -> []`.
 *
 * @param options - `margin` (0 unless said), `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_embedding_loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = tensor([1, 0]).float();
 * const loss = F.cosineEmbeddingLoss(x, tensor([0, 1]).float(), tensor(1));
 * assert.equal(loss.itemSync(), 1);
 */
export function cosineEmbeddingLoss(
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  options: MarginOption = {},
): Tensor {
  const squares = (x: Tensor): Tensor => x.mul(x).sum(-1).add(1e-12);
  const cos = x1
    .mul(x2)
    .sum(-1)
    .div(squares(x1).mul(squares(x2)).sqrt());
  const far = cos.sub(options.margin ?? 0).clamp(0);
  const losses = target.eq(1).where(cos.rsub(1), target.eq(-1).where(far, 0));
  return reduced("cosineEmbeddingLoss", losses, options);
}

/** Options of {@link tripletMarginLoss}. */
export interface TripletMarginOptions extends MarginOption {
  /** The norm's order. Default 2. */
  readonly p?: number;
  /** Added to each difference. Default 1e-6. */
  readonly eps?: number;
  /** Whether the negative may be nearer to the positive than to the anchor. Default false. */
  readonly swap?: boolean;
}

/**
 * max(0, margin + d(anchor, positive) - d(anchor, negative)), with d the pairwise distance.
 *
 * **Shapes**: `anchor`, `positive`, `negative [N, D]` or `[D] -> []`.
 *
 * @param options - `margin` (1 unless said), `p`, `eps`, `swap`, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const [anchor, far] = [zeros([1, 4]), ones([1, 4])];
 * const loss = F.tripletMarginLoss(anchor, anchor, far, { eps: 0 });
 * assert.equal(loss.itemSync(), 0);
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginOptions = {},
): Tensor {
  const { margin = 1, p = 2, eps = 1e-6, swap = false } = options;
  const near = pairwiseDistance(anchor, positive, { p, eps });
  const direct = pairwiseDistance(anchor, negative, { p, eps });
  const far = swap ? direct.minimum(pairwiseDistance(positive, negative, { p, eps })) : direct;
  return reduced("tripletMarginLoss", near.sub(far).add(margin).clamp(0), options);
}
