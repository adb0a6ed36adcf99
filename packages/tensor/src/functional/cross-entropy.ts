// Losses by class: negative log likelihood, and cross entropy of logits.
import { dispatch } from "../dispatch.ts";
import { isFloat } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { crossEntropyOp, nllLossOp, type Reduction } from "../ops/loss.ts";
import type { Tensor } from "../tensor.ts";
import { type LossOptions, reduced } from "./loss.ts";

/** Options of `nllLoss`. */
export interface NllLossOptions extends LossOptions {
  /** A factor for each class. */
  readonly weight?: Tensor | undefined;
  /** The target that counts for nothing; -100 unless said. */
  readonly ignoreIndex?: number;
}
/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends NllLossOptions {
  /** How much of each target is spread over all classes, from 0 to 1; 0 unless said. */
  readonly labelSmoothing?: number;
}

function checkReduction(op: string, reduction: Reduction): void {
  if (!["none", "mean", "sum"].includes(reduction))
    throw new RangeError(
      `${op}: Option reduction is not valid: expected "none", "mean" or "sum", received ${reduction}`,
    );
}

/**
 * The negative log likelihood of class targets: -w[t] x[t] of log-probabilities x. The mean divides
 * by the sum of the targets' weights.
 *
 * **Shapes** input `[N, C, ...]` or `[C]`, integer target `[N, ...]` or a scalar, weight `[C]`; a
 * scalar, or the target's shape with reduction "none".
 *
 * @throws {ShapeError} where shapes do not fit, or a target is no class
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
 * @category Loss
 * @example
 * import assert from "node:assert/strict";
 * import { nllLoss, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const logProbabilities = tensor([[-0.5, -1.5], [-2.5, -0.25]]);
 * assert.equal(nllLoss(logProbabilities, tensor([0, 1])).itemSync(), 0.375);
 */
export function nllLoss(input: Tensor, target: Tensor, options: NllLossOptions = {}): Tensor {
  const { weight, ignoreIndex = -100, reduction = "mean" } = options;
  checkReduction("nllLoss", reduction);
  const single = input.ndim === 1;
  const inputs = single
    ? ([input.unsqueeze(0), target.unsqueeze(0), weight] as const)
    : ([input, target, weight] as const);
  const [losses] = dispatch(nllLossOp, inputs, { reduction, ignoreIndex });
  return single && reduction === "none" ? losses.squeeze(0) : losses;
}

/**
 * The cross entropy of logits and targets: class indices, or probabilities of the input's shape.
 * With x the log-softmax of the logits: -w[t] x[t], or -sum of w p x over the classes p.
 *
 * **Shapes** input `[N, C, ...]` or `[C]`, target `[N, ...]` or a scalar of any integer dtype, or
 * the input's shape and dtype, weight `[C]`; a scalar, or `[N, ...]` with reduction "none".
 *
 * @throws {ShapeError} where shapes do not fit, or a target is no class
 * @throws {RangeError} where `labelSmoothing` is not from 0 to 1
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
 * @category Loss
 * @example
 * import assert from "node:assert/strict";
 * import { crossEntropy, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const loss = crossEntropy(tensor([[0.5, 0.5]]), tensor([1]));
 * assert.ok(Math.abs(Number(loss.itemSync()) - Math.LN2) < 1e-6);
 */
export function crossEntropy(
  input: Tensor,
  target: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  const { labelSmoothing = 0 } = options;
  checkReduction("crossEntropy", options.reduction ?? "mean");
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new RangeError(
      `crossEntropy: Option labelSmoothing is not valid: expected a number from 0 to 1, ` +
        `received ${labelSmoothing}`,
    );
  if (isFloat(target.dtype)) {
    const dim = input.ndim === 1 ? 0 : 1;
    return byProbabilities(input.logSoftmax(dim), target, dim, options);
  }
  const { weight, reduction = "mean", ignoreIndex = -100 } = options;
  const single = input.ndim === 1;
  const targets = single ? target.unsqueeze(0) : target;
  const [losses, , x] = dispatch(
    crossEntropyOp,
    [single ? input.unsqueeze(0) : input, targets, weight],
    { reduction, ignoreIndex },
  );
  const loss = labelSmoothing === 0 ? losses : smoothed(x, targets, losses, 1, options);
  return single && reduction === "none" ? loss.squeeze(0) : loss;
}

function byProbabilities(
  x: Tensor,
  target: Tensor,
  dim: number,
  { weight, reduction = "mean", labelSmoothing = 0, ignoreIndex }: CrossEntropyOptions,
): Tensor {
  if (x.shape.join() !== target.shape.join())
    throw new ShapeError(
      `Target does not fit: expected probabilities of shape [${x.shape.join(", ")}], ` +
        `received [${target.shape.join(", ")}]`,
      { op: "crossEntropy" },
    );
  if (ignoreIndex !== undefined && ignoreIndex >= 0)
    throw new RangeError(
      "crossEntropy: Option ignoreIndex is not valid: expected none for probabilities, " +
        `received ${ignoreIndex}`,
    );
  const classes = x.size(dim);
  const share = target.mul(1 - labelSmoothing).add(labelSmoothing / classes);
  const p = labelSmoothing === 0 ? target : share;
  const each = x.mul(p);
  const losses = (weight === undefined ? each : each.mul(alongClasses(weight, x, dim)))
    .sum(dim)
    .neg();
  if (reduction !== "mean") return reduced("crossEntropy", losses, reduction);
  return losses.sum().div(x.numel() / classes);
}

/** (1 - s) loss + s / C * the sum over all classes of -w x, reduced as the loss is. */
function smoothed(
  x: Tensor,
  target: Tensor,
  loss: Tensor,
  dim: number,
  { weight, reduction = "mean", labelSmoothing = 0, ignoreIndex = -100 }: CrossEntropyOptions,
): Tensor {
  const ignored = target.eq(ignoreIndex);
  const all = weight === undefined ? x : x.mul(alongClasses(weight, x, dim));
  const losses = ignored.where(0, all.sum(dim).neg());
  const spread = (): Tensor => {
    if (reduction === "none") return losses;
    if (reduction === "sum") return losses.sum();
    if (weight === undefined) return losses.sum().div(ignored.logicalNot().to(x.dtype).sum());
    const index = ignored.where(0, target);
    const each = weight.indexSelect(0, index.reshape([-1])).reshape(target.shape);
    return losses.sum().div(ignored.where(0, each).sum());
  };
  return loss.mul(1 - labelSmoothing).add(spread().mul(labelSmoothing / x.size(dim)));
}

function alongClasses(weight: Tensor, x: Tensor, dim: number): Tensor {
  return weight.reshape(x.shape.map((_, i) => (i === dim ? -1 : 1)));
}
