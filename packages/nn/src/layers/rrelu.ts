// Leaky ReLU with drawn slopes.
import type { Tensor } from "@tead/tensor";
import { type RReLUOptions, rrelu } from "../functional/rrelu.ts";
import { pyFloat } from "../module/describe.ts";
import { Module } from "../module/module.ts";
import { applied, describeInPlace, type InPlaceOption } from "./in-place.ts";

/** Options of {@link RReLU}. */
export interface RReLULayerOptions extends RReLUOptions, InPlaceOption {}

/**
 * y = x where x > 0, else a x, with a drawn for each element from [lower, upper) in training, and
 * (lower + upper) / 2 in evaluation. The slopes are PyTorch's for the same seed.
 *
 * **Shapes**: `input [...]`, the output alike.
 *
 * @param options - `lower` (1/8 unless said), `upper` (1/3 unless said), `inplace`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RReLU.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { RReLU } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const layer = new RReLU({ lower: 0.5, upper: 0.5 });
 * assert.deepEqual(layer.forward(tensor([-4, 2]).float()).tolistSync(), [-2, 2]);
 */
export class RReLU extends Module {
  readonly lower: number;
  readonly upper: number;
  readonly inplace: boolean;

  constructor({ lower = 1 / 8, upper = 1 / 3, inplace = false }: RReLULayerOptions = {}) {
    super();
    this.lower = lower;
    this.upper = upper;
    this.inplace = inplace;
  }
  override forward(input: Tensor): Tensor {
    const { lower, upper, training } = this;
    return applied(input, this.inplace, (x) => rrelu(x, { lower, upper, training }));
  }
  override extraRepr(): string {
    return describeInPlace(
      `lower=${pyFloat(this.lower)}, upper=${pyFloat(this.upper)}`,
      this.inplace,
    );
  }
}
