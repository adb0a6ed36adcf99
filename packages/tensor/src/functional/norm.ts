// Normalization as functions, PyTorch's torch.nn.functional.
import { noGrad } from "../context.ts";
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import { batchNormOp, groupNormOp, layerNormOp } from "../ops/norm.ts";
import { formatShape, type Shape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

interface AffineOptions {
  /** What the normalized values are multiplied by. */
  readonly weight?: Tensor | undefined;
  /** What is added after that. */
  readonly bias?: Tensor | undefined;
  /** Added to the variance; 1e-5 unless said. */
  readonly eps?: number;
}
/** Options of `batchNorm`. */
export interface BatchNormOptions extends AffineOptions {
  /** Whether to normalize by the batch's own statistics; false unless said. */
  readonly training?: boolean;
  /** The batch's share in the new running statistics; 0.1 unless said. */
  readonly momentum?: number;
}
/** Options of `instanceNorm`. */
export interface InstanceNormOptions extends AffineOptions {
  readonly runningMean?: Tensor | undefined;
  readonly runningVar?: Tensor | undefined;
  /** Whether to normalize by each instance's own statistics; true unless said. */
  readonly useInputStats?: boolean;
  /** The input's share in the new running statistics; 0.1 unless said. */
  readonly momentum?: number;
}
/** Options that all normalizations share. */
export interface NormOptions extends AffineOptions {}

function perChannel(values: Tensor, { ndim }: Tensor): Tensor {
  return values.reshape([1, -1, ...new Array<number>(ndim - 2).fill(1)]);
}

/** running = (1 - momentum) running + momentum * new, in place. */
function update(running: Tensor | undefined, fresh: Tensor, momentum: number): void {
  running?.copy_(fresh.mul(momentum).add(running.mul(1 - momentum)));
}

function checkRunning(op: string, running: Tensor | undefined, input: Tensor): void {
  if (running === undefined || sameShape(running.shape, [input.size(1)])) return;
  const expected = formatShape([input.size(1)]);
  throw new ShapeError(
    `Running statistics do not fit: expected shape ${expected}, received ${formatShape(running.shape)}`,
    { op, operands: [{ name: "input", shape: input.shape, dtype: input.dtype }] },
  );
}

function checkChannels(op: string, input: Tensor, least: number): void {
  if (input.ndim >= least) return;
  throw new ShapeError(
    `Input has the wrong rank: expected at least ${least} dims [N, C, ...], received ${input.ndim}`,
    { op, operands: [{ name: "input", shape: input.shape, dtype: input.dtype }] },
  );
}

/** (x - mean) / sqrt(variance + eps) * w + b, with statistics that are given. */
function normalizeBy(
  input: Tensor,
  mean: Tensor,
  variance: Tensor,
  { weight, bias, eps = 1e-5 }: AffineOptions,
): Tensor {
  const invstd = variance.add(eps).rsqrt();
  const scale = weight === undefined ? invstd : invstd.mul(weight);
  const shift = mean.mul(scale).neg();
  const start = bias === undefined ? shift : shift.add(bias);
  return perChannel(start, input).addcmul(input, perChannel(scale, input));
}

/**
 * Normalizes each channel over batch and space: y = (x - mean) / sqrt(variance + eps) * w + b. In
 * training by the batch's own statistics, which also move the running ones (in place, the variance
 * without bias); else by the running ones.
 *
 * **Shapes** input `[N, C, ...]` -> the same; statistics, weight and bias `[C]`. One float dtype.
 *
 * @throws {ShapeError} where shapes do not fit, or a channel has one value only in training
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
 * @category Normalization
 * @example
 * import assert from "node:assert/strict";
 * import { batchNorm, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const y = batchNorm(tensor([[1.5], [2.5]]), undefined, undefined, { training: true, eps: 0 });
 * assert.deepEqual(y.tolistSync(), [[-1], [1]]);
 */
export function batchNorm(
  input: Tensor,
  runningMean: Tensor | undefined,
  runningVar: Tensor | undefined,
  options: BatchNormOptions = {},
): Tensor {
  const { weight, bias, training = false, momentum = 0.1, eps = 1e-5 } = options;
  // Nothing to normalize: as in PyTorch, whatever the rank.
  if (!training && input.numel() === 0) return input.clone();
  checkChannels("batchNorm", input, 2);
  checkRunning("batchNorm", runningMean, input);
  checkRunning("batchNorm", runningVar, input);
  if (!training) {
    if (runningMean === undefined || runningVar === undefined)
      throw new RangeError(
        "batchNorm: No statistics: expected runningMean and runningVar, or training: true",
      );
    return normalizeBy(input, runningMean, runningVar, options);
  }
  const [output, mean, variance] = dispatch(batchNormOp, [input, weight, bias], { eps });
  const count = input.numel() / input.size(1);
  // An empty batch has no statistics: the running ones stay, as in PyTorch.
  if (count > 0)
    noGrad(() => {
      update(runningMean, mean, momentum);
      update(runningVar, variance.mul(count / (count - 1)), momentum);
    });
  return output;
}

/**
 * Normalizes each channel of each sample over space, and moves running statistics where given.
 *
 * **Shapes** input `[N, C, ...]` -> the same; statistics, weight and bias `[C]`. One float dtype.
 *
 * @throws {ShapeError} where shapes do not fit, or a channel has one value only
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.instance_norm.html
 * @category Normalization
 * @example
 * import assert from "node:assert/strict";
 * import { instanceNorm, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const y = instanceNorm(tensor([[[1.5, 2.5]]]), { eps: 0 });
 * assert.deepEqual(y.tolistSync(), [[[-1, 1]]]);
 */
export function instanceNorm(input: Tensor, options: InstanceNormOptions = {}): Tensor {
  const { runningMean, runningVar, weight, bias, momentum = 0.1, eps = 1e-5 } = options;
  const { useInputStats = true } = options;
  checkChannels("instanceNorm", input, 3);
  checkRunning("instanceNorm", runningMean, input);
  checkRunning("instanceNorm", runningVar, input);
  if (!useInputStats) {
    if (runningMean === undefined || runningVar === undefined)
      throw new RangeError(
        "instanceNorm: No statistics: expected runningMean and runningVar, or useInputStats: true",
      );
    return normalizeBy(input, runningMean, runningVar, options);
  }
  const [n, channels] = input.shape as [number, number];
  const count = input.numel() / (n * channels);
  if (count <= 1 && input.numel() > 0)
    throw new ShapeError(
      "Cannot normalize over one value: expected more than 1 spatial element, " +
        `received input ${formatShape(input.shape)}`,
      { op: "instanceNorm" },
    );
  const attrs = { eps, groups: channels };
  const [output, mean, variance] = dispatch(groupNormOp, [input, weight, bias], attrs);
  noGrad(() => {
    update(runningMean, mean.mean(0), momentum);
    update(runningVar, variance.mul(count / (count - 1)).mean(0), momentum);
  });
  return output;
}

/**
 * Normalizes the last dims of each sample: y = (x - mean) / sqrt(variance + eps) * w + b.
 *
 * **Shapes** input `[..., *normalizedShape]` -> the same; weight and bias `normalizedShape`. One
 * float dtype.
 *
 * @throws {ShapeError} where the input does not end in `normalizedShape`
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html
 * @category Normalization
 * @example
 * import assert from "node:assert/strict";
 * import { layerNorm, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const y = layerNorm(tensor([[1.5, 2.5]]), [2], { eps: 0 });
 * assert.deepEqual(y.tolistSync(), [[-1, 1]]);
 */
export function layerNorm(
  input: Tensor,
  normalizedShape: Shape,
  { weight, bias, eps = 1e-5 }: NormOptions = {},
): Tensor {
  const dims = normalizedShape.length;
  if (dims === 0 || !sameShape(input.shape.slice(-dims), normalizedShape))
    throw new ShapeError(
      `Input does not end in the normalized shape: expected [..., ${normalizedShape.join(", ")}], ` +
        `received ${formatShape(input.shape)}`,
      { op: "layerNorm" },
    );
  return dispatch(layerNormOp, [input, weight, bias], { dims, eps })[0];
}

/**
 * Normalizes groups of channels of each sample: y = (x - mean) / sqrt(variance + eps) * w + b.
 *
 * **Shapes** input `[N, C, ...]` -> the same; weight and bias `[C]`. One float dtype.
 *
 * @throws {ShapeError} where the channels do not split into `numGroups`
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html
 * @category Normalization
 * @example
 * import assert from "node:assert/strict";
 * import { groupNorm, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const y = groupNorm(tensor([[[1.5], [2.5]]]), 1, { eps: 0 });
 * assert.deepEqual(y.tolistSync(), [[[-1], [1]]]);
 */
export function groupNorm(
  input: Tensor,
  numGroups: number,
  { weight, bias, eps = 1e-5 }: NormOptions = {},
): Tensor {
  return dispatch(groupNormOp, [input, weight, bias], { groups: numGroups, eps })[0];
}
