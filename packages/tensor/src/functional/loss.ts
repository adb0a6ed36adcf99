// Losses as functions, PyTorch's torch.nn.functional. Losses by class index are in
// cross-entropy.ts.
import { dispatch } from "../dispatch.ts";
import { isFloat } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { binaryCrossEntropyOp, mseLossOp, type Reduction } from "../ops/loss.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { logsigmoid } from "./activation.ts";

/** Options that all losses share. */
export interface LossOptions {
  /** "mean" unless said; "sum", or "none" for each element's loss. */
  readonly reduction?: Reduction;
}

/** The elements' losses, reduced. @internal */
export function reduced(op: string, losses: Tensor, reduction: Reduction = "mean"): Tensor {
  checkReduction(op, reduction);
  if (reduction === "none") return losses;
  return reduction === "mean" ? losses.mean() : losses.sum();
}

function checkReduction(op: string, reduction: Reduction): void {
  if (reduction === "mean" || reduction === "sum" || reduction === "none") return;
  throw new RangeError(
    `${op}: Option reduction is not valid: expected "none", "mean" or "sum", received ${reduction}`,
  );
}

function checkPositive(op: string, name: string, value: number, zero: boolean): void {
  if (value > 0 || (zero && value === 0)) return;
  const bound = zero ? "of at least 0" : "above 0";
  throw new RangeError(
    `${op}: Option ${name} is not valid: expected a number ${bound}, received ${value}`,
  );
}

/**
 * The squared error: (x - t)^2.
 *
 * **Shapes** input and target broadcast; a scalar, or their shape with reduction "none".
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html
 * @category Loss
 * @example
 * import assert from "node:assert/strict";
 * import { mseLoss, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * assert.equal(mseLoss(tensor([1.5, 2.5]), tensor([1.5, 0.5])).itemSync(), 2);
 */
export function mseLoss(
  input: Tensor,
  target: Tensor,
  { reduction = "mean" }: LossOptions = {},
): Tensor {
  checkReduction("mseLoss", reduction);
  const alike = input.dtype === target.dtype && sameShape(input.shape, target.shape);
  // Broadcast or promoted, it is what its parts make of it.
  if (!alike || !isFloat(input.dtype))
    return reduced("mseLoss", input.sub(target).square(), reduction);
  return dispatch(mseLossOp, [input, target], { reduction });
}

/**
 * The absolute error: |x - t|.
 *
 * **Shapes** input and target broadcast; a scalar, or their shape with reduction "none".
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.l1_loss.html
 * @category Loss
 */
export function l1Loss(input: Tensor, target: Tensor, { reduction }: LossOptions = {}): Tensor {
  return reduced("l1Loss", input.sub(target).abs(), reduction);
}

/**
 * The squared error below `beta`, the absolute one above: with d = |x - t|,
 * d^2 / (2 beta) where d < beta, else d - beta / 2.
 *
 * **Shapes** input and target broadcast; a scalar, or their shape with reduction "none".
 *
 * @throws {RangeError} where `beta` is negative
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.smooth_l1_loss.html
 * @category Loss
 */
export function smoothL1Loss(
  input: Tensor,
  target: Tensor,
  { reduction, beta = 1 }: LossOptions & { readonly beta?: number } = {},
): Tensor {
  checkPositive("smoothL1Loss", "beta", beta, true);
  const difference = input.sub(target);
  // At 0 the slope is -1 there, as PyTorch has it.
  if (beta === 0)
    return reduced("smoothL1Loss", difference.gt(0).where(difference, difference.neg()), reduction);
  const d = difference.abs();
  const near = d.square().mul(0.5).div(beta);
  return reduced("smoothL1Loss", d.lt(beta).where(near, d.sub(0.5 * beta)), reduction);
}

/**
 * The squared error up to `delta`, the absolute one above: with d = |x - t|,
 * d^2 / 2 where d <= delta, else delta (d - delta / 2).
 *
 * **Shapes** input and target broadcast; a scalar, or their shape with reduction "none".
 *
 * @throws {RangeError} where `delta` is not above 0
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.huber_loss.html
 * @category Loss
 */
export function huberLoss(
  input: Tensor,
  target: Tensor,
  { reduction, delta = 1 }: LossOptions & { readonly delta?: number } = {},
): Tensor {
  checkPositive("huberLoss", "delta", delta, false);
  const d = input.sub(target).abs();
  const losses = d.le(delta).where(d.square().mul(0.5), d.sub(0.5 * delta).mul(delta));
  return reduced("huberLoss", losses, reduction);
}

/** Options of `binaryCrossEntropy`. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /** A factor for each element's loss, broadcast. */
  readonly weight?: Tensor | undefined;
}

/**
 * The binary cross entropy of probabilities: -w (t ln x + (1 - t) ln(1 - x)), each logarithm at
 * least -100.
 *
 * **Shapes** input and target alike; a scalar, or their shape with reduction "none".
 *
 * @throws {ShapeError} where the shapes differ
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html
 * @category Loss
 */
export function binaryCrossEntropy(
  input: Tensor,
  target: Tensor,
  { weight, reduction }: BinaryCrossEntropyOptions = {},
): Tensor {
  const losses = dispatch(binaryCrossEntropyOp, [input, target], {});
  return reduced(
    "binaryCrossEntropy",
    weight === undefined ? losses : losses.mul(weight),
    reduction,
  );
}

/** Options of `binaryCrossEntropyWithLogits`. */
export interface BinaryCrossEntropyWithLogitsOptions extends BinaryCrossEntropyOptions {
  /** A factor for the positive examples' share, broadcast. */
  readonly posWeight?: Tensor | undefined;
}

/**
 * The binary cross entropy of logits, without overflow: w ((1 - t) x - (1 + (p - 1) t) ln sigmoid(x)).
 *
 * **Shapes** input and target alike; a scalar, or their shape with reduction "none".
 *
 * @throws {ShapeError} where the shapes differ
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy_with_logits.html
 * @category Loss
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  { weight, posWeight, reduction }: BinaryCrossEntropyWithLogitsOptions = {},
): Tensor {
  const op = "binaryCrossEntropyWithLogits";
  if (input.shape.join() !== target.shape.join())
    throw new ShapeError(
      `Target does not fit: expected shape [${input.shape.join(", ")}], ` +
        `received [${target.shape.join(", ")}]`,
      { op },
    );
  const log = logsigmoid(input);
  const share = posWeight === undefined ? log : posWeight.sub(1).mul(target).add(1).mul(log);
  const losses = target.rsub(1).mul(input).sub(share);
  return reduced(op, weight === undefined ? losses : losses.mul(weight), reduction);
}

/** Options of `klDiv`. */
export interface KlDivOptions {
  /** "mean" unless said; "batchmean" divides the sum by the batch size, as the formula has it. */
  readonly reduction?: Reduction | "batchmean";
  /** Whether the target holds logarithms too; false unless said. */
  readonly logTarget?: boolean;
}

/**
 * The Kullback-Leibler divergence of log-probabilities `input` from `target`: t (ln t - x), 0 where
 * t is 0; with `logTarget`, e^t (t - x).
 *
 * **Shapes** input and target broadcast; a scalar, or their shape with reduction "none".
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html
 * @category Loss
 */
export function klDiv(
  input: Tensor,
  target: Tensor,
  { reduction = "mean", logTarget = false }: KlDivOptions = {},
): Tensor {
  const losses = logTarget
    ? target.exp().mul(target.sub(input))
    : target.mul(target.eq(0).where(0, target.log())).sub(target.mul(input));
  if (reduction !== "batchmean") return reduced("klDiv", losses, reduction);
  return input.ndim === 0 ? losses.sum() : losses.sum().div(input.size(0));
}
