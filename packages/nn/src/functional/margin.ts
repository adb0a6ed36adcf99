// Losses that ask for a margin between scores.
import type { LossOptions, Tensor } from "@tead/tensor";
import { logsigmoid, ShapeError } from "@tead/tensor";
import type { MarginOption } from "./distance.ts";
import { reduced } from "./reduction.ts";

/**
 * x where the target is 1, max(0, margin - x) where it is -1.
 *
 * @param options - `margin` (1 unless said), `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hinge_embedding_loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = F.hingeEmbeddingLoss(tensor([3, 0.5]), tensor([1, -1]), { reduction: "none" });
 * assert.deepEqual(loss.tolistSync(), [3, 0.5]);
 */
export function hingeEmbeddingLoss(
  input: Tensor,
  target: Tensor,
  options: MarginOption = {},
): Tensor {
  const far = target.ne(1).where(input.rsub(options.margin ?? 1).clamp(0), 0);
  const near = target.ne(-1).where(input, 0);
  return reduced("hingeEmbeddingLoss", far.add(near), options);
}

/**
 * max(0, margin - target (x1 - x2)), with targets of 1 where x1 should be larger and -1 elsewhere.
 *
 * @param options - `margin` (0 unless said), `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.margin_ranking_loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.equal(F.marginRankingLoss(zeros([2]), ones([2]), ones([2])).itemSync(), 1);
 */
export function marginRankingLoss(
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  options: MarginOption = {},
): Tensor {
  const gap = target.neg().mul(x1.sub(x2));
  return reduced("marginRankingLoss", gap.add(options.margin ?? 0).clamp(0), options);
}

/**
 * ln(1 + e^(-target x)), with targets of 1 and -1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.soft_margin_loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = Number(F.softMarginLoss(zeros([2]), ones([2])).itemSync());
 * assert.ok(Math.abs(loss - Math.LN2) < 1e-6);
 */
export function softMarginLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return reduced("softMarginLoss", target.neg().mul(input).exp().add(1).log(), options);
}

/** An option of losses by class. */
export interface ClassWeightOption {
  /** A factor for each class. */
  readonly weight?: Tensor | undefined;
}

/**
 * The mean over the classes of the binary cross entropy of logits, with targets of 0 and 1.
 *
 * **Shapes**: `input`, `target [..., C] -> []`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_soft_margin_loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { ones, setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = Number(F.multilabelSoftMarginLoss(zeros([1, 2]), ones([1, 2])).itemSync());
 * assert.ok(Math.abs(loss - Math.LN2) < 1e-6);
 */
export function multilabelSoftMarginLoss(
  input: Tensor,
  target: Tensor,
  options: LossOptions & ClassWeightOption = {},
): Tensor {
  const losses = target
    .mul(logsigmoid(input))
    .add(target.rsub(1).mul(logsigmoid(input.neg())))
    .neg();
  const weighted = options.weight === undefined ? losses : losses.mul(options.weight);
  return reduced("multilabelSoftMarginLoss", weighted.mean(-1), options);
}

/** Options of {@link multiMarginLoss}. */
export interface MultiMarginOptions extends MarginOption, ClassWeightOption {
  /** 1 or 2: whether the excess counts as it is or squared. Default 1. */
  readonly p?: number;
}

/** Rows of scores, and of class indices; one row where there is no batch. */
function rows(op: string, input: Tensor, target: Tensor, targetRank: number): [Tensor, Tensor] {
  if (input.ndim === 2 && target.ndim === targetRank) return [input, target];
  if (input.ndim <= 1 && target.ndim <= 1)
    return [
      input.reshape([1, -1]),
      targetRank === 1 ? target.reshape([1]) : target.reshape([1, -1]),
    ];
  throw new ShapeError(
    `Input has the wrong rank: expected [N, C] or [C], received ${input.ndim} dims`,
    { op },
  );
}

/**
 * sum over all other classes j of weight[t] max(0, margin - x[t] + x[j])^p / C.
 *
 * **Shapes**: `input [N, C]` or `[C]`, `target [N]` or `[]` of integers `-> []`.
 *
 * @param options - `p`, `margin` (1 unless said), `weight`, `reduction`.
 * @throws RangeError unless p is 1 or 2.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multi_margin_loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = F.multiMarginLoss(tensor([[0.5, 0]]), tensor([0]));
 * assert.equal(loss.itemSync(), 0.25);
 */
export function multiMarginLoss(
  input: Tensor,
  target: Tensor,
  options: MultiMarginOptions = {},
): Tensor {
  const { p = 1, margin = 1, weight } = options;
  if (p !== 1 && p !== 2)
    throw new RangeError(`multiMarginLoss: Option p is not valid: expected 1 or 2, received ${p}`);
  const [x, t] = rows("multiMarginLoss", input, target, 1);
  const index = t.unsqueeze(1); // [N, 1]
  const excess = x.sub(x.gather(1, index)).add(margin).relu(); // [N, C]
  const others = x.newArange(x.size(1)).ne(index);
  const each = others.where(p === 1 ? excess : excess.square(), 0);
  const weighted = weight === undefined ? each : each.mul(weight.indexSelect(0, t).unsqueeze(1));
  return reduced("multiMarginLoss", weighted.mean(1).reshape(target.shape), options);
}

/**
 * sum over the targets t and all classes j that are none of max(0, 1 - x[t] + x[j]) / C. A row's
 * targets end before its first negative one.
 *
 * **Shapes**: `input [N, C]` or `[C]`, `target` alike, of integers `-> []`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_margin_loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = F.multilabelMarginLoss(tensor([0.5, 0]), tensor([0, -1]));
 * assert.equal(loss.itemSync(), 0.25);
 */
export function multilabelMarginLoss(
  input: Tensor,
  target: Tensor,
  options: LossOptions = {},
): Tensor {
  const [x, t] = rows("multilabelMarginLoss", input, target, 2);
  const valid = t.lt(0).cumsum(1).eq(0); // [N, C]
  const index = valid.where(t, 0);
  const listed = x.zerosLike().scatterAdd(1, index, valid.to(x.dtype)).gt(0);
  const excess = x.unsqueeze(1).sub(x.gather(1, index).unsqueeze(2)).add(1).relu(); // [N, t, j]
  const counts = valid.unsqueeze(2).logicalAnd(listed.logicalNot().unsqueeze(1));
  const losses = counts.where(excess, 0).sum([1, 2]).div(x.size(1));
  return reduced("multilabelMarginLoss", losses.reshape(input.shape.slice(0, -1)), options);
}
