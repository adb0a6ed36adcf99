// Normalization without running statistics.
import { empty, groupNorm, layerNorm, type Shape, type Tensor } from "@tead/tensor";
import { ones_, zeros_ } from "../init/index.ts";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { checkSize, type FactoryOptions, factory } from "./factory.ts";

/** Options of {@link LayerNorm}. */
export interface LayerNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether to learn a scale and a shift. Default true. */
  readonly elementwiseAffine?: boolean;
  /** Whether to learn the shift, where a scale is learned. Default true. */
  readonly bias?: boolean;
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance over the last dims.
 *
 * **Shapes**: `input [..., ...normalizedShape]`, the output alike; `weight`,
 * `bias [...normalizedShape]`.
 *
 * @param normalizedShape - The last dims' sizes: one number for the last dim alone.
 * @param options - `eps`, `elementwiseAffine`, `bias`, `device`, `dtype`.
 * @throws ShapeError if the input does not end in these sizes.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LayerNorm } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = new LayerNorm(2, { eps: 0 }).forward(tensor([[1, 3], [20, 10]], { dtype: "float32" }));
 * assert.deepEqual(y.tolistSync(), [[-1, 1], [1, -1]]);
 */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  weight: Parameter | undefined;
  bias: Parameter | undefined;

  constructor(normalizedShape: number | Shape, options: LayerNormOptions = {}) {
    super();
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    this.normalizedShape =
      typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    for (const size of this.normalizedShape) checkSize("LayerNorm", "normalizedShape", size, 1);
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    const values = (): Tensor => empty(this.normalizedShape, factory(options));
    this.weight = elementwiseAffine ? new Parameter(values()) : undefined;
    this.bias = elementwiseAffine && bias ? new Parameter(values()) : undefined;
    this.resetParameters();
  }

  /** Scale 1, shift 0. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight);
    if (this.bias) zeros_(this.bias);
  }
  override forward(input: Tensor): Tensor {
    return layerNorm(input, this.normalizedShape, this);
  }
  override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine } = this;
    return `${pyValue(normalizedShape)}, eps=${pyFloat(eps)}, elementwise_affine=${pyValue(elementwiseAffine)}`;
  }
}

/** Options of {@link GroupNorm}. */
export interface GroupNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether to learn a scale and a shift for each channel. Default true. */
  readonly affine?: boolean;
  /** Whether there is a shift where there is a scale. Default true. */
  readonly bias?: boolean;
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance over groups of
 * channels.
 *
 * **Shapes**: `input [N, C, ...]`, the output alike; `weight`, `bias [C]`.
 *
 * @param numGroups - Into how many groups the channels are split.
 * @param numChannels - The number of channels C.
 * @param options - `eps`, `affine`, `bias`, `device`, `dtype`.
 * @throws RangeError if the groups do not divide the channels.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { GroupNorm } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.equal(new GroupNorm(2, 4).forward(ones([3, 4, 5])).abs().amax().itemSync(), 0);
 */
export class GroupNorm extends Module {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly affine: boolean;
  weight: Parameter | undefined;
  bias: Parameter | undefined;

  constructor(numGroups: number, numChannels: number, options: GroupNormOptions = {}) {
    super();
    checkSize("GroupNorm", "numGroups", numGroups, 1);
    checkSize("GroupNorm", "numChannels", numChannels, 1);
    if (numChannels % numGroups !== 0)
      throw new RangeError(
        `GroupNorm: Argument numGroups is not valid: expected a divisor of ${numChannels} channels, received ${numGroups}`,
      );
    const { eps = 1e-5, affine = true, bias = true } = options;
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.affine = affine;
    const values = (): Tensor => empty([numChannels], factory(options));
    this.weight = affine ? new Parameter(values()) : undefined;
    this.bias = affine && bias ? new Parameter(values()) : undefined;
    this.resetParameters();
  }

  /** Scale 1, shift 0. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight);
    if (this.bias) zeros_(this.bias);
  }
  override forward(input: Tensor): Tensor {
    return groupNorm(input, this.numGroups, this);
  }
  override extraRepr(): string {
    const { numGroups, numChannels, eps, affine } = this;
    return `${numGroups}, ${numChannels}, eps=${pyFloat(eps)}, affine=${pyValue(affine)}`;
  }
}
