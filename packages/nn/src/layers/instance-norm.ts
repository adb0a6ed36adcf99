// Normalization over each instance.
import { instanceNorm, type Tensor } from "@tead/tensor";
import { type BatchNormLayerOptions, RunningNorm } from "./running-norm.ts";

abstract class InstanceNorm extends RunningNorm {
  private readonly ranks: readonly number[];

  constructor(rank: number, numFeatures: number, options: BatchNormLayerOptions) {
    super(numFeatures, { affine: false, trackRunningStats: false, ...options });
    this.ranks = [rank + 1, rank + 2];
  }
  override forward(input: Tensor): Tensor {
    this.checkInput(input, this.ranks);
    const { weight, bias, eps, runningMean, runningVar, trackRunningStats } = this;
    const useInputStats = this.training || !trackRunningStats;
    const momentum = this.momentum ?? 0;
    const options = { weight, bias, eps, runningMean, runningVar, useInputStats, momentum };
    const batched = input.ndim === this.ranks[1];
    return batched
      ? instanceNorm(input, options)
      : instanceNorm(input.unsqueeze(0), options).squeeze(0);
  }
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel of
 * each sequence.
 *
 * **Shapes**: `input [N, C, L]` or `[C, L]`, the output alike.
 *
 * @param numFeatures - The number of channels C.
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats` (both false unless said),
 * `device`, `dtype`.
 * @throws ShapeError if the input has another rank.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { InstanceNorm1d } from "@tead/nn";
 * import { randn, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new InstanceNorm1d(3).forward(randn([2, 3, 8]));
 * assert.ok(Math.abs(Number(y.select(0, 1).select(0, 2).mean().itemSync())) < 1e-6);
 */
export class InstanceNorm1d extends InstanceNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(1, numFeatures, options);
  }
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel of
 * each image.
 *
 * **Shapes**: `input [N, C, H, W]` or `[C, H, W]`, the output alike.
 *
 * @param numFeatures - The number of channels C.
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats` (both false unless said),
 * `device`, `dtype`.
 * @throws ShapeError if the input has another rank.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { InstanceNorm2d } from "@tead/nn";
 * import { randn, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new InstanceNorm2d(3).forward(randn([2, 3, 4, 4]));
 * assert.ok(Math.abs(Number(y.select(0, 1).select(0, 2).mean().itemSync())) < 1e-6);
 */
export class InstanceNorm2d extends InstanceNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(2, numFeatures, options);
  }
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel of
 * each volume.
 *
 * **Shapes**: `input [N, C, D, H, W]` or `[C, D, H, W]`, the output alike.
 *
 * @param numFeatures - The number of channels C.
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats` (both false unless said),
 * `device`, `dtype`.
 * @throws ShapeError if the input has another rank.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { InstanceNorm3d } from "@tead/nn";
 * import { randn, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new InstanceNorm3d(3).forward(randn([2, 3, 4, 4, 2]));
 * assert.ok(Math.abs(Number(y.select(0, 1).select(0, 2).mean().itemSync())) < 1e-6);
 */
export class InstanceNorm3d extends InstanceNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(3, numFeatures, options);
  }
}
