// What batch and instance normalization share: scale and shift, running statistics.
import { empty, ShapeError, type Tensor } from "@tead/tensor";
import { ones_, zeros_ } from "../init/index.ts";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { buffer, type ModuleBuffer, Parameter } from "../parameter.ts";
import { checkSize, type FactoryOptions, factory } from "./factory.ts";

/** Options of the batch and instance normalization layers. */
export interface BatchNormLayerOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /**
   * The batch's share in the new running statistics; null for the mean over all batches. Default
   * 0.1.
   */
  readonly momentum?: number | null;
  /** Whether to learn a scale and a shift. Default true for batches, false for instances. */
  readonly affine?: boolean;
  /** Whether there is a shift where there is a scale. Default true. */
  readonly bias?: boolean;
  /** Whether to keep running statistics. Default true for batches, false for instances. */
  readonly trackRunningStats?: boolean;
}

type Settings = Required<Pick<BatchNormLayerOptions, "affine" | "trackRunningStats">> &
  BatchNormLayerOptions;

/** What both families share: scale and shift, running statistics, the count of batches. */
export abstract class RunningNorm extends Module {
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
    const { eps = 1e-5, momentum = 0.1, affine, bias = true, trackRunningStats } = options;
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    const values = (): Tensor => empty([numFeatures], factory(options));
    this.weight = affine ? new Parameter(values()) : undefined;
    this.bias = affine && bias ? new Parameter(values()) : undefined;
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
