// Losses that ask for a margin between scores or distances.
import type { LossOptions, Tensor } from "@tead/tensor";
import {
  cosineEmbeddingLoss,
  type MarginOption,
  type TripletMarginOptions,
  tripletMarginLoss,
} from "../functional/distance.ts";
import {
  type ClassWeightOption,
  hingeEmbeddingLoss,
  type MultiMarginOptions,
  marginRankingLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
} from "../functional/margin.ts";
import type { ModuleBuffer } from "../parameter.ts";
import { Loss, weightBuffer } from "./loss.ts";

/**
 * Distances that should be small or large: `functional.hingeEmbeddingLoss` as a module.
 *
 * **Shapes**: `input [...]`, `target` alike, of 1 and -1 `-> []`.
 *
 * @param options - `margin` (1 unless said), `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html
 */
export class HingeEmbeddingLoss extends Loss {
  readonly margin: number;

  constructor(options: MarginOption = {}) {
    super(options);
    this.margin = options.margin ?? 1;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(input, target, this);
  }
}

/**
 * Which of two scores should be larger: `functional.marginRankingLoss` as a module.
 *
 * **Shapes**: `x1`, `x2 [...]`, `target` alike, of 1 and -1 `-> []`.
 *
 * @param options - `margin` (0 unless said), `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
 */
export class MarginRankingLoss extends Loss<[x1: Tensor, x2: Tensor, target: Tensor]> {
  readonly margin: number;

  constructor(options: MarginOption = {}) {
    super(options);
    this.margin = options.margin ?? 0;
  }
  override forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(x1, x2, target, this);
  }
}

/**
 * Vectors that should point the same way or not: `functional.cosineEmbeddingLoss` as a module.
 *
 * **Shapes**: `x1`, `x2 [N, D]`, `target [N]` of 1 and -1 `-> []`.
 *
 * @param options - `margin` (0 unless said), `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
 */
export class CosineEmbeddingLoss extends Loss<[x1: Tensor, x2: Tensor, target: Tensor]> {
  readonly margin: number;

  constructor(options: MarginOption = {}) {
    super(options);
    this.margin = options.margin ?? 0;
  }
  override forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(x1, x2, target, this);
  }
}

/**
 * An anchor that should be nearer to one vector than to another:
 * `functional.tripletMarginLoss` as a module.
 *
 * **Shapes**: `anchor`, `positive`, `negative [N, D]` or `[D] -> []`.
 *
 * @param options - `margin` (1 unless said), `p`, `eps`, `swap`, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
 */
export class TripletMarginLoss extends Loss<[anchor: Tensor, positive: Tensor, negative: Tensor]> {
  readonly margin: number;
  readonly p: number;
  readonly eps: number;
  readonly swap: boolean;

  constructor(options: TripletMarginOptions = {}) {
    super(options);
    this.margin = options.margin ?? 1;
    this.p = options.p ?? 2;
    this.eps = options.eps ?? 1e-6;
    this.swap = options.swap ?? false;
  }
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this);
  }
}

/**
 * The logistic loss of scores: `functional.softMarginLoss` as a module.
 *
 * **Shapes**: `input [...]`, `target` alike, of 1 and -1 `-> []`.
 *
 * @param options - `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html
 */
export class SoftMarginLoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, this);
  }
}

/**
 * Any number of classes for each sample: `functional.multilabelSoftMarginLoss` as a module.
 *
 * **Shapes**: `input`, `target [N, C]` of 0 and 1 `-> []`.
 *
 * @param options - `weight` for each class, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html
 */
export class MultiLabelSoftMarginLoss extends Loss {
  readonly weight: ModuleBuffer | undefined;

  constructor(options: LossOptions & ClassWeightOption = {}) {
    super(options);
    this.weight = weightBuffer(options.weight);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(input, target, this);
  }
}

/**
 * One class for each sample, by a margin: `functional.multiMarginLoss` as a module.
 *
 * **Shapes**: `input [N, C]` or `[C]`, `target [N]` or `[]` of integers `-> []`.
 *
 * @param options - `p`, `margin` (1 unless said), `weight` for each class, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
 */
export class MultiMarginLoss extends Loss {
  readonly p: number;
  readonly margin: number;
  readonly weight: ModuleBuffer | undefined;

  constructor(options: MultiMarginOptions = {}) {
    super(options);
    this.p = options.p ?? 1;
    this.margin = options.margin ?? 1;
    this.weight = weightBuffer(options.weight);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return multiMarginLoss(input, target, this);
  }
}

/**
 * Several classes for each sample, by a margin: `functional.multilabelMarginLoss` as a module.
 *
 * **Shapes**: `input [N, C]` or `[C]`, `target` alike, of integers, -1 after the last `-> []`.
 *
 * @param options - `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html
 */
export class MultiLabelMarginLoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(input, target, this);
  }
}
