// The loss of a classifier's last layer, with that layer.
import type { CrossEntropyOptions, Tensor } from "@tead/tensor";
import { linearCrossEntropy } from "../functional/linear-cross-entropy.ts";
import type { FactoryOptions } from "../layers/factory.ts";
import { Linear } from "../layers/linear.ts";
import { pyValue } from "../module/describe.ts";
import type { ModuleBuffer } from "../parameter.ts";
import { Loss, weightBuffer } from "./loss.ts";

/** Options of {@link LinearCrossEntropyLoss}. */
export interface LinearCrossEntropyLossOptions extends CrossEntropyOptions, FactoryOptions {
  /** The dims of the logits after the classes. Default none. */
  readonly outFeatures?: readonly number[];
  /** Whether the layer has a bias. Default false. */
  readonly bias?: boolean;
}

/**
 * A linear layer from features to classes, and the cross entropy of its logits.
 *
 * **Shapes**: `input [N, in]` or `[in]`, `target [N, ...]` of integers, or `[N, C, ...]` of a float
 * dtype `-> []`.
 *
 * @param inFeatures - The features of an input.
 * @param numClasses - The classes.
 * @param options - `outFeatures`, `bias`, `weight` for each class, `ignoreIndex`, `labelSmoothing`,
 *   `reduction`, `device`, `dtype`.
 * @throws RangeError if an option is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LinearCrossEntropyLoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LinearCrossEntropyLoss } from "@tead/nn";
 * import { ones, setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const loss = new LinearCrossEntropyLoss(3, 4);
 * assert.deepEqual(loss.forward(ones([2, 3]), tensor([0, 3])).shape, []);
 * assert.deepEqual(Object.keys(loss.stateDict()), ["linear.weight"]);
 */
export class LinearCrossEntropyLoss extends Loss {
  readonly weight: ModuleBuffer | undefined;
  readonly linear: Linear;
  readonly numClasses: number;
  readonly outFeatures: readonly number[];
  readonly ignoreIndex: number | undefined;
  readonly labelSmoothing: number;

  constructor(inFeatures: number, numClasses: number, options: LinearCrossEntropyLossOptions = {}) {
    super(options);
    const { outFeatures = [], bias = false, device, dtype } = options;
    this.weight = weightBuffer(options.weight);
    const outputs = outFeatures.reduce((product, size) => product * size, numClasses);
    this.linear = new Linear(inFeatures, outputs, { bias, device, dtype });
    this.numClasses = numClasses;
    this.outFeatures = outFeatures;
    this.ignoreIndex = options.ignoreIndex;
    this.labelSmoothing = options.labelSmoothing ?? 0;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, bias } = this.linear;
    const shape = [this.numClasses, ...this.outFeatures];
    return linearCrossEntropy(input, weight.reshape([...shape, weight.size(-1)]), target, {
      linearBias: bias?.reshape(shape),
      weight: this.weight,
      reduction: this.reduction,
      ignoreIndex: this.ignoreIndex,
      labelSmoothing: this.labelSmoothing,
    });
  }
  override extraRepr(): string {
    const { numClasses, outFeatures, reduction, ignoreIndex, labelSmoothing, linear } = this;
    const smoothing = Number.isInteger(labelSmoothing) ? `${labelSmoothing}.0` : labelSmoothing;
    return (
      `in_features=${linear.weight.size(1)}, num_classes=${numClasses}, ` +
      `out_features=${pyValue(outFeatures)}, bias=${pyValue(linear.bias !== undefined)}, ` +
      `reduction=${reduction}, ignore_index=${pyValue(ignoreIndex)}, ` +
      `label_smoothing=${smoothing}, options=None`
    );
  }
}
