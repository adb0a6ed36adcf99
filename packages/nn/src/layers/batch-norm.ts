// Normalization over the batch.
import { batchNorm, type Tensor } from "@tead/tensor";
import { type BatchNormLayerOptions, RunningNorm } from "./running-norm.ts";

abstract class BatchNorm extends RunningNorm {
  private readonly ranks: readonly number[];

  constructor(ranks: readonly number[], numFeatures: number, options: BatchNormLayerOptions) {
    super(numFeatures, { affine: true, trackRunningStats: true, ...options });
    this.ranks = ranks;
  }
  override forward(input: Tensor): Tensor {
    this.checkInput(input, this.ranks);
    const { weight, bias, eps, runningMean, runningVar } = this;
    const momentum = this.countBatch();
    const training = this.training || (runningMean === undefined && runningVar === undefined);
    const used = !this.training || this.trackRunningStats;
    return batchNorm(input, used ? runningMean : undefined, used ? runningVar : undefined, {
      weight,
      bias,
      eps,
      training,
      momentum,
    });
  }
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel
 * over a batch of vectors or sequences in training, and their running averages in evaluation.
 *
 * **Shapes**: `input [N, C]` or `[N, C, L]`, the output alike; `weight`, `bias`, `runningMean`,
 * `runningVar [C]`.
 *
 * @param numFeatures - The number of channels C.
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats`, `device`, `dtype`.
 * @throws ShapeError if the input has another rank or number of channels.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { BatchNorm1d } from "@tead/nn";
 * import { randn, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new BatchNorm1d(3);
 * const y = layer.forward(randn([8, 3]));
 * assert.ok(Math.abs(Number(y.mean().itemSync())) < 1e-6);
 * assert.equal(layer.numBatchesTracked, 1);
 */
export class BatchNorm1d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super([2, 3], numFeatures, options);
  }
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel
 * over a batch of images in training, and their running averages in evaluation.
 *
 * **Shapes**: `input [N, C, H, W]`, the output alike; `weight`, `bias`, `runningMean`,
 * `runningVar [C]`.
 *
 * @param numFeatures - The number of channels C.
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats`, `device`, `dtype`.
 * @throws ShapeError if the input has another rank or number of channels.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { BatchNorm2d } from "@tead/nn";
 * import { randn, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new BatchNorm2d(3);
 * const y = layer.forward(randn([8, 3, 4, 4]));
 * assert.ok(Math.abs(Number(y.mean().itemSync())) < 1e-6);
 * assert.equal(layer.numBatchesTracked, 1);
 */
export class BatchNorm2d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super([4], numFeatures, options);
  }
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel
 * over a batch of volumes in training, and their running averages in evaluation.
 *
 * **Shapes**: `input [N, C, D, H, W]`, the output alike; `weight`, `bias`, `runningMean`,
 * `runningVar [C]`.
 *
 * @param numFeatures - The number of channels C.
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats`, `device`, `dtype`.
 * @throws ShapeError if the input has another rank or number of channels.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { BatchNorm3d } from "@tead/nn";
 * import { randn, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new BatchNorm3d(3);
 * const y = layer.forward(randn([8, 3, 4, 4, 2]));
 * assert.ok(Math.abs(Number(y.mean().itemSync())) < 1e-6);
 * assert.equal(layer.numBatchesTracked, 1);
 */
export class BatchNorm3d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super([5], numFeatures, options);
  }
}
