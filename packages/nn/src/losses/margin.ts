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
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { HingeEmbeddingLoss } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = new HingeEmbeddingLoss().forward(tensor([3, 0.5]), tensor([1, -1]));
 * assert.equal(loss.itemSync(), 1.75);
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
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MarginRankingLoss } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = new MarginRankingLoss().forward(zeros([2]), ones([2]), ones([2]));
 * assert.equal(loss.itemSync(), 1);
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
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { CosineEmbeddingLoss } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const [x, y] = [tensor([1, 0]).float(), tensor([0, 1]).float()];
 * assert.equal(new CosineEmbeddingLoss().forward(x, y, tensor(1)).itemSync(), 1);
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
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { TripletMarginLoss } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const [anchor, far] = [zeros([1, 4]), ones([1, 4])];
 * assert.equal(new TripletMarginLoss().forward(anchor, anchor, far).itemSync(), 0);
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
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { SoftMarginLoss } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = Number(new SoftMarginLoss().forward(zeros([2]), ones([2])).itemSync());
 * assert.ok(Math.abs(loss - Math.LN2) < 1e-6);
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
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MultiLabelSoftMarginLoss } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const lossOf = new MultiLabelSoftMarginLoss();
 * const loss = Number(lossOf.forward(zeros([1, 2]), ones([1, 2])).itemSync());
 * assert.ok(Math.abs(loss - Math.LN2) < 1e-6);
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
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MultiMarginLoss } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = new MultiMarginLoss().forward(tensor([[0.5, 0]]), tensor([0]));
 * assert.equal(loss.itemSync(), 0.25);
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
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { MultiLabelMarginLoss } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = new MultiLabelMarginLoss().forward(tensor([0.5, 0]), tensor([0, -1]));
 * assert.equal(loss.itemSync(), 0.25);
 */
export class MultiLabelMarginLoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(input, target, this);
  }
}
