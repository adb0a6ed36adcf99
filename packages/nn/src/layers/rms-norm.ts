// Normalization by the root of the mean square.
import { empty, type Shape, type Tensor } from "@tead/tensor";
import { rmsNorm } from "../functional/channels.ts";
import { ones_ } from "../init/index.ts";
import { pyFloat, pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { checkSize, type FactoryOptions, factory } from "./factory.ts";

/** Options of {@link RMSNorm}. */
export interface RMSNormOptions extends FactoryOptions {
  /** Added to the mean square. Default the dtype's epsilon. */
  readonly eps?: number | undefined;
  /** Whether to learn a scale. Default true. */
  readonly elementwiseAffine?: boolean;
}

/**
 * y = x / sqrt(mean of x^2 + eps) * weight, with the mean over the last dims.
 *
 * **Shapes**: `input [..., ...normalizedShape]`, the output alike; `weight [...normalizedShape]`.
 *
 * @param normalizedShape - The last dims' sizes: one number for the last dim alone.
 * @param options - `eps`, `elementwiseAffine`, `device`, `dtype`.
 * @throws ShapeError if the input does not end in these sizes.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { RMSNorm } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(new RMSNorm(2, { eps: 0 }).forward(ones([1, 2])).tolistSync(), [[1, 1]]);
 */
export class RMSNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number | undefined;
  readonly elementwiseAffine: boolean;
  weight: Parameter | undefined;

  constructor(normalizedShape: number | Shape, options: RMSNormOptions = {}) {
    super();
    const { eps, elementwiseAffine = true } = options;
    this.normalizedShape =
      typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    for (const size of this.normalizedShape) checkSize("RMSNorm", "normalizedShape", size, 1);
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine
      ? new Parameter(empty(this.normalizedShape, factory(options)))
      : undefined;
    this.resetParameters();
  }

  /** Scale 1. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight);
  }
  override forward(input: Tensor): Tensor {
    return rmsNorm(input, this.normalizedShape, this);
  }
  override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine } = this;
    const shown = eps === undefined ? "None" : pyFloat(eps);
    return `${pyValue(normalizedShape)}, eps=${shown}, elementwise_affine=${pyValue(elementwiseAffine)}`;
  }
}
