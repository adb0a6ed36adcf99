// The layer of two inputs and a learned form.
import { empty, type Tensor } from "@tead/tensor";
import { bilinear } from "../functional/bilinear.ts";
import { uniform_ } from "../init/index.ts";
import { pyValue } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { checkSize, type FactoryOptions, factory } from "./factory.ts";

/** Options of {@link Bilinear}. */
export interface BilinearOptions extends FactoryOptions {
  /** Whether to add a bias. Default true. */
  readonly bias?: boolean;
}

/**
 * y_k = x1^T A_k x2 + b_k
 *
 * **Shapes**: `x1 [..., in1Features]`, `x2 [..., in2Features] -> [..., outFeatures]`;
 * `weight [outFeatures, in1Features, in2Features]`, `bias [outFeatures]`. Both begin uniform in
 * ±1/sqrt(in1Features).
 *
 * @param in1Features - The size of the first input's last dim.
 * @param in2Features - The size of the second input's last dim.
 * @param outFeatures - The size of the output's last dim.
 * @param options - `bias`, `device`, `dtype`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Bilinear.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Bilinear } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new Bilinear(20, 30, 40);
 * assert.deepEqual(layer.forward(ones([8, 20]), ones([8, 30])).shape, [8, 40]);
 */
export class Bilinear extends Module<[x1: Tensor, x2: Tensor]> {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | undefined;

  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    options: BilinearOptions = {},
  ) {
    super();
    checkSize("Bilinear", "in1Features", in1Features, 1);
    checkSize("Bilinear", "in2Features", in2Features, 1);
    checkSize("Bilinear", "outFeatures", outFeatures, 1);
    const { bias = true } = options;
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    const shape = [outFeatures, in1Features, in2Features];
    this.weight = new Parameter(empty(shape, factory(options)));
    this.bias = bias ? new Parameter(empty([outFeatures], factory(options))) : undefined;
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    uniform_(this.weight, -bound, bound);
    if (this.bias !== undefined) uniform_(this.bias, -bound, bound);
  }
  override forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, this.bias);
  }
  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures, bias } = this;
    return (
      `in1_features=${in1Features}, in2_features=${in2Features}, ` +
      `out_features=${outFeatures}, bias=${pyValue(bias !== undefined)}`
    );
  }
}
