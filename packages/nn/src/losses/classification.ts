// Losses by class.
import {
  type BinaryCrossEntropyOptions,
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type CrossEntropyOptions,
  crossEntropy,
  type KlDivOptions,
  klDiv,
  type NllLossOptions,
  nllLoss,
  type Tensor,
} from "@tead/tensor";
import type { ModuleBuffer } from "../parameter.ts";
import { Loss, weightBuffer } from "./loss.ts";

/**
 * Cross entropy of logits and class indices (or probabilities): `functional.crossEntropy` as a
 * module.
 *
 * **Shapes**: `input [N, C, ...]` or `[C]`, `target [N, ...]` of integers, or of the input's shape
 * and dtype `-> []`.
 *
 * @param options - `weight` for each class, `ignoreIndex`, `labelSmoothing`, `reduction`.
 * @throws RangeError if an option is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { CrossEntropyLoss } from "@tead/nn";
 * import { setDefaultDevice, tensor, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = new CrossEntropyLoss().forward(zeros([2, 4]), tensor([0, 3]));
 * assert.ok(Math.abs(Number(loss.itemSync()) - Math.log(4)) < 1e-6);
 */
export class CrossEntropyLoss extends Loss {
  readonly weight: ModuleBuffer | undefined;
  readonly ignoreIndex: number | undefined;
  readonly labelSmoothing: number;

  constructor(options: CrossEntropyOptions = {}) {
    super(options);
    this.weight = weightBuffer(options.weight);
    this.ignoreIndex = options.ignoreIndex;
    this.labelSmoothing = options.labelSmoothing ?? 0;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return crossEntropy(input, target, this);
  }
}

/**
 * The negative log likelihood of log-probabilities and class indices: `functional.nllLoss` as a
 * module.
 *
 * **Shapes**: `input [N, C, ...]` or `[C]`, `target [N, ...]` or `[]` of integers `-> []`.
 *
 * @param options - `weight` for each class, `ignoreIndex`, `reduction`.
 * @throws RangeError if an option is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { NLLLoss } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const logs = tensor([[-1, -2], [-3, -4]], { dtype: "float32" });
 * assert.equal(new NLLLoss().forward(logs, tensor([0, 1])).itemSync(), 2.5);
 */
export class NLLLoss extends Loss {
  readonly weight: ModuleBuffer | undefined;
  readonly ignoreIndex: number | undefined;

  constructor(options: NllLossOptions = {}) {
    super(options);
    this.weight = weightBuffer(options.weight);
    this.ignoreIndex = options.ignoreIndex;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, this);
  }
}

/**
 * Binary cross entropy of probabilities: `functional.binaryCrossEntropy` as a module.
 *
 * **Shapes**: `input [...]`, `target` alike `-> []`.
 *
 * @param options - `weight`, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { BCELoss } from "@tead/nn";
 * import { full, ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = Number(new BCELoss().forward(full([3], 0.5), ones([3])).itemSync());
 * assert.ok(Math.abs(loss - Math.LN2) < 1e-6);
 */
export class BCELoss extends Loss {
  readonly weight: ModuleBuffer | undefined;

  constructor(options: BinaryCrossEntropyOptions = {}) {
    super(options);
    this.weight = weightBuffer(options.weight);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, this);
  }
}

/**
 * Binary cross entropy of logits: `functional.binaryCrossEntropyWithLogits` as a module.
 *
 * **Shapes**: `input [...]`, `target` alike `-> []`.
 *
 * @param options - `weight`, `posWeight`, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { BCEWithLogitsLoss } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = new BCEWithLogitsLoss().forward(zeros([3]), ones([3]));
 * assert.ok(Math.abs(Number(loss.itemSync()) - Math.LN2) < 1e-6);
 */
export class BCEWithLogitsLoss extends Loss {
  readonly weight: ModuleBuffer | undefined;
  readonly posWeight: ModuleBuffer | undefined;

  constructor(options: BinaryCrossEntropyWithLogitsOptions = {}) {
    super(options);
    this.weight = weightBuffer(options.weight);
    this.posWeight = weightBuffer(options.posWeight);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropyWithLogits(input, target, this);
  }
}

/**
 * The Kullback-Leibler divergence of log-probabilities from a target: `functional.klDiv` as a
 * module.
 *
 * **Shapes**: `input [...]`, `target` alike `-> []`.
 *
 * @param options - `reduction` ("batchmean" too), `logTarget`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { KLDivLoss } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const lossOf = new KLDivLoss({ reduction: "batchmean" });
 * assert.equal(lossOf.forward(zeros([2, 1]), ones([2, 1])).itemSync(), 0);
 */
export class KLDivLoss extends Loss<
  [input: Tensor, target: Tensor],
  NonNullable<KlDivOptions["reduction"]>
> {
  readonly logTarget: boolean;

  constructor(options: KlDivOptions = {}) {
    super(options);
    this.logTarget = options.logTarget ?? false;
  }
  protected override reductions(): readonly string[] {
    return ["batchmean"];
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this);
  }
}
