// Layers that multiply with a matrix, and the one that does nothing.
import { empty, type Tensor } from "@tead/tensor";
import { linear } from "../functional/linear.ts";
import { calculateFanInAndFanOut, kaimingUniform_, uniform_ } from "../init/index.ts";
import { pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { checkSize, type FactoryOptions, factory } from "./factory.ts";

/** Options of {@link Linear}. */
export interface LinearOptions extends FactoryOptions {
  /** Whether to add a bias. Default true. */
  readonly bias?: boolean;
}

/**
 * y = x W^T + b
 *
 * **Shapes**: `input [..., inFeatures] -> [..., outFeatures]`, `weight [outFeatures, inFeatures]`,
 * `bias [outFeatures]`.
 *
 * The dtype of the input is that of the weight. Weight and bias begin uniform in
 * ±1/sqrt(inFeatures).
 *
 * @param inFeatures - The size of the input's last dim.
 * @param outFeatures - The size of the output's last dim.
 * @param options - `bias`, `device`, `dtype`.
 * @throws RangeError if a size is no integer of at least 0.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const layer = new Linear(20, 30);
 * assert.deepEqual(layer.forward(ones([128, 20])).shape, [128, 30]);
 * assert.equal(String(layer), "Linear(in_features=20, out_features=30, bias=True)");
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | undefined;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    checkSize("Linear", "inFeatures", inFeatures);
    checkSize("Linear", "outFeatures", outFeatures);
    const { bias = true } = options;
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(empty([outFeatures, inFeatures], factory(options)));
    this.bias = bias ? new Parameter(empty([outFeatures], factory(options))) : undefined;
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    resetWeightAndBias(this.weight, this.bias);
  }
  override forward(input: Tensor): Tensor {
    return linear(input, this.weight, this.bias);
  }
  override extraRepr(): string {
    const bias = pyValue(this.bias !== undefined);
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${bias}`;
  }
}

/**
 * PyTorch's default for linear layers and convolutions: both uniform in ±1/sqrt(fanIn), the weight
 * first.
 */
export function resetWeightAndBias(weight: Tensor, bias: Tensor | undefined): void {
  kaimingUniform_(weight, { a: Math.sqrt(5) });
  if (bias === undefined) return;
  const { fanIn } = calculateFanInAndFanOut(weight);
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  if (fanIn > 0) uniform_(bias, -bound, bound);
}

/**
 * Gives its input as it is. Whatever it is constructed with is ignored, so that it can take another
 * layer's place.
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Identity } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([2]);
 * assert.equal(new Identity("anything").forward(x), x);
 */
export class Identity extends Module {
  constructor(..._ignored: readonly unknown[]) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return input;
  }
}
