// Normalization with running statistics: over the batch, and over each instance.
import { batchNorm, empty, instanceNorm, ShapeError, type Tensor } from "@tead/tensor";
import { ones_, zeros_ } from "../init/index.ts";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { buffer, type ModuleBuffer, Parameter } from "../parameter.ts";
import { checkSize, type FactoryOptions, factory } from "./factory.ts";

/** Options of the batch and instance normalization layers. */
export interface BatchNormLayerOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** The batch's share in the new running statistics; null for the mean over all batches. Default 0.1. */
  readonly momentum?: number | null;
  /** Whether to learn a scale and a shift. Default true for batches, false for instances. */
  readonly affine?: boolean;
  /** Whether to keep running statistics. Default true for batches, false for instances. */
  readonly trackRunningStats?: boolean;
}

type Settings = Required<Pick<BatchNormLayerOptions, "affine" | "trackRunningStats">> &
  BatchNormLayerOptions;

/** What both families share: scale and shift, running statistics, the count of batches. */
abstract class RunningNorm extends Module {
  static override readonly counters: readonly string[] = ["numBatchesTracked"];
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  weight: Parameter | undefined;
  bias: Parameter | undefined;
  runningMean: ModuleBuffer | undefined;
  runningVar: ModuleBuffer | undefined;
  /** How many batches the running statistics have seen. */
  numBatchesTracked: number | undefined;

  constructor(numFeatures: number, options: Settings) {
    super();
    checkSize(new.target.name, "numFeatures", numFeatures, 1);
    const { eps = 1e-5, momentum = 0.1, affine, trackRunningStats } = options;
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    const values = (): Tensor => empty([numFeatures], factory(options));
    this.weight = affine ? new Parameter(values()) : undefined;
    this.bias = affine ? new Parameter(values()) : undefined;
    this.runningMean = trackRunningStats ? buffer(values()) : undefined;
    this.runningVar = trackRunningStats ? buffer(values()) : undefined;
    this.numBatchesTracked = trackRunningStats ? 0 : undefined;
    this.resetParameters();
  }

  /** Forgets the running statistics. */
  resetRunningStats(): void {
    if (this.runningMean) zeros_(this.runningMean);
    if (this.runningVar) ones_(this.runningVar);
    if (this.numBatchesTracked !== undefined) this.numBatchesTracked = 0;
  }
  /** Scale 1, shift 0, and no running statistics yet. */
  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight) ones_(this.weight);
    if (this.bias) zeros_(this.bias);
  }

  /** Counts this batch where it counts; gives its share in the running statistics. */
  protected countBatch(): number {
    if (!this.training || this.numBatchesTracked === undefined) return this.momentum ?? 0;
    this.numBatchesTracked++;
    return this.momentum ?? 1 / this.numBatchesTracked;
  }
  /** Refuses inputs of another rank or number of channels. */
  protected checkInput({ shape, dtype, device }: Tensor, ranks: readonly number[]): void {
    const name = this.constructor.name;
    const operands = [{ name: "input", shape, dtype, device: device.name }];
    if (!ranks.includes(shape.length))
      throw new ShapeError(
        `Input has the wrong rank: expected ${ranks.join(" or ")} dims, received ${shape.length}`,
        { op: name, operands },
      );
  }

  override extraRepr(): string {
    const { eps, momentum, affine, trackRunningStats } = this;
    const share = momentum === null ? "None" : pyFloat(momentum);
    return (
      `${this.numFeatures}, eps=${pyFloat(eps)}, momentum=${share}, ` +
      `affine=${pyValue(affine)}, track_running_stats=${pyValue(trackRunningStats)}`
    );
  }
}

abstract class BatchNorm extends RunningNorm {
  readonly #ranks: readonly number[];

  constructor(ranks: readonly number[], numFeatures: number, options: BatchNormLayerOptions) {
    super(numFeatures, { affine: true, trackRunningStats: true, ...options });
    this.#ranks = ranks;
  }
  override forward(input: Tensor): Tensor {
    this.checkInput(input, this.#ranks);
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

abstract class InstanceNorm extends RunningNorm {
  readonly #ranks: readonly number[];

  constructor(rank: number, numFeatures: number, options: BatchNormLayerOptions) {
    super(numFeatures, { affine: false, trackRunningStats: false, ...options });
    this.#ranks = [rank + 1, rank + 2];
  }
  override forward(input: Tensor): Tensor {
    this.checkInput(input, this.#ranks);
    const { weight, bias, eps, runningMean, runningVar, trackRunningStats } = this;
    const useInputStats = this.training || !trackRunningStats;
    const momentum = this.momentum ?? 0;
    const options = { weight, bias, eps, runningMean, runningVar, useInputStats, momentum };
    const batched = input.ndim === this.#ranks[1];
    return batched
      ? instanceNorm(input, options)
      : instanceNorm(input.unsqueeze(0), options).squeeze(0);
  }
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel over a batch of
 * vectors or sequences in training, and their running averages in evaluation.
 *
 * **Shapes**: `input [N, C]` or `[N, C, L]`, the output alike; `weight`, `bias`, `runningMean`, `runningVar [C]`.
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
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel over a batch of
 * images in training, and their running averages in evaluation.
 *
 * **Shapes**: `input [N, C, H, W]`, the output alike; `weight`, `bias`, `runningMean`, `runningVar [C]`.
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
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel over a batch of
 * volumes in training, and their running averages in evaluation.
 *
 * **Shapes**: `input [N, C, D, H, W]`, the output alike; `weight`, `bias`, `runningMean`, `runningVar [C]`.
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

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel of each sequence.
 *
 * **Shapes**: `input [N, C, L]` or `[C, L]`, the output alike.
 *
 * @param numFeatures - The number of channels C.
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats` (both false unless said), `device`, `dtype`.
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
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel of each image.
 *
 * **Shapes**: `input [N, C, H, W]` or `[C, H, W]`, the output alike.
 *
 * @param numFeatures - The number of channels C.
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats` (both false unless said), `device`, `dtype`.
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
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel of each volume.
 *
 * **Shapes**: `input [N, C, D, H, W]` or `[C, D, H, W]`, the output alike.
 *
 * @param numFeatures - The number of channels C.
 * @param options - `eps`, `momentum`, `affine`, `trackRunningStats` (both false unless said), `device`, `dtype`.
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
